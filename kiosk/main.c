/* lendlock-kiosk: configuration, hardware, the bank, and the loop around them. */
#include "kiosk/config.h"
#include "kiosk/doors/gpiod.h"
#include "kiosk/doors/simulated.h"
#include "kiosk/kiosk.h"
#include "lib/base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool simulate(void *context, int compartment, enum door_action action)
{
	struct bank_port *bank = context;
	if (action == ACTION_JAM || action == ACTION_UNJAM)
		return simulated_jam(bank, compartment, action == ACTION_JAM) == 0;
	return simulated_move(bank, compartment, action == ACTION_OPEN ? BANK_OPEN : BANK_CLOSED) ==
	       0;
}

static struct gpiod_wire wire(const char *chip, const char *otherwise, int line, bool active_low)
{
	return (struct gpiod_wire){
		.chip = chip[0] ? chip : otherwise, .line = line, .active_low = active_low};
}

static int open_gpiod(const struct kiosk_config *config, struct bank_port **ret_bank)
{
	struct gpiod_compartment compartments[BANK_COMPARTMENTS_MAX];
	for (int i = 0; i < config->doors; i++) {
		const struct compartment_config *from = &config->compartments[i];
		if (!from->given) {
			log_error("[compartment %d] is missing: the bank has %d doors", i + 1,
				config->doors);
			return -EINVAL;
		}
		compartments[i] = (struct gpiod_compartment){
			.lock = wire(from->lock_chip, "", from->lock_line, from->lock_active_low),
			.door = wire(from->door_chip, from->lock_chip, from->door_line,
				from->door_active_low),
			.presence = wire(from->presence_chip, from->lock_chip, from->presence_line,
				from->presence_active_low),
			.door_bias = (enum gpiod_wiring_bias)from->door_bias,
			.presence_bias = (enum gpiod_wiring_bias)from->presence_bias,
		};
	}
	const struct gpiod_wiring wiring = {.compartments = compartments, .count = config->doors};
	return gpiod_open(&wiring, ret_bank);
}

static int open_bank(const struct kiosk_config *config, struct bank_port **ret_bank)
{
	if (config->driver == DRIVER_GPIOD)
		return open_gpiod(config, ret_bank);
	const struct simulated_habits habits = {
		.open_after = config->open_after, .close_after = config->close_after};
	*ret_bank = simulated_new(config->doors, config->sensors, habits);
	return 0;
}

DAEMON_NODE(kiosk);

static int on_edges(void *node)
{
	return kiosk_edges(node);
}

static int serve(const struct kiosk_config *config, struct bank_port *bank,
	struct clock_port *clock, struct daemon *daemon)
{
	const struct kiosk_options options = {
		.site = config->site,
		.name = config->name,
		.database = config->database,
		.clock = clock,
		.random = random_os(),
		.mqtt = daemon_mqtt(daemon),
		.bank = bank,
		.doors = config->timing,
		.say_again = config->broker.say_again,
		.simulate = config->driver == DRIVER_SIMULATED ? simulate : NULL,
		.simulate_context = bank,
	};
	struct kiosk *kiosk = NULL;
	int r = kiosk_open(&options, &kiosk);
	if (r == 0 && bank->fd(bank) >= 0)
		r = daemon_watch(daemon, bank->fd(bank), on_edges, kiosk);
	if (r == 0)
		r = daemon_run(daemon, &kiosk_calls, kiosk, kiosk_filters(kiosk));
	kiosk_close(kiosk);
	return r;
}

static int run(const struct kiosk_config *config)
{
	struct clock_port *clock = clock_os_new(config->clock_trusted);
	struct bank_port *bank = NULL;
	struct daemon *daemon = NULL;
	int r = daemon_new(&config->broker, config->name, clock, &daemon);
	if (r == 0)
		r = open_bank(config, &bank);
	if (r == 0)
		r = serve(config, bank, clock, daemon);
	daemon_free(daemon);
	if (bank)
		bank->free(bank);
	clock_os_free(clock);
	return r;
}

int main(int argc, char **argv)
{
	struct kiosk_config *config = malloc(sizeof(*config));
	if (!config)
		abort();
	int r = config_load(&kiosk_config_table, argc, argv, config);
	int status;
	if (r == CONFIG_GO) {
		log_set_plain_on_terminal(kiosk_config_table.program);
		log_set_level_index(config->log_level);
		status = run(config) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
	} else {
		status = config_exit_status(r);
	}
	free(config);
	return status;
}
