/* A bank whose database is an old copy, or that another board was swapped for: it waits, is
 * adopted, is handed what the hub knows, and a person says what lies behind its doors. */
#ifndef LENDLOCK_TESTS_KIOSK_ADOPTED_H
#define LENDLOCK_TESTS_KIOSK_ADOPTED_H

#include "tests/kiosk/bank.h"

#define ACKS   "lendlock/v1/town/kiosk/library/ack"
#define STATUS "lendlock/v1/town/kiosk/library/status"
#define OTHER  "01936a00-0000-7000-8000-0000000000ee" /* an epoch that is not this bank's */

/* The epoch that the bank shows by now, into bank->epoch. */
void read_epoch(struct bank *bank);
/* Another board has spoken under its name: it waits to be adopted. */
void wait_for_adoption(struct bank *bank);
/* The hub has heard everything, and more than this database made: it waits to be adopted. */
void fork_off(struct bank *bank);
/* The hub says how far it has heard an epoch. */
void ack_epoch(struct bank *bank, const char *epoch, int seq);
/* The drill is out when the bank is adopted; nobody has confirmed what lies where. */
void adopt_with_the_drill_out(struct bank *bank, char *ret_rental);

/* What bank_desire(bank, hand_over) hands over, once; it takes the references. record_of() makes
 * both: a rental of the drill by Mina that is new to the bank, and its payment of 3000, authorized.
 */
extern json_t *handed_rental, *handed_payment;
#define RENTAL rental_handed
#define MONEY  payment_handed
extern char rental_handed[UUID_SIZE], payment_handed[UUID_SIZE];
json_t *record_of(const char *state, const char *item_state);
void set_time(json_t *record, const char *key, struct bank *bank, usec from_now);
void hand_over(json_t *desired);
/* The hub knows that this one is out, and due in a day. */
void hand_over_rented(struct bank *bank, const char *rental);
/* The hub knows that this one is over, and nothing of its money. */
void hand_over_ended(struct bank *bank, const char *rental, const char *state);

/* Arguments of confirm-bank: an array as for json_pack. */
json_t *contents(const char *format, ...);
/* Everything lies where it was stocked; or so, but for the drill. The code of the reply. */
const char *confirm_all(struct bank *bank);
const char *confirm_without_drill(struct bank *bank);

#endif
