/* What the hub says unasked: views, desired states, its own status; and when the network does not
 * take it. */
#include "tests/hub/site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
	*state = site_new();
	return 0;
}

static int tear_down(void **state)
{
	*state = site_free(*state);
	return 0;
}

#include <errno.h>

#define TOWN "lendlock/v1/town/"

static json_t *item_event(struct site *site, struct teller *kiosk, const char *state)
{
	char type[64];
	snprintf(type, sizeof(type), "item.%s", state);
	return teller_event(site, kiosk, type, "drill", teller_item("drill", state, 3));
}

static void test_a_view_shows_its_bank(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	teller_birth(site, &lobby, 0, 0, 0);
	teller_send(site, &lobby, item_event(site, &lobby, "available"), NULL);
	site_pass(site, SECOND);
	json_t *view = site_last(site, "view/lobby");
	assert_string_equal(json_string_value(json_object_get(view, "kiosk")), "lobby");
	assert_string_equal(json_string_value(json_object_get(view, "link")), "online");
	assert_int_equal(json_integer_value(json_object_get(view, "available")), 1);
	json_t *item = json_array_get(json_object_get(view, "contents"), 0);
	assert_string_equal(json_string_value(json_object_get(item, "title")), "The drill");
	assert_true(fake_mqtt_last(&site->mqtt, TOWN "view/lobby")->retain);
	json_decref(view);
}

static void test_views_are_gathered(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	site_pass(site, SECOND);
	fake_mqtt_clear(&site->mqtt);
	for (int i = 0; i < 20; i++) { /* 1 s in all */
		teller_send(site, &lobby, item_event(site, &lobby, i % 2 ? "available" : "blocked"),
			NULL);
		site_pass(site, 50 * MSEC);
	}
	site_pass(site, 250 * MSEC);
	size_t n = fake_mqtt_count(&site->mqtt, TOWN "view/lobby");
	assert_in_range(n, 3, 5);
	json_t *view = site_last(site, "view/lobby");
	json_t *item = json_array_get(json_object_get(view, "contents"), 0);
	assert_string_equal(json_string_value(json_object_get(item, "state")), "available");
	json_decref(view);
	fake_mqtt_clear(&site->mqtt);
	site_pass(site, SECOND);
	assert_int_equal(fake_mqtt_count(&site->mqtt, TOWN "view/lobby"), 0);
}

static void test_what_time_alone_makes_of_it_is_seen(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	char will[128];
	teller_birth(site, &lobby, 0, 0, 0);
	snprintf(will, sizeof(will), "{\"state\":\"lost\",\"session\":\"%s\"}", site->session);
	site_say(site, "kiosk/lobby/status", will);
	site_pass(site, SECOND);
	json_t *view = site_last(site, "view/lobby");
	assert_null(json_object_get(view, "attention"));
	json_decref(view);
	for (int i = 0; i < 8; i++)
		site_pass(site, MINUTE);
	view = site_last(site, "view/lobby");
	assert_int_equal(json_integer_value(json_object_get(view, "attention")), 1);
	json_decref(view);
}

static void test_next_due_leads_to_the_view(void **state)
{
	struct site *site = *state;
	site_register(site, "drill", "lobby");
	usec due = hub_next_due(site->hub);
	assert_true(due <= site->clock.boottime + 250 * MSEC);
	assert_true(due > site->clock.boottime);
	site_pass(site, due - site->clock.boottime);
	assert_int_equal(fake_mqtt_count(&site->mqtt, TOWN "view/lobby"), 1);
	assert_true(hub_next_due(site->hub) > site->clock.boottime + 250 * MSEC);
}

static void test_status_bears_the_number_of_banks(void **state)
{
	struct site *site = *state;
	json_t *status = site_last(site, "hub/status");
	assert_null(json_object_get(status, "banks"));
	json_decref(status);
	site_register(site, "drill", "lobby");
	site_register(site, "saw", "attic");
	site_pass(site, MSEC);
	status = site_last(site, "hub/status");
	assert_int_equal(json_integer_value(json_object_get(status, "banks")), 2);
	assert_string_equal(json_string_value(json_object_get(status, "state")), "online");
	json_decref(status);
}

static void test_the_will_bears_the_session_of_its_birth(void **state)
{
	struct site *site = *state;
	hub_disconnected(site->hub);
	const struct mqtt_message *will = hub_will(site->hub);
	assert_string_equal(will->topic, TOWN "hub/status");
	assert_true(will->retain);
	json_t *lost = json_loadb(will->payload, will->size, 0, NULL);
	assert_int_equal(hub_connected(site->hub), 0);
	json_t *birth = site_last(site, "hub/status");
	assert_string_equal(json_string_value(json_object_get(lost, "state")), "lost");
	assert_string_equal(json_string_value(json_object_get(lost, "session")),
		json_string_value(json_object_get(birth, "session")));
	json_decref(lost);
	json_decref(birth);
}

static void test_all_is_said_again_at_a_connect(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	site_register(site, "saw", "attic");
	teller_send(site, &lobby, item_event(site, &lobby, "available"), NULL);
	hub_disconnected(site->hub);
	fake_mqtt_clear(&site->mqtt);
	site_pass(site, MINUTE);
	assert_int_equal(site->mqtt.n, 0);
	hub_will(site->hub);
	assert_int_equal(hub_connected(site->hub), 0);
	site_pass(site, SECOND);
	assert_int_equal(fake_mqtt_count(&site->mqtt, TOWN "kiosk/lobby/desired"), 1);
	assert_int_equal(fake_mqtt_count(&site->mqtt, TOWN "kiosk/attic/desired"), 1);
	assert_int_equal(fake_mqtt_count(&site->mqtt, TOWN "kiosk/lobby/ack"), 1);
	assert_int_equal(fake_mqtt_count(&site->mqtt, TOWN "view/lobby"), 1);
	assert_int_equal(fake_mqtt_count(&site->mqtt, TOWN "view/attic"), 1);
}

static void test_a_view_is_said_again(void **state)
{
	struct site *site = *state;
	site->options.say_again = 5 * MINUTE;
	site_restart(site);
	site_register(site, "drill", "lobby");
	site_pass(site, SECOND);
	fake_mqtt_clear(&site->mqtt);
	for (int i = 0; i < 8; i++)
		site_pass(site, 30 * SECOND);
	assert_int_equal(fake_mqtt_count(&site->mqtt, TOWN "view/lobby"), 0);
	for (int i = 0; i < 24; i++)
		site_pass(site, 30 * SECOND);
	assert_in_range(fake_mqtt_count(&site->mqtt, TOWN "view/lobby"), 2, 3);
}

static void test_what_the_network_refuses_is_tried_again(void **state)
{
	struct site *site = *state;
	site->mqtt.refuse = -ENOBUFS;
	struct teller lobby = teller_make(site, "lobby");
	teller_birth(site, &lobby, 0, 0, 0);
	site_pass(site, SECOND);
	assert_int_equal(fake_mqtt_count(&site->mqtt, TOWN "kiosk/lobby/desired"), 0);
	assert_true(hub_next_due(site->hub) > site->clock.boottime); /* no busy loop */
	site->mqtt.refuse = 0;
	site_pass(site, SECOND);
	site_pass(site, SECOND);
	assert_int_equal(fake_mqtt_count(&site->mqtt, TOWN "kiosk/lobby/desired"), 1);
	assert_int_equal(fake_mqtt_count(&site->mqtt, TOWN "view/lobby"), 1);
}

static void test_many_banks_do_not_come_all_at_once(void **state)
{
	struct site *site = *state;
	for (int i = 0; i < 200; i++) {
		char name[32];
		snprintf(name, sizeof(name), "bank-%d", i);
		struct teller kiosk = teller_make(site, name);
		teller_birth(site, &kiosk, 0, 0, 0);
	}
	hub_disconnected(site->hub);
	hub_will(site->hub);
	fake_mqtt_clear(&site->mqtt);
	assert_int_equal(hub_connected(site->hub), 0);
	assert_in_range(site->mqtt.n, 200, 300); /* the acks, and the first few */
	int rounds = 0;
	while (hub_next_due(site->hub) <= site->clock.boottime + SECOND && rounds < 100) {
		site_pass(site, 250 * MSEC);
		rounds++;
	}
	assert_in_range(rounds, 5, 40);
	assert_int_equal(fake_mqtt_count(&site->mqtt, TOWN "kiosk/bank-199/desired"), 1);
	assert_int_equal(fake_mqtt_count(&site->mqtt, TOWN "view/bank-199"), 1);
}

static void test_desired_state_is_revised_when_it_changes(void **state)
{
	struct site *site = *state;
	site_register(site, "drill", "lobby");
	json_t *desired = site_last(site, "kiosk/lobby/desired");
	json_int_t revision = json_integer_value(json_object_get(desired, "revision"));
	json_decref(desired);
	site_must(site, "item-change", "ok", json_pack("{s:s}", "item", "drill")); /* nothing */
	site_restart(site);
	desired = site_last(site, "kiosk/lobby/desired");
	assert_int_equal(json_integer_value(json_object_get(desired, "revision")), revision);
	json_decref(desired);
	site->options.settings.hold = 99;
	site_restart(site);
	desired = site_last(site, "kiosk/lobby/desired");
	assert_true(json_integer_value(json_object_get(desired, "revision")) > revision);
	json_t *settings = json_object_get(desired, "settings");
	assert_int_equal(json_integer_value(json_object_get(settings, "hold")), 99);
	json_decref(desired);
}

/* The broker had no room for it, and nobody has noticed. */
static void test_desired_state_that_got_lost_is_said_again(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	teller_birth(site, &lobby, 0, 0, 0);
	json_t *desired = site_last(site, "kiosk/lobby/desired");
	int64_t generation = json_integer_value(json_object_get(desired, "generation"));
	int64_t revision = json_integer_value(json_object_get(desired, "revision"));
	json_decref(desired);
	teller_birth(site, &lobby, generation, revision - 1, 0);
	site_pass(site, SECOND);
	fake_mqtt_clear(&site->mqtt);
	for (int i = 0; i < 11; i++)
		site_pass(site, 30 * SECOND);
	assert_int_equal(fake_mqtt_count(&site->mqtt, TOWN "kiosk/lobby/desired"), 1);
	teller_birth(site, &lobby, generation, revision, 0);
	fake_mqtt_clear(&site->mqtt);
	for (int i = 0; i < 30; i++)
		site_pass(site, 30 * SECOND);
	assert_int_equal(fake_mqtt_count(&site->mqtt, TOWN "kiosk/lobby/desired"), 0);
}

static void test_health_needs_an_echo(void **state)
{
	struct site *site = *state;
	char echo[512];
	assert_true(hub_healthy(site->hub));
	site_pass(site, 4 * MINUTE);
	assert_false(hub_healthy(site->hub));
	const struct fake_publication *status = fake_mqtt_last(&site->mqtt, TOWN "hub/status");
	TEXT_COPY(echo, status->payload);
	site_say(site, "hub/status", echo);
	assert_true(hub_healthy(site->hub));
	site_pass(site, 4 * MINUTE);
	hub_disconnected(site->hub);
	assert_true(hub_healthy(site->hub)); /* a broker that is down is nothing to die of */
}

static void test_one_process_holds_the_database(void **state)
{
	struct site *site = *state;
	struct hub *second = NULL;
	assert_int_equal(hub_open(&site->options, &second), -EBUSY);
	assert_null(second);
}

static void test_another_sites_database(void **state)
{
	struct site *site = *state;
	struct hub_options options = site->options;
	options.site = "city";
	site->hub = hub_close(site->hub);
	assert_int_equal(hub_open(&options, &site->hub), -EINVAL);
	assert_null(site->hub);
	assert_int_equal(hub_open(&site->options, &site->hub), 0);
}

static void test_a_second_hub_is_alerted(void **state)
{
	struct site *site = *state;
	assert_int_equal(hub_taken_over(site->hub), 0);
	assert_int_equal(hub_taken_over(site->hub), 0);
	json_t *reply = site_ask(site, "attention", json_object());
	assert_int_equal(json_array_size(json_object_get(reply, "attention")), 1);
	json_decref(reply);
	site_must(site, "alert-clear", "ok", json_pack("{s:s}", "alert", "second-hub:hub"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_a_view_is_said_again),
		TEST(test_a_view_shows_its_bank),
		TEST(test_views_are_gathered),
		TEST(test_what_time_alone_makes_of_it_is_seen),
		TEST(test_next_due_leads_to_the_view),
		TEST(test_status_bears_the_number_of_banks),
		TEST(test_the_will_bears_the_session_of_its_birth),
		TEST(test_all_is_said_again_at_a_connect),
		TEST(test_what_the_network_refuses_is_tried_again),
		TEST(test_many_banks_do_not_come_all_at_once),
		TEST(test_desired_state_is_revised_when_it_changes),
		TEST(test_desired_state_that_got_lost_is_said_again),
		TEST(test_health_needs_an_echo),
		TEST(test_one_process_holds_the_database),
		TEST(test_another_sites_database),
		TEST(test_a_second_hub_is_alerted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
