/* Nagle's algorithm (RFC 896) off, for sockets that a library has made and does not hand out. */
#ifndef LENDLOCK_PORTS_NO_DELAY_H
#define LENDLOCK_PORTS_NO_DELAY_H

/* Sets TCP_NODELAY on all connected TCP sockets of this process. Paho leaves it off, and so a message
 * that follows a PUBACK waits for the peer's delayed acknowledgement: 40 ms for every hop. */
void no_delay_everywhere(void);

#endif
