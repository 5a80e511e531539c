/* Conditions that partial indexes and queries share, word for word, or the index does not serve. A
 * chain of <> rather than NOT IN: SQLite makes a temporary table for such a list, at each row that
 * it indexes. */
#ifndef LENDLOCK_HUB_CONDITIONS_H
#define LENDLOCK_HUB_CONDITIONS_H

/* A rental that is not final, and a payment; and the contrary of each. */
#define HUB_OPEN_RENTAL                                                                     \
	"state<>'returned' AND state<>'cancelled' AND state<>'expired' AND state<>'failed'" \
	" AND state<>'resolved'"
#define HUB_FINAL_RENTAL                                                              \
	"(state='returned' OR state='cancelled' OR state='expired' OR state='failed'" \
	" OR state='resolved')"
#define HUB_FINAL_PAYMENT \
	"(state='declined' OR state='captured' OR state='voided' OR state='refunded')"
#define HUB_OPEN_PAYMENT \
	"state<>'declined' AND state<>'captured' AND state<>'voided' AND state<>'refunded'"

#endif
