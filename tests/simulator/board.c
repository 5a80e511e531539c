#include "tests/simulator/board.h"

#include "kiosk/doors/simulated.h"

#include <stdlib.h>

struct door {
	bool jammed, blind;
	usec opens, closes; /* hands' time, or USEC_NEVER */
};

struct board {
	struct bank_port port; /* first: the port is the object */
	struct bank_port *bank;
	struct fake_clock *hands, *kiosk;
	struct fake_random random;
	struct board_watcher watcher;
	bool careless;
	int count, pulses;
	struct door doors[];
};

static usec between(struct board *board, usec least, usec most)
{
	return least + (usec)random_below(&board->random.port, (uint64_t)(most - least));
}

static bool chance(struct board *board, int percent)
{
	return random_below(&board->random.port, 100) < (uint64_t)percent;
}

/* --- hands --- */

/* Somebody stands before the door that has sprung open. */
static void plan_hands(struct board *board, struct door *door)
{
	usec now = board->hands->boottime;
	if (door->jammed || (board->careless && chance(board, 2)))
		return;
	door->opens = now + between(board, 200 * MSEC, 2500 * MSEC);
	bool forgetful = board->careless && chance(board, 3);
	door->closes = door->opens + (forgetful ? between(board, 40 * SECOND, 200 * SECOND)
						: between(board, SECOND, 10 * SECOND));
}

usec board_next_due(const struct board *board)
{
	usec due = USEC_NEVER;
	for (int i = 0; i < board->count; i++)
		due = usec_min(due, usec_min(board->doors[i].opens, board->doors[i].closes));
	return due;
}

static bool move(struct board *board, int compartment, usec *due, enum bank_level level)
{
	if (*due > board->hands->boottime)
		return false;
	*due = USEC_NEVER;
	if (simulated_door(board->bank, compartment) == level)
		return true;
	simulated_move(board->bank, compartment, level);
	board->watcher.moved(board->watcher.context, compartment, level == BANK_OPEN);
	return true;
}

bool board_run(struct board *board)
{
	bool moved = false;
	if (board_next_due(board) > board->hands->boottime)
		return false;
	board->bank->tick(board->bank, board->kiosk->boottime);
	for (int i = 0; i < board->count; i++) {
		moved |= move(board, i + 1, &board->doors[i].opens, BANK_OPEN);
		moved |= move(board, i + 1, &board->doors[i].closes, BANK_CLOSED);
	}
	return moved;
}

void board_careless(struct board *board, bool careless)
{
	board->careless = careless;
}

void board_jam(struct board *board, int compartment, bool jammed)
{
	board->doors[compartment - 1].jammed = jammed;
}

void board_blind(struct board *board, int compartment, bool blind)
{
	board->doors[compartment - 1].blind = blind;
	simulated_sensor(board->bank, compartment, !blind);
}

bool board_is_blind(const struct board *board, int compartment)
{
	return board->doors[compartment - 1].blind;
}

void board_flicker(struct board *board, int compartment)
{
	enum bank_level level = simulated_door(board->bank, compartment);
	board->bank->tick(board->bank, board->kiosk->boottime);
	simulated_move(board->bank, compartment, level == BANK_OPEN ? BANK_CLOSED : BANK_OPEN);
	simulated_move(board->bank, compartment, level);
}

void board_force(struct board *board, int compartment)
{
	struct door *door = &board->doors[compartment - 1];
	door->opens = board->hands->boottime;
	door->closes = door->opens + between(board, SECOND, 20 * SECOND);
}

int board_count(const struct board *board)
{
	return board->count;
}

int board_pulses(const struct board *board)
{
	return board->pulses;
}

/* --- the port: the simulated bank's, with an eye on the locks --- */

static struct bank_port *bank_of(struct bank_port *port)
{
	return ((struct board *)port)->bank;
}

static int count_of(struct bank_port *port)
{
	return bank_of(port)->count(bank_of(port));
}

static int drive(struct bank_port *port, int compartment, bool active)
{
	struct board *board = (struct board *)port;
	int before = simulated_pulses(board->bank, compartment);
	if (active && !board->watcher.pulsed(board->watcher.context, compartment))
		return 0; /* the kiosk is dead; what it notes now is not stored */
	int r = board->bank->drive(board->bank, compartment, active);
	if (simulated_pulses(board->bank, compartment) > before) {
		board->pulses++;
		plan_hands(board, &board->doors[compartment - 1]);
	}
	return r;
}

static enum bank_level read_level(struct bank_port *port, int compartment, enum bank_sensor sensor)
{
	return bank_of(port)->read(bank_of(port), compartment, sensor);
}

static bool has(struct bank_port *port, int compartment, enum bank_sensor sensor)
{
	return bank_of(port)->has(bank_of(port), compartment, sensor);
}

static int next_edge(struct bank_port *port, struct bank_edge *ret_edge)
{
	return bank_of(port)->next_edge(bank_of(port), ret_edge);
}

static int fd_of(struct bank_port *port)
{
	return bank_of(port)->fd(bank_of(port));
}

static usec next_due(struct bank_port *port)
{
	return bank_of(port)->next_due(bank_of(port));
}

static void tick(struct bank_port *port, usec boottime)
{
	bank_of(port)->tick(bank_of(port), boottime);
}

static struct bank_port *free_port(struct bank_port *port)
{
	board_free((struct board *)port);
	return NULL;
}

/* --- life --- */

static struct bank_port *new_bank(struct board *board)
{
	const struct simulated_habits by_hand = {0};
	struct bank_port *bank = simulated_new(board->count, true, by_hand);
	bank->tick(bank, board->kiosk->boottime);
	return bank;
}

struct board *board_new(int compartments, struct fake_clock *hands, struct fake_clock *kiosk,
	uint64_t seed, const struct board_watcher *watcher)
{
	struct board *board =
		calloc(1, sizeof(*board) + (size_t)compartments * sizeof(*board->doors));
	if (!board)
		abort();
	*board = (struct board){
		.port = {.count = count_of,
			.drive = drive,
			.read = read_level,
			.has = has,
			.next_edge = next_edge,
			.fd = fd_of,
			.next_due = next_due,
			.tick = tick,
			.free = free_port},
		.hands = hands,
		.kiosk = kiosk,
		.watcher = *watcher,
		.careless = true,
		.count = compartments,
	};
	for (int i = 0; i < compartments; i++)
		board->doors[i] = (struct door){.opens = USEC_NEVER, .closes = USEC_NEVER};
	fake_random_init(&board->random, seed);
	board->bank = new_bank(board);
	return board;
}

struct board *board_free(struct board *board)
{
	if (!board)
		return NULL;
	board->bank->free(board->bank);
	free(board);
	return NULL;
}

struct bank_port *board_port(struct board *board)
{
	return &board->port;
}

void board_reboot(struct board *board)
{
	struct bank_port *before = board->bank;
	board->bank = new_bank(board);
	for (int i = 1; i <= board->count; i++)
		if (simulated_door(before, i) == BANK_OPEN)
			simulated_move(board->bank, i, BANK_OPEN);
	for (int i = 1; i <= board->count; i++)
		simulated_sensor(board->bank, i, !board->doors[i - 1].blind);
	before->free(before);
}
