#include "hub/rows.h"

#define FIELD(member, kind, flag, ...)                                                           \
	{                                                                                        \
		.name = #member, .type = kind, .flags = flag,                                    \
		.offset = offsetof(struct OF, member), .size = sizeof(((struct OF *)0)->member), \
		__VA_ARGS__                                                                      \
	}
#define TEXT(member, flag) FIELD(member, FIELD_TEXT, flag, .min = 0)
#define COUNT(member)      FIELD(member, FIELD_INTEGER, 0, .max = INTEGER_MAX)
#define TIME(member)       FIELD(member, FIELD_TIME, 0, .min = 0)
#define BOOLEAN(member)    FIELD(member, FIELD_BOOLEAN, 0, .min = 0)
#define CHOICE(member, of) FIELD(member, FIELD_CHOICE, 0, .names = of)
#define EMBED(member)      FIELD(member, FIELD_EMBED, 0, .record = &member##_record_type)
#define TYPE(id, said)                               \
	const struct record_type hub_##id##_type = { \
		.name = #id, .about = said, .fields = id##_fields, .size = sizeof(struct id)}

#define OF item_row
static const struct field item_row_fields[] = {EMBED(item), TEXT(kiosk, 0),
	CHOICE(said, item_state_names), TEXT(rental, 0), TIME(changed), TEXT(epoch, 0), COUNT(seq),
	{0}};
TYPE(item_row, "An item of the view.");
#undef OF

#define OF rental_row
static const struct field rental_row_fields[] = {
	EMBED(rental), TEXT(kiosk, FIELD_FIXED), TIME(changed), TEXT(epoch, 0), COUNT(seq), {0}};
TYPE(rental_row, "A rental of the view.");
#undef OF

#define OF payment_row
static const struct field payment_row_fields[] = {
	EMBED(payment), TEXT(kiosk, FIELD_FIXED), TIME(changed), TEXT(epoch, 0), COUNT(seq), {0}};
TYPE(payment_row, "A payment of the view.");
#undef OF

#define OF alert_row
static const struct field alert_row_fields[] = {EMBED(alert),
	FIELD(own, FIELD_BOOLEAN, FIELD_KEY, .min = 0), TEXT(kiosk, FIELD_KEY), TIME(changed),
	TEXT(epoch, 0), COUNT(seq), {0}};
TYPE(alert_row, "An alert of the view that is not cleared.");
#undef OF

#define OF bank_row
static const struct field bank_row_fields[] = {TEXT(kiosk, FIELD_KEY), TEXT(epoch, 0), COUNT(seq),
	TEXT(event, 0), COUNT(pruned), COUNT(lost), TEXT(claimed, 0), COUNT(revision),
	TEXT(content, 0), COUNT(handover), CHOICE(link, link_state_names), TIME(link_since),
	TEXT(session, 0), BOOLEAN(lending), CHOICE(payments, payments_state_names),
	COUNT(applied_generation), COUNT(applied_revision), {0}};
TYPE(bank_row, "A kiosk, as the hub knows it.");
#undef OF

#define OF retired_row
static const struct field retired_row_fields[] = {
	TEXT(epoch, FIELD_KEY), TEXT(kiosk, FIELD_KEY), COUNT(seq), TEXT(event, 0), {0}};
TYPE(retired_row, "An epoch that is valid no longer.");
#undef OF

#define OF node_row
static const struct field node_row_fields[] = {
	FIELD(node, FIELD_INTEGER, FIELD_KEY, .min = 1, .max = 1), TEXT(site, 0), TIME(elapsed),
	TIME(wall), TEXT(hub, 0), COUNT(generation), TEXT(renter_key, 0), COUNT(seq),
	COUNT(snapshot), COUNT(letters_dropped), {0}};
TYPE(node_row, "The hub.");
#undef OF
