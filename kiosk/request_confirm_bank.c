/* confirm-bank: after an adoption a person says what lies behind each door; then the bank lends
 * again. */
#include "kiosk/internal.h"
#include "kiosk/request.h"

#include <string.h>

/* Each door and each item once, and all of them known. */
static bool is_sound(struct kiosk *kiosk, const struct list *contents, struct reply_record *reply)
{
	const struct content_record *content = contents->items;
	struct item_row item;
	for (size_t i = 0; i < contents->n; i++) {
		bool known = content[i].item[0] == '\0' ||
			     store_item_read(kiosk->database, content[i].item, &item);
		if (content[i].compartment > doors_count(kiosk->doors) || !known) {
			reply_set(reply, REPLY_NOT_FOUND, "no such door or item: %lld %s",
				(long long)content[i].compartment, content[i].item);
			return false;
		}
		for (size_t j = 0; j < i; j++)
			if (content[j].compartment == content[i].compartment ||
				(content[i].item[0] &&
					strcmp(content[j].item, content[i].item) == 0)) {
				reply_set(reply, REPLY_MALFORMED, "door %lld or %s is named twice",
					(long long)content[i].compartment, content[i].item);
				return false;
			}
	}
	return true;
}

void request_confirm_bank(void *node, struct request *request, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	if (kiosk->node.mode != MODE_CONFIRMING) {
		reply_set(reply, REPLY_WRONG_STATE, "this bank is %s",
			kiosk_mode_names[kiosk->node.mode]);
		return;
	}
	if (store_openings(kiosk->database)) {
		reply_set(reply, REPLY_BUSY,
			"a door is being opened, or stands open; close it first");
		reply->retry_after = 5000;
		return;
	}
	if (!is_sound(kiosk, &request->args.compartments, reply))
		return;
	confirmation_take(kiosk, &request->args.compartments, request_by(kiosk, request));
	reply_set(reply, REPLY_OK, "the bank lends again");
}
