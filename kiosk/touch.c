/* Answers at the touchscreen: like messages, they wait for the commit of what they tell. */
#include "kiosk/internal.h"

#include <stdlib.h>

struct answer {
	char id[MQTT_CORRELATION_TEXT];
	json_t *reply;
};

void touch_answer(void *node, const char *id, const struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	if (!kiosk->options.touch_reply)
		return;
	struct answer *answer = list_add(&kiosk->answers, sizeof(*answer));
	TEXT_COPY(answer->id, id);
	answer->reply = record_encode(&reply_record_type, reply);
}

static void say(struct kiosk *kiosk, const struct answer *answer)
{
	struct reply_record reply;
	char why[RECORD_WHY_SIZE];
	if (record_decode(&reply_record_type, answer->reply, &reply, why) != 0)
		abort(); /* it is our own */
	kiosk->options.touch_reply(kiosk->options.touch_context, answer->id, &reply);
	record_clear(&reply_record_type, &reply);
}

void touch_settle(struct kiosk *kiosk, bool committed)
{
	struct list answers = kiosk->answers;
	struct answer *answer = answers.items;
	kiosk->answers = (struct list){0};
	for (size_t i = 0; i < answers.n; i++) {
		if (committed)
			say(kiosk, &answer[i]);
		json_decref(answer[i].reply);
	}
	free(answers.items);
}
