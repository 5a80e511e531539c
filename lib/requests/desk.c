#include "lib/requests/desk.h"

#include "lib/base/log.h"

#include <stdlib.h>
#include <string.h>

#define REPLY_EXPIRY 60 /* s: whoever asked has given up by then */

static void send_reply(
	struct desk *desk, const char *user, const char *id, const char *json, size_t size)
{
	struct topic topic = desk->reply_topic;
	TEXT_COPY(topic.user, user);
	const struct outgoing_options options = {
		.qos = 1, .expiry = REPLY_EXPIRY, .correlation = id[0] ? id : NULL};
	outgoing_add_text(desk->outgoing, &topic, json, size, "application/json", &options);
}

/* Says a reply by MQTT or at the touchscreen; returns its JSON text for the store. */
static char *say(struct desk *desk, const char *user, const char *id, enum entrance entrance,
	const struct reply_record *reply, bool now)
{
	size_t size;
	char *text = record_write(&reply_record_type, reply, &size);
	if (entrance == ENTRANCE_MQTT && now)
		send_reply(desk, user, id, text, size);
	else if (entrance != ENTRANCE_MQTT && desk->touch_reply)
		desk->touch_reply(desk->node, id, reply);
	return text;
}

static void name_reply(struct reply_record *reply, const char *id, const char *operation)
{
	TEXT_COPY(reply->id, id);
	TEXT_COPY(reply->operation, operation);
}

/* Answers without a trace in the store. */
static int refuse_for(struct desk *desk, const struct request *request, enum reply_code code,
	const char *why, usec wait)
{
	struct reply_record reply = {.code = (int)code, .retry_after = (wait + MSEC - 1) / MSEC};
	name_reply(&reply, request->id, request->operation ? request->operation->name : "");
	TEXT_COPY(reply.message, why);
	desk->begin(desk->node);
	free(say(desk, request->user, request->id, request->entrance, &reply, true));
	return desk->end(desk->node);
}

static int refuse(
	struct desk *desk, const struct request *request, enum reply_code code, const char *why)
{
	return refuse_for(desk, request, code, why, 0);
}

/* A request that came before. True if it did, and is answered or will be. */
static bool repeat(struct desk *desk, const struct request *request, int *ret_result)
{
	struct query *query = database_query(desk->database,
		"SELECT hash, reply, reply IS NULL, operation FROM request WHERE user=? AND id=?",
		"tt", request->user, request->id);
	if (!query_next(query))
		return false;
	bool same = strcmp(query_text(query, 0), request->hash) == 0 &&
		    strcmp(query_text(query, 3), request->operation->name) == 0;
	bool unfinished = query_int(query, 2) != 0;
	char *reply = strdup(query_text(query, 1));
	query_end(query);
	if (!reply)
		abort();

	*ret_result = 0;
	if (!same) {
		*ret_result = refuse(
			desk, request, REPLY_CONFLICT, "this id came before for something else");
	} else if (!unfinished && request->entrance == ENTRANCE_MQTT) {
		desk->begin(desk->node);
		send_reply(desk, request->user, request->id, reply, strlen(reply));
		*ret_result = desk->end(desk->node);
	}
	free(reply);
	return true;
}

static bool has_room(struct desk *desk, const char *user)
{
	int64_t most =
		desk->is_manager(desk->node, user) ? REQUEST_ROWS_A_MANAGER : REQUEST_ROWS_A_USER;
	return database_number(desk->database, 0, "SELECT count(*) FROM request WHERE user=?", "t",
		       user) < most;
}

/* Until the oldest of that user's rows goes; see desk_next_due(). */
static usec wait_for_room(struct desk *desk, const struct request *request)
{
	usec oldest = database_number(desk->database, request->now.elapsed,
		"SELECT min(expires) FROM request WHERE user=?", "t", request->user);
	usec wait = oldest + REQUEST_KEEP + MINUTE - request->now.elapsed;
	return wait < SECOND ? SECOND : wait;
}

static usec row_expires(const struct request *request)
{
	usec left = request->args.expires_at - request->now.wall;
	return request->now.elapsed +
	       (request->entrance == ENTRANCE_MQTT ? left : request->operation->ttl_max);
}

/* The operation itself, its row and its reply, in one transaction. */
static int execute(struct desk *desk, struct request *request)
{
	const struct operation *operation = request->operation;
	struct reply_record reply = {0};
	name_reply(&reply, request->id, operation->name);

	desk->begin(desk->node);
	operation->handle(desk->node, request, &reply);
	char *text = reply.code == REPLY_NONE ? NULL
					      : say(desk, request->user, request->id,
							request->entrance, &reply, true);
	if (!operation->query)
		database_run(desk->database,
			"INSERT INTO request(user, id, hash, operation, entrance, subject, expires,"
			" reply) VALUES(?,?,?,?,?,?,?,?)",
			"ttttitit", request->user, request->id, request->hash, operation->name,
			(int64_t)request->entrance, request->subject, row_expires(request), text);
	free(text);
	record_clear(&reply_record_type, &reply);
	return desk->end(desk->node);
}

static int answer(struct desk *desk, struct request *request)
{
	int result;
	if (!request->operation->query && repeat(desk, request, &result))
		return result;
	if (request->operation->manager && !desk->is_manager(desk->node, request->user))
		return refuse(desk, request, REPLY_FORBIDDEN, "for managers only");
	if (!request->operation->query && !has_room(desk, request->user))
		return refuse_for(desk, request, REPLY_BUSY,
			"too many requests; wait for some to age", wait_for_room(desk, request));
	return execute(desk, request);
}

int desk_take(struct desk *desk, const struct topic *topic, const struct mqtt_message *message,
	struct now now)
{
	if (message->retain) {
		log_warning("request: a retained one from %s is dropped", topic->user);
		return 0;
	}
	struct topic reply_topic = desk->reply_topic;
	TEXT_COPY(reply_topic.user, topic->user);
	char reply_text[MQTT_TOPIC_MAX], why[RECORD_WHY_SIZE];
	topic_format(&reply_topic, reply_text);

	struct request request;
	enum reply_code code =
		request_read(desk->operations, topic, message, reply_text, now, &request, why);
	int result;
	/* A repeat of what was done in time is answered from the store even when it is late, or
	 * when the time is not known any more: those refusals would say that it was not done. */
	bool timing = code == REPLY_EXPIRED || code == REPLY_CLOCK;
	if (timing && !request.operation->query && repeat(desk, &request, &result))
		;
	else if (code != REPLY_NONE)
		result = refuse(desk, &request, code, why);
	else
		result = answer(desk, &request);
	request_clear(&request);
	return result;
}

int desk_touch(struct desk *desk, const char *user, const char *operation, const char *id,
	const json_t *args, struct now now)
{
	struct request request;
	char why[RECORD_WHY_SIZE];
	enum reply_code code =
		request_read_touch(desk->operations, user, operation, id, args, now, &request, why);
	int result =
		code != REPLY_NONE ? refuse(desk, &request, code, why) : answer(desk, &request);
	request_clear(&request);
	return result;
}

/* --- deferred replies ------------------------------------------------------------------------ */

struct unfinished {
	char user[NAME_SIZE];
	char id[MQTT_CORRELATION_TEXT];
	char operation[NAME_SIZE];
	char subject[UUID_SIZE];
	enum entrance entrance;
};

static void read_unfinished(struct query *query, struct unfinished *ret)
{
	TEXT_COPY(ret->user, query_text(query, 0));
	TEXT_COPY(ret->id, query_text(query, 1));
	TEXT_COPY(ret->operation, query_text(query, 2));
	TEXT_COPY(ret->subject, query_text(query, 3));
	ret->entrance = (enum entrance)query_int(query, 4);
}

#define UNFINISHED_COLUMNS "SELECT user, id, operation, subject, entrance FROM request "

static void finish(struct desk *desk, const struct unfinished *row, struct reply_record *reply)
{
	name_reply(reply, row->id, row->operation);
	bool later = row->entrance == ENTRANCE_MQTT && !desk->online;
	char *text = say(desk, row->user, row->id, row->entrance, reply, !later);
	database_run(desk->database, "UPDATE request SET reply=?, unsaid=? WHERE user=? AND id=?",
		"titt", text, (int64_t)later, row->user, row->id);
	free(text);
}

/* Asks the operation whether its reply is decided; at the end of its time it is, as pending. */
static void settle(struct desk *desk, const struct unfinished *row, bool at_the_end)
{
	const struct operation *operation = operation_find(desk->operations, row->operation);
	struct reply_record reply = {0};
	bool decided = operation && operation->settle &&
		       operation->settle(desk->node, row->user, row->subject, &reply);
	if (!decided && at_the_end)
		reply_set(&reply, REPLY_PENDING, "not decided in time; ask for the rental");
	if (decided || at_the_end)
		finish(desk, row, &reply);
	record_clear(&reply_record_type, &reply);
}

static struct list collect(struct query *query)
{
	struct list rows = {0};
	while (query_next(query))
		read_unfinished(query, list_add(&rows, sizeof(struct unfinished)));
	return rows;
}

static void settle_all(struct desk *desk, struct list *rows, bool at_the_end)
{
	const struct unfinished *row = rows->items;
	for (size_t i = 0; i < rows->n; i++)
		settle(desk, &row[i], at_the_end);
	free(rows->items);
}

void desk_settle(struct desk *desk, const char *subject)
{
	struct list rows = collect(database_query(desk->database,
		UNFINISHED_COLUMNS "WHERE subject=? AND reply IS NULL", "t", subject));
	settle_all(desk, &rows, false);
}

void desk_connected(struct desk *desk)
{
	desk->online = true;
	struct query *query = database_query(
		desk->database, "SELECT user, id, reply FROM request WHERE unsaid=1", "");
	bool any = false;
	for (; query_next(query); any = true)
		send_reply(desk, query_text(query, 0), query_text(query, 1), query_text(query, 2),
			strlen(query_text(query, 2)));
	if (any)
		database_run(desk->database, "UPDATE request SET unsaid=0 WHERE unsaid=1", "");
}

void desk_disconnected(struct desk *desk)
{
	desk->online = false;
}

int desk_tick(struct desk *desk, struct now now)
{
	if (desk_next_due(desk) > now.elapsed)
		return 0;
	desk->begin(desk->node);
	struct list rows = collect(database_query(desk->database,
		UNFINISHED_COLUMNS "WHERE expires<=? AND reply IS NULL", "i", now.elapsed));
	settle_all(desk, &rows, true);
	database_run(desk->database, "DELETE FROM request WHERE expires<=? AND reply IS NOT NULL",
		"i", now.elapsed - REQUEST_KEEP);
	return desk->end(desk->node);
}

usec desk_next_due(struct desk *desk)
{
	usec unfinished = database_number(desk->database, USEC_NEVER,
		"SELECT min(expires) FROM request WHERE reply IS NULL HAVING count(*)>0", "");
	/* Old rows go a minute's worth at a time, not each with a commit of its own. */
	usec oldest = database_number(desk->database, USEC_NEVER,
		"SELECT expires FROM request ORDER BY expires LIMIT 1", "");
	usec cleaning = oldest == USEC_NEVER ? USEC_NEVER : oldest + REQUEST_KEEP + MINUTE;
	return usec_min(unfinished, cleaning);
}
