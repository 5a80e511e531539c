/* The operations that a bank offers: one table, one file each. topics.md describes them. */
#ifndef LENDLOCK_KIOSK_REQUEST_H
#define LENDLOCK_KIOSK_REQUEST_H

#include "lib/requests/request.h"

extern const struct operation kiosk_operations[]; /* ended by a NULL name */

#define REQUEST_TTL MINUTE        /* how far ahead expires_at may lie */
#define DOOR_TTL    (10 * SECOND) /* ... for what opens a door */

/* One handler a file: request_{operation}.c. node is the struct kiosk. */
typedef void request_handler(void *node, struct request *request, struct reply_record *reply);
typedef bool request_settler(
	void *node, const char *user, const char *subject, struct reply_record *reply);

request_handler request_reserve, request_extend, request_cancel, request_pay,
	request_cancel_payment, request_open, request_give_up, request_report, request_return,
	request_confirm, request_show, request_list, request_hand_over, request_stock,
	request_collect, request_inspect, request_block, request_resolve, request_repair,
	request_confirm_bank, request_settle_payment, request_refund_payment, request_simulate;
request_settler settle_pay, settle_cancel_payment, settle_open, settle_return,
	settle_settle_payment;

#endif
