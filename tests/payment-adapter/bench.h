/* One adapter on a made-up clock and network, with a provider whose verdicts the test gives, and
 * the few sentences that its tests are written in. Failures are cmocka's. */
#ifndef LENDLOCK_TESTS_PAYMENT_ADAPTER_BENCH_H
#define LENDLOCK_TESTS_PAYMENT_ADAPTER_BENCH_H

#include "lib/wire/records.h"
#include "payment-adapter/adapter.h"
#include "tests/payment-adapter/fake_provider.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_mqtt.h"
#include "tests/support/fake_random.h"

#define BENCH_RENTAL "0198a000-0000-7000-8000-00000000aaaa"
#define BENCH_STATUS "lendlock/v1/town/payment/till/status"

struct bench {
	struct fake_clock clock;
	struct fake_random random;
	struct fake_mqtt mqtt;
	struct fake_provider provider;
	struct adapter_settings settings;
	usec say_again; /* from the next start on */
	struct adapter *adapter;
	char folder[64], path[96], backup[96];
	size_t heard; /* publications looked at */
	char payment[UUID_SIZE];
	int result;                /* of the last call into the adapter */
	struct reply_record reply; /* the last one expected */
};

/* Opens one in a fresh folder, connected, and lets so much time pass that new ids are known to be
 * new. For cmocka: int (void **state). */
int bench_setup(void **state);
int bench_teardown(void **state);

/* The power goes and comes back: nothing is said, what the provider would answer is unheard. */
void bench_crash(struct bench *bench);
/* The same, and it stays off for a while: boot time begins anew, and nobody has set
 * the clock yet. */
void bench_off(struct bench *bench, usec time);
/* The database is put away, and put back: what happened in between is lost here, not at the
 * provider. */
void bench_back_up(struct bench *bench);
void bench_restore(struct bench *bench);
/* As bench_open() opens it. They point into the bench. */
struct adapter_options bench_options(struct bench *bench);
void bench_open(struct bench *bench);
void bench_pass(struct bench *bench, usec time);
/* Lets time pass, and ticks whenever the adapter wants to. */
void bench_run(struct bench *bench, usec time);

/* A new payment id, which the following requests are about. */
void bench_new_payment(struct bench *bench);
/* A request of "desk-1" about bench->payment: 900 EUR cents by "tok", of a rental of the
 * same id. authorize expires in 60 s. */
void bench_ask(struct bench *bench, const char *operation);
/* The same by any kiosk, for any rental, with any end (wall clock). */
void bench_ask_authorize(struct bench *bench, const char *kiosk, const char *rental, usec expires);
void bench_ask_as(struct bench *bench, const char *kiosk, const char *operation, const char *json);
/* Any message at all. */
void bench_send(struct bench *bench, const struct mqtt_message *message);

/* The next publication is a reply to "desk-1" with that code, and that state unless it is NULL ("":
 * no payment in it). Kept in bench->reply. */
void bench_expect(struct bench *bench, const char *code, const char *payment_state);
void bench_expect_to(
	struct bench *bench, const char *kiosk, const char *code, const char *payment_state);
/* Each publication that has not been looked at is a well-formed reply to "desk-1", of any code. */
void bench_expect_replies(struct bench *bench);
void bench_expect_silence(struct bench *bench);
/* The provider has been asked just that, once, about bench->payment. */
void bench_expect_call(struct bench *bench, enum provider_call call);
void bench_expect_no_call(struct bench *bench);
/* The provider's verdict on the oldest call, heard by the adapter. */
void bench_verdict(struct bench *bench, enum provider_outcome outcome);
void bench_verdict_state(struct bench *bench, enum provider_state state); /* of a query */
/* The call must be that one; its verdict is OK. */
void bench_done(struct bench *bench, enum provider_call call);
/* Runs until the adapter calls the provider, at most so long. */
void bench_await_call(struct bench *bench, enum provider_call call, usec at_most);
/* The last status that was published. The caller clears it with record_clear(). */
void bench_status(struct bench *bench, struct payment_status_record *ret_status);
/* Looks at the ledger by a query. */
void bench_expect_state(struct bench *bench, const char *payment_state);
/* bench->payment goes all the way there: asked for, done by the provider, answered. */
void bench_authorize(struct bench *bench);
void bench_capture(struct bench *bench); /* authorized first */

#endif
