/* What managers may ask of the hub. An operation is a file: request_{operation}.c. */
#ifndef LENDLOCK_HUB_REQUEST_H
#define LENDLOCK_HUB_REQUEST_H

#include "lib/requests/request.h"

/* The table of all of them, ended by a NULL name. */
extern const struct operation hub_operations[];

#define HUB_PAGE_DEFAULT 50
#define HUB_PAGE_MAX     200 /* rows in one reply; it must fit into one message */

/* The page size that a query asked for. */
int64_t hub_request_limit(const struct request *request);
/* The number in a cursor that is one; 0: from the start. */
int64_t hub_request_position(const struct request *request);

typedef void hub_request_handler(void *node, struct request *request, struct reply_record *reply);

/* Acts: each logs an event, or changes the one table of persons. */
hub_request_handler hub_request_item_register;
hub_request_handler hub_request_item_change;
hub_request_handler hub_request_item_withdraw;
hub_request_handler hub_request_item_move;
hub_request_handler hub_request_renter_set;
hub_request_handler hub_request_renter_block;
hub_request_handler hub_request_renter_erase;
hub_request_handler hub_request_kiosk_adopt;
hub_request_handler hub_request_bank_remove;
hub_request_handler hub_request_alert_clear;
hub_request_handler hub_request_dead_letters_replay;
hub_request_handler hub_request_dead_letter_dismiss;

/* Queries. */
hub_request_handler hub_request_items;
hub_request_handler hub_request_item;
hub_request_handler hub_request_catalogue;
hub_request_handler hub_request_banks;
hub_request_handler hub_request_rentals;
hub_request_handler hub_request_attention;
hub_request_handler hub_request_dead_letters;

#endif
