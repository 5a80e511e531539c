/* The ledger as a whole: opening and closing, routing messages, transactions, time. */
#include "payment-adapter/internal.h"

#include "lib/base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HOUSEKEEPING MINUTE       /* the time is stored, and old rows go, at least this often */
#define SKEW         (5 * MINUTE) /* by which a kiosk's clock may be wrong and still be sure */

struct adapter_settings adapter_defaults(void)
{
	return (struct adapter_settings){
		.calls = 8,
		.queue = 64,
		.key_lifetime = DAY,
		.settle = 2 * MINUTE,
		.try_first = 2 * SECOND,
		.try_max = 5 * MINUTE,
		.attention = 10 * MINUTE,
		.keep = 400 * DAY,
		.breaker = {.window = 20,
			.minimum_calls = 5,
			.failure_percent = 50,
			.slow_percent = 80,
			.slow_call = 5 * SECOND,
			.open_for = 15 * SECOND,
			.open_for_max = 5 * MINUTE,
			.probes = 2},
	};
}

static void read_clock(struct adapter *adapter)
{
	adapter->now = timekeeper_now(&adapter->keeper);
	if (adapter->born == 0 && adapter->now.sure)
		adapter->born = adapter->now.wall;
}

struct topic adapter_topic(struct adapter *adapter, enum topic_kind kind)
{
	struct topic topic = {.kind = kind};
	TEXT_COPY(topic.site, adapter->options.site);
	TEXT_COPY(topic.node, adapter->options.name);
	return topic;
}

bool adapter_may_have_lost(struct adapter *adapter, const char *payment)
{
	usec made = uuid_time(payment), from = adapter->now.wall - adapter->options.settings.keep;
	if (from < adapter->born)
		from = adapter->born;
	return adapter->born == 0 || made < from + SKEW || made > adapter->now.wall + SKEW;
}

/* --- transactions ---------------------------------------------------------------------------- */

void adapter_begin(struct adapter *adapter)
{
	database_begin(adapter->database);
}

int adapter_end(struct adapter *adapter)
{
	calls_plan(adapter);
	/* Nothing to keep, nothing to flush: whoever only asks costs no write to the disk. */
	if (database_changed(adapter->database))
		store_clock_write(adapter->database, adapter->now.elapsed, adapter->now.wall);
	int r = database_commit(adapter->database);
	if (r < 0) {
		outgoing_drop(adapter->outgoing);
		return r;
	}
	outgoing_send(adapter->outgoing, adapter->options.mqtt);
	calls_begin(adapter);
	return 0;
}

void adapter_put(struct adapter *adapter, const struct ledger_row *row)
{
	if (row->fact.state == PAYMENT_NONE && row->ask == ASK_NOTHING) {
		request_settle_lost(adapter, row);
		store_ledger_delete(adapter->database, row->fact.payment);
		return;
	}
	store_ledger_write(adapter->database, row);
	request_settle(adapter, row);
}

/* --- opening and closing --------------------------------------------------------------------- */

static void start_time(struct adapter *adapter)
{
	usec elapsed, wall;
	store_clock_read(adapter->database, &elapsed, &wall);
	timekeeper_start(&adapter->keeper, adapter->options.clock, elapsed, wall);
	read_clock(adapter);
	const struct adapter_settings *settings = &adapter->options.settings;
	adapter->rules = (struct ledger_rules){
		.key_half = settings->key_lifetime / 2,
		.started = adapter->now.elapsed,
		.settled = adapter->now.elapsed + settings->settle,
		.attention = settings->attention,
	};
	adapter->housekeeping = adapter->now.elapsed + HOUSEKEEPING;
}

/* What was under way when the last run ended may have happened or not; of what waited, too, as this
 * may be an old copy. */
static int recover(struct adapter *adapter)
{
	struct ledger_row row;
	adapter_begin(adapter);
	status_start(adapter);
	while (store_ledger_to_recover(adapter->database, &row)) {
		ledger_recover(&row, adapter->now);
		store_ledger_write(adapter->database, &row);
	}
	return adapter_end(adapter);
}

static void set_filters(struct adapter *adapter)
{
	struct topic request = adapter_topic(adapter, TOPIC_PAYMENT_REQUEST);
	struct topic status = adapter_topic(adapter, TOPIC_PAYMENT_STATUS);
	TEXT_COPY(request.user, "+");
	TEXT_COPY(request.operation, "+");
	topic_format(&request, adapter->filter_texts[0]);
	topic_format(&status, adapter->filter_texts[1]);
	for (int i = 0; i < ADAPTER_FILTERS; i++)
		adapter->filters[i] = adapter->filter_texts[i];
}

static bool are_possible(const struct adapter_settings *settings)
{
	return settings->calls >= 1 && settings->calls <= ADAPTER_CALLS_MAX &&
	       settings->breaker.minimum_calls <= settings->breaker.window &&
	       settings->breaker.window <= BREAKER_WINDOW_MAX;
}

int adapter_open(const struct adapter_options *options, struct adapter **ret_adapter)
{
	if (!are_possible(&options->settings)) {
		log_error("the breaker cannot wait for more calls than its window has");
		return -EINVAL;
	}
	struct adapter *adapter = calloc(1, sizeof(*adapter));
	if (!adapter)
		abort();
	adapter->options = *options;
	adapter->outgoing = outgoing_new();
	set_filters(adapter);
	int r = database_open(
		options->database, options->vfs, ledger_migrations, &adapter->database);
	if (r == 0) {
		start_time(adapter);
		breaker_start(&adapter->breaker, &options->settings.breaker);
		r = recover(adapter);
	}
	if (r < 0) {
		adapter_close(adapter);
		return r;
	}
	*ret_adapter = adapter;
	return 0;
}

struct adapter *adapter_close(struct adapter *adapter)
{
	if (!adapter)
		return NULL;
	database_close(adapter->database);
	outgoing_free(adapter->outgoing);
	free(adapter);
	return NULL;
}

const char *const *adapter_filters(struct adapter *adapter)
{
	return adapter->filters;
}

/* --- the network ----------------------------------------------------------------------------- */

static bool is_ours(const struct adapter *adapter, const struct topic *topic)
{
	return strcmp(topic->site, adapter->options.site) == 0 &&
	       strcmp(topic->node, adapter->options.name) == 0;
}

int adapter_message(struct adapter *adapter, const struct mqtt_message *message)
{
	struct topic topic;
	int r = 0;
	read_clock(adapter);
	topic_parse(message->topic, &topic);
	if (topic.kind == TOPIC_PAYMENT_REQUEST && is_ours(adapter, &topic))
		r = request_take(adapter, &topic, message);
	else if (topic.kind == TOPIC_PAYMENT_STATUS && is_ours(adapter, &topic))
		r = status_take(adapter, message);
	status_check(adapter);
	return r;
}

int adapter_connected(struct adapter *adapter)
{
	read_clock(adapter);
	adapter->connected = true;
	status_say(adapter);
	return database_error(adapter->database);
}

void adapter_disconnected(struct adapter *adapter)
{
	adapter->connected = false;
}

const struct mqtt_message *adapter_will(struct adapter *adapter)
{
	read_clock(adapter);
	return status_will(adapter);
}

/* --- time ------------------------------------------------------------------------------------ */

static int keep_house(struct adapter *adapter)
{
	if (adapter->now.elapsed < adapter->housekeeping)
		return 0;
	adapter->housekeeping = adapter->now.elapsed + HOUSEKEEPING;
	adapter_begin(adapter);
	store_clock_write(adapter->database, adapter->now.elapsed, adapter->now.wall);
	if (adapter->now.sure)
		store_ledger_forget(
			adapter->database, adapter->now.wall - adapter->options.settings.keep);
	return adapter_end(adapter);
}

int adapter_tick(struct adapter *adapter)
{
	read_clock(adapter);
	int r = calls_tick(adapter);
	if (r == 0)
		r = keep_house(adapter);
	status_check(adapter);
	return r < 0 ? r : database_error(adapter->database);
}

usec adapter_next_due(struct adapter *adapter)
{
	usec due = adapter->housekeeping;
	if (adapter->connected)
		due = usec_min(due, adapter->status_due);
	return usec_min(calls_next_due(adapter), timekeeper_boottime(&adapter->keeper, due));
}

bool adapter_healthy(struct adapter *adapter)
{
	return database_error(adapter->database) == 0;
}

/* --- for a person ---------------------------------------------------------------------------- */

int adapter_list_open(const char *database, FILE *out)
{
	struct database *store;
	struct ledger_row row;
	int r = database_open(database, NULL, ledger_migrations, &store);
	if (r < 0)
		return r;
	struct query *query = store_ledger_open(store);
	while (store_ledger_next(query, &row)) {
		char created[TIME_SIZE];
		time_format(row.created, created);
		fprintf(out,
			"%s  %s  %-12s  %lld %s  kiosk %s  rental %s  next %s  tries %lld%s%s%s\n",
			row.fact.payment, created,
			row.fact.state ? payment_state_names[row.fact.state] : "unknown",
			(long long)row.fact.amount, row.fact.currency, row.kiosk, row.fact.rental,
			ledger_ask_names[row.ask], (long long)row.tries,
			row.needs_person ? "  " LEDGER_PERSON : "",
			row.trouble[0] ? "  last: " : "", row.trouble);
	}
	r = database_error(store);
	database_close(store);
	return r;
}
