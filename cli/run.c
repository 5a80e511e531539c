/* Commands that ask one thing, or one thing page by page. */
#include "cli/run.h"

#include "lib/wire/records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int run_open(struct run *run)
{
	if (run->asker)
		return EXIT_DONE;
	return asker_open(run->config, &run->asker) == 0 ? EXIT_DONE : EXIT_SILENT;
}

/* --- replies ---------------------------------------------------------------------- */

int run_exit_of(const char *code)
{
	static const char *const later[] = {"busy", "wait", "clock", "payments-closed", NULL};
	if (strcmp(code, "ok") == 0)
		return EXIT_DONE;
	if (strcmp(code, "pending") == 0)
		return EXIT_UNKNOWN;
	return choice_find(later, code) >= 0 ? EXIT_LATER : EXIT_REFUSED;
}

const char *run_text(const json_t *json, const char *name)
{
	const char *text = json_string_value(json_object_get(json, name));
	return text ? text : "";
}

static void print_json(struct run *run, const json_t *json)
{
	char *text = json_write(json, NULL);
	fprintf(run->show.out, "%s\n", text);
	free(text);
}

/* What a refusal says, on standard error. */
static void complain(const json_t *reply)
{
	long long wait = (long long)json_integer_value(json_object_get(reply, "retry_after"));
	char message[RECORD_WHY_SIZE];
	TEXT_COPY(message, run_text(reply, "message"));
	text_mend(message);
	fprintf(stderr, "lendlock: %.32s%s%s", run_text(reply, "code"), message[0] ? ": " : "",
		message);
	if (wait > 0)
		fprintf(stderr, " (again in %lld s)", (wait + 999) / 1000);
	fputc('\n', stderr);
}

static void show_record(struct run *run, const json_t *json, bool fine)
{
	struct reply_record reply;
	char why[RECORD_WHY_SIZE];
	if (record_decode(&reply_record_type, json, &reply, why) != 0) {
		/* A later version's: better shown raw than not at all. */
		print_json(run, json);
		return;
	}
	if (!fine)
		reply.message[0] = '\0';         /* it stands on standard error */
	if (fine && json_object_size(json) == 3) /* id, operation, code */
		fputs("done\n", run->show.out);
	show_reply(&run->show, &reply);
	record_clear(&reply_record_type, &reply);
}

int run_show_reply(struct run *run, const json_t *reply)
{
	int status = run_exit_of(run_text(reply, "code"));
	if (run->line->json)
		print_json(run, reply);
	else
		show_record(run, reply, status == EXIT_DONE);
	if (status != EXIT_DONE)
		complain(reply);
	return status;
}

/* --- questions -------------------------------------------------------------------- */

static bool is_query(const char *operation)
{
	static const char *const queries[] = {"rental", "rentals", "items", "item", "banks",
		"attention", "dead-letters", "catalogue", NULL};
	return choice_find(queries, operation) >= 0;
}

/* Nobody knows what became of it: what the bank says of the rental now, or of all of them. */
static void look(struct run *run, const char *rental)
{
	const struct question question = {.kind = TOPIC_KIOSK_REQUEST,
		.kiosk = run->config->kiosk,
		.operation = rental ? "rental" : "rentals",
		.ttl = ASK_DOOR_TTL};
	json_t *args = rental ? json_pack("{s:s}", "rental", rental) : json_object();
	json_t *reply = asker_ask(run->asker, &question, args);
	json_decref(args);
	if (!reply) {
		fprintf(stderr,
			"lendlock: nor does it answer now: it is off, or %s may not ask it, or "
			"there is no such bank; `lendlock offers` lists them\n",
			run->config->user);
		return;
	}
	fputs("lendlock: this is how it stands now:\n", stderr);
	run_show_reply(run, reply);
	json_decref(reply);
}

static int silence(struct run *run, const struct question *question, const char *rental)
{
	bool kiosk = question->kind == TOPIC_KIOSK_REQUEST;
	const char *who = kiosk ? question->kiosk : "the hub";
	if (is_query(question->operation)) {
		/* The broker drops without a word what a user may not ask. */
		fprintf(stderr, "lendlock: %s does not answer: it is off, or %s may not ask it%s\n",
			who, run->config->user, kiosk ? ", or there is no such bank" : "");
		return EXIT_SILENT;
	}
	fprintf(stderr, "lendlock: outcome unknown: %s did not answer in time\n", who);
	if (kiosk)
		look(run, rental);
	return EXIT_UNKNOWN;
}

int run_question(struct run *run, const struct question *question, json_t *args, json_t **ret_reply)
{
	int status = run_open(run);
	json_t *reply = NULL;
	if (status == EXIT_DONE) {
		reply = asker_ask(run->asker, question, args);
		status = reply ? run_exit_of(run_text(reply, "code"))
			       : silence(run, question,
					 json_string_value(json_object_get(args, "rental")));
	}
	json_decref(args);
	*ret_reply = reply;
	return status;
}

static int question_of(struct run *run, struct question *ret_question)
{
	const struct command *command = run->line->command;
	bool kiosk = command->target == TARGET_KIOSK;
	*ret_question = (struct question){
		.kind = kiosk ? TOPIC_KIOSK_REQUEST : TOPIC_HUB_REQUEST,
		.kiosk = run->config->kiosk,
		.operation = command->operation,
		.ttl = command->opens_door ? ASK_DOOR_TTL : ASK_TTL,
	};
	if (!kiosk || run->config->kiosk[0])
		return EXIT_DONE;
	fprintf(stderr,
		"lendlock: %s: --kiosk is missing: which bank; `lendlock offers` lists them\n",
		command->words);
	return EXIT_USAGE;
}

/* The request that the line means. */
static int read_line(struct run *run, struct question *ret_question, json_t **ret_args)
{
	char why[ARGUMENTS_WHY_SIZE];
	int status = question_of(run, ret_question);
	if (status != EXIT_DONE)
		return status;
	*ret_args = arguments_json(run->line, run->config->kiosk, why);
	if (*ret_args)
		return EXIT_DONE;
	fprintf(stderr, "lendlock: %s\n", why);
	return EXIT_USAGE;
}

int run_ask(struct run *run)
{
	struct question question;
	json_t *args, *reply;
	int status = read_line(run, &question, &args);
	if (status != EXIT_DONE)
		return status;
	status = run_find_rental(run, args);
	if (status != EXIT_DONE) {
		json_decref(args);
		return status;
	}
	status = run_question(run, &question, args, &reply);
	if (reply)
		run_show_reply(run, reply);
	json_decref(reply);
	return status;
}

/* --- pages ------------------------------------------------------------------------ */

#define PAGE_MAX 200 /* the hub gives no more at once */

/* What is listed page by page: the history where there is one, and then the item stands above it on
 * each page. */
static bool is_paged(const json_t *page, const char *name, const json_t *value)
{
	return json_is_array(value) &&
	       (strcmp(name, "items") != 0 || !json_object_get(page, "history"));
}

/* Puts a page behind what there is: its lists are joined, all else is as in the last page. */
static json_t *join(json_t *all, json_t *page)
{
	const char *name;
	json_t *value;
	if (!all)
		return page;
	json_object_foreach(all, name, value) {
		if (!is_paged(all, name, value))
			continue;
		json_array_extend(value, json_object_get(page, name));
		json_object_set(page, name, value);
	}
	json_decref(all);
	return page;
}

static json_int_t rows_of(const json_t *reply)
{
	json_int_t rows = 0;
	const char *name;
	json_t *value;
	json_object_foreach((json_t *)(uintptr_t)reply, name, value) {
		if (is_paged(reply, name, value))
			rows += (json_int_t)json_array_size(value);
	}
	return rows;
}

/* wanted: how many rows are still to come; 0: all there are. */
static void set_limit(json_t *args, json_int_t wanted)
{
	if (wanted > 0)
		json_object_set_new(
			args, "limit", json_integer(wanted < PAGE_MAX ? wanted : PAGE_MAX));
}

/* The arguments of the next page; NULL: that was the last, or as many as were asked for. */
static json_t *next_page(const json_t *args, const json_t *reply, json_int_t wanted)
{
	const char *cursor = json_string_value(json_object_get(reply, "next"));
	json_int_t rows = rows_of(reply);
	if (!cursor || (wanted > 0 && rows >= wanted))
		return NULL;
	json_t *next = json_copy((json_t *)(uintptr_t)args);
	json_object_set_new(next, "cursor", json_string(cursor));
	set_limit(next, wanted > 0 ? wanted - rows : 0);
	return next;
}

static void show_list(struct run *run, json_t *all, int status)
{
	json_int_t rows = rows_of(all);
	json_object_set_new(all, "count", json_integer(rows));
	run_show_reply(run, all);
	if (rows == 0 && status == EXIT_DONE && !run->line->json)
		fputs("lendlock: none\n", stderr);
}

int run_list(struct run *run)
{
	struct question question;
	json_t *args, *all = NULL;
	int status = read_line(run, &question, &args);
	if (status != EXIT_DONE)
		return status;
	json_int_t wanted = json_integer_value(json_object_get(args, "limit"));
	set_limit(args, wanted);
	while (args) {
		json_t *reply, *next = NULL;
		status = run_question(run, &question, json_incref(args), &reply);
		if (reply)
			all = join(all, reply);
		if (reply && status == EXIT_DONE)
			next = next_page(args, all, wanted);
		json_decref(args);
		args = next;
	}
	if (all)
		show_list(run, all, status);
	json_decref(all);
	return status;
}

/* --- adoption --------------------------------------------------------------------- */

/* What the bank shows instead of its valid epoch: a new reference, or NULL. */
static json_t *find_claim(const json_t *banks, const char *kiosk)
{
	size_t i;
	json_t *bank;
	json_array_foreach(banks, i, bank)
		if (strcmp(run_text(bank, "kiosk"), kiosk) == 0)
			return json_incref(json_object_get(bank, "claimed_epoch"));
	return NULL;
}

static int look_up_epoch(struct run *run, json_t *args)
{
	const struct question question = {
		.kind = TOPIC_HUB_REQUEST, .operation = "banks", .ttl = ASK_DOOR_TTL};
	json_t *query = json_pack("{s:i}", "limit", 200), *reply, *epoch = NULL;
	const char *kiosk = run_text(args, "kiosk");
	int status = EXIT_DONE;
	while (query && !epoch && status == EXIT_DONE) {
		status = run_question(run, &question, json_incref(query), &reply);
		epoch = find_claim(json_object_get(reply, "banks"), kiosk);
		json_t *next = reply ? next_page(query, reply, 0) : NULL;
		json_decref(query);
		json_decref(reply);
		query = next;
	}
	json_decref(query);
	if (status != EXIT_DONE)
		return status;
	if (!epoch) {
		fprintf(stderr, "lendlock: %s shows nothing to adopt\n", kiosk);
		return EXIT_REFUSED;
	}
	json_object_set_new(args, "epoch", epoch);
	return EXIT_DONE;
}

int run_adopt(struct run *run)
{
	struct question question;
	json_t *args, *reply;
	int status = read_line(run, &question, &args);
	if (status == EXIT_DONE && !json_object_get(args, "epoch")) {
		status = look_up_epoch(run, args);
		if (status != EXIT_DONE)
			json_decref(args);
	}
	if (status != EXIT_DONE)
		return status;
	status = run_question(run, &question, args, &reply);
	if (reply)
		run_show_reply(run, reply);
	json_decref(reply);
	return status;
}

int run_command(struct run *run)
{
	static int (*const kinds[])(struct run *) = {
		[COMMAND_ASK] = run_ask,
		[COMMAND_LIST] = run_list,
		[COMMAND_ADOPT] = run_adopt,
		[COMMAND_IMPORT] = run_import,
		[COMMAND_OFFERS] = run_offers,
		[COMMAND_STATUS] = run_status,
		[COMMAND_WATCH] = run_watch,
	};
	return kinds[run->line->command->kind](run);
}
