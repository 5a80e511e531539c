#include "lib/ports/no_delay.h"

#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

/* Of no effect on what is no such socket. Should the descriptor have become another one meanwhile,
 * then one more connection of ours is quick. */
static void no_delay(int fd)
{
	int on = 1;
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);
	if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0 &&
		(peer.ss_family == AF_INET || peer.ss_family == AF_INET6))
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

void no_delay_everywhere(void)
{
	DIR *open = opendir("/proc/self/fd");
	if (!open)
		return; /* then it is slower */
	for (struct dirent *entry; (entry = readdir(open));)
		if (entry->d_name[0] != '.')
			no_delay((int)strtol(entry->d_name, NULL, 10));
	closedir(open);
}
