/*
 * Full examples: every field of a record, with a value that could be true. The values stand in one
 * table by the field's name, or by record and field where that says more; a field that is missing
 * in it stops the generator, so that a new field gets its example.
 */
#include "schemas/generator/generator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RENTAL  "\"01a2040e-5a10-7c3e-9a51-6f0d7e21b4c8\""
#define PAYMENT "\"01a2040e-9b42-7f10-8c3d-52a1e0c9d7f3\""
#define EPOCH   "\"019f7c11-0e20-7b4a-b1d2-7a41c5e0d901\""

/* JSON text; "null": this record's example has no such field. The first that fits counts. */
static const struct {
	const char *field, *json;
} values[] = {
	{"event_record.id", "\"01a20441-2c50-7a90-8d61-3b7a92c4e015\""},
	{"event_record.clock", "\"unsure\""},
	{"event_record.type", "\"\""}, /* by its kind */
	{"event_record.subject", "\"\""},
	{"ack_record.event", "\"01a20441-2c50-7a90-8d61-3b7a92c4e015\""},
	{"catalogue_record.withdrawn", "null"}, /* it would be all that matters */
	{"rental_record.state", "\"rented\""},
	{"rental_record.item_state", "\"rented\""},
	{"rental_record.reason", "\"no-door\""},
	{"rental_record.expires_at", "null"}, /* not while it is out */
	{"rental_record.ended_at", "null"},
	{"payment_record.state", "\"captured\""},
	{"payment_record.reason", "\"approved\""},
	{"item_record.state", "\"blocked\""},
	{"item_record.reason", "\"the bit is missing\""},
	{"alert_record.cleared", "true"},
	{"kiosk_status_record.state", "\"online\""},
	{"hub_status_record.state", "\"online\""},
	{"payment_status_record.state", "\"online\""},
	{"payment_status_record.payments", "\"closed\""},
	{"view_item_record.state", "\"rented\""},
	{"view_item_record.reason", "\"scratched\""},
	{"view_item_record.name", "\"Mina Kang\""},
	{"bank_record.items", "8"},
	{"bank_record.rented", "1"},
	{"reply_record.operation", "\"open\""},
	{"reply_record.code", "\"busy\""},
	{"reply_record.message", "\"door 3 stands open; close it first\""},
	{"reply_record.id", "\"01a20440-7e08-7d12-b0f4-90ab3c5d6e7f\""},
	{"dead_letter_record.reason", "\"data.state: not one of those possible\""},
	{"attention_record.message", "\"the door did not open\""},
	{"attention_record.subject", "\"door-jammed:3\""},
	{"history_record.type", "\"lendlock.rental.rented\""},
	{"history_record.source", "\"/lendlock/town/kiosk/library\""},
	{"desired_record.blocked", "[\"6d1f0c2ab8e94d5790a3e4c7f2b18d05\"]"},
	/* requests: what is asked for one at a time */
	{"open.code", "null"},
	{"return.code", "null"},
	{"inspect.reason", "\"a new bit is in\""},
	{"inspect.fit", "true"},
	{"inspect.taken", "null"},
	{"block.reason", "\"the bit is missing\""},
	{"resolve.reason", "\"found at the desk\""},
	{"settle.outcome", "\"voided\""},
	{"settle.reason", "\"not in the statement of the bank\""},
	{"settle.user", "\"boss\""},
	{"settle-payment.outcome", "\"voided\""},
	{"settle-payment.reason", "\"not in the statement of the bank\""},
	{"refund-payment.reason", "\"nothing was in there\""},
	{"item-withdraw.reason", "\"worn out\""},
	{"renter-block.blocked", "true"},
	{"items.state", "\"rented\""},
	{"items.sort", "\"title\""},
	{"items.cursor", "\"drill-18v\""},
	{"rentals.state", "\"overdue\""},
	{"rentals.sort", "\"newest\""},
	{"rentals.cursor", RENTAL},
	{"item.cursor", "\"4000\""},
	{"banks.cursor", "\"library\""},
	{"dead-letters.cursor", "\"100\""},
	{"kiosk-adopt.epoch", EPOCH},
	{"content_record.compartment", "3"},

	{"acked", "4711"},
	{"action", "\"open\""},
	{"alert", "\"door-jammed:3\""},
	{"amount", "5000"},
	{"attention", "1"},
	{"available", "6"},
	{"banks", "2"},
	{"breaker", "\"open\""},
	{"by", "\"mina\""},
	{"category", "\"tools\""},
	{"claimed_epoch", "\"01a1ff00-4d10-7e21-9b3c-0d5f7a8b9c0d\""},
	{"clock_stopped", "true"},
	{"clock_sure", "true"},
	{"code", "\"40718263\""},
	{"compartment", "3"},
	{"contact", "\"+82 2 555 0142\""},
	{"count", "1"},
	{"currency", "\"KRW\""},
	{"description", "\"18 V, two batteries, charger, a set of bits.\""},
	{"due_at", "\"2026-11-24T17:31:05.000000Z\""},
	{"ended_at", "\"2026-11-23T09:12:40.000000Z\""},
	{"epoch", EPOCH},
	{"expires_at", "\"2026-11-22T17:29:27.000000Z\""},
	{"extend", "900"},
	{"free", "true"},
	{"generation", "1"},
	{"hold", "900"},
	{"hold_max", "3600"},
	{"hub", "\"019f7c00-1a2b-7c3d-8e4f-5a6b7c8d9e0f\""},
	{"inspect", "true"},
	{"item", "\"drill-18v\""},
	{"kind", "\"door-jammed\""},
	{"kiosk", "\"library\""},
	{"lease", "\"01a20301-9a8b-7c6d-8e5f-405162738495\""},
	{"ledger", "\"till\""},
	{"lending", "true"},
	{"limit", "100"},
	{"link", "\"online\""},
	{"link_since", "\"2026-11-22T06:00:12.000000Z\""},
	{"lost", "1209600"},
	{"managers", "[\"boss\"]"},
	{"message", "\"it was pulsed and never opened\""},
	{"method", "\"tok_5Ky8\""},
	{"move", "\"01a20305-7c6d-7e5f-8041-526374859607\""},
	{"moving", "\"station\""},
	{"name", "\"Mina Kang\""},
	{"next", "\"drill-18v\""},
	{"outcome", "\"close-refund\""},
	{"past_acked", "815"},
	{"past_epoch", "\"01a1ff00-4d10-7e21-9b3c-0d5f7a8b9c0d\""},
	{"payment", PAYMENT},
	{"payments", "\"open\""},
	{"period", "172800"},
	{"pickup", "7200"},
	{"pickup_code", "\"40718263\""},
	{"position", "17"},
	{"problem", "\"empty\""},
	{"received_at", "\"2026-11-22T17:29:17.250000Z\""},
	{"rental", RENTAL},
	{"rentals_max", "3"},
	{"renter", "\"9b1c5e20f7a84d6391e0c2b7d4a5f863\""},
	{"renter_key", "\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\""},
	{"replayed", "true"},
	{"report_within", "300"},
	{"reserved_at", "\"2026-11-22T17:25:02.118203Z\""},
	{"retired", "\"019e0000-aaaa-7bbb-8ccc-0123456789ab\""},
	{"retry_after", "2000"},
	{"return_code", "\"95102736\""},
	{"revision", "42"},
	{"search", "\"drill\""},
	{"seq", "4711"},
	{"sequence", "\"00000000000000004711\""},
	{"session", "\"01a2043f-0c0d-7e0f-9a1b-2c3d4e5f6a7b\""},
	{"since", "\"2026-11-22T17:29:17.250000Z\""},
	{"size", "812"},
	{"source", "\"/lendlock/town/kiosk/library\""},
	{"specversion", "\"1.0\""},
	{"taken", "true"},
	{"taken_at", "\"2026-11-22T17:30:41.902117Z\""},
	{"time", "\"2026-11-22T17:29:17.123456Z\""},
	{"title", "\"Cordless drill\""},
	{"user", "\"mina\""},
	{"version", "\"0.1.0\""},
	{"what", "\"alert\""},
	{"works", "true"},
};

static const char *const event_facts[EVENT_KINDS] = {
	[EVENT_RENTAL] = "rented",
	[EVENT_PAYMENT] = "captured",
	[EVENT_ITEM] = "blocked",
	[EVENT_ALERT] = "cleared",
	[EVENT_SNAPSHOT] = "taken",
	[EVENT_CATALOGUE] = "registered",
	[EVENT_ADOPTED] = "approved",
	[EVENT_PRUNED] = "view",
	[EVENT_BANK] = "removed",
};

static const char *find_value(const struct record_type *type, const char *field)
{
	char path[128];
	snprintf(path, sizeof(path), "%s.%s", type->name, field);
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		if (strcmp(values[i].field, path) == 0 || strcmp(values[i].field, field) == 0)
			return values[i].json;
	fprintf(stderr, "lendlock-schemas: no example for %s in example.c\n", path);
	exit(1);
}

static json_t *record_example(const struct record_type *type);

static json_t *value_example(const struct record_type *type, const struct field *field)
{
	switch (field->type) {
	case FIELD_RECORD:
		return record_example(field->record);
	case FIELD_LIST:
		return json_pack("[o]", record_example(field->record));
	case FIELD_JSON: /* of an event in an item's history */
		return record_example(&rental_record_type);
	default:
		return json_loads(find_value(type, field->name), JSON_DECODE_ANY, NULL);
	}
}

static void add_fields(const struct record_type *type, json_t *ret)
{
	for (const struct field *field = type->fields; field->name; field++) {
		if (field->type == FIELD_EMBED) {
			add_fields(field->record, ret);
			continue;
		}
		json_t *value = value_example(type, field);
		if (!value)
			abort(); /* what stands in the table is no JSON */
		if (json_is_null(value))
			json_decref(value);
		else
			json_object_set_new(ret, field->name, value);
	}
}

static json_t *record_example(const struct record_type *type)
{
	json_t *example = json_object();
	add_fields(type, example);
	return example;
}

static const char *subject_of(enum event_kind kind, const json_t *data)
{
	const char *field = kind == EVENT_PAYMENT ? "payment"
			    : kind == EVENT_ALERT ? "alert"
						  : "item";
	const char *subject = json_string_value(json_object_get(data, field));
	return subject ? subject : "";
}

static json_t *event_example(enum event_kind kind)
{
	char type[64];
	snprintf(type, sizeof(type), "lendlock.%s.%s", event_kind_names[kind], event_facts[kind]);
	json_t *event = record_example(&event_record_type);
	json_t *data = record_example(event_data_type(kind));
	const char *subject = subject_of(kind, data);
	json_object_set_new(event, "type", json_string(type));
	if (*subject)
		json_object_set_new(event, "subject", json_string(subject));
	else
		json_object_del(event, "subject");
	json_object_set_new(event, "data", data);
	return event;
}

json_t *message_example(const struct message *message)
{
	return message->event == EVENT_OTHER ? record_example(message->type)
					     : event_example(message->event);
}
