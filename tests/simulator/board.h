/*
 * The doors of one made-up bank, and the hands that move them: a simulated bank whose doors are
 * opened and closed by people, also while no kiosk runs.
 */
#ifndef LENDLOCK_TESTS_SIMULATOR_BOARD_H
#define LENDLOCK_TESTS_SIMULATOR_BOARD_H

#include "kiosk/doors/bank.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_random.h"

struct board;

struct board_watcher {
	void *context;
	/* Told of each pulse, before it. Returns false if the kiosk has just died: then there is
	 * none. */
	bool (*pulsed)(void *context, int compartment);
	/* Told that hands have opened or closed a door. */
	void (*moved)(void *context, int compartment, bool open);
};

/* hands: the clock of the people; kiosk: that of the machine. Both are borrowed. */
struct board *board_new(int compartments, struct fake_clock *hands, struct fake_clock *kiosk,
	uint64_t seed, const struct board_watcher *watcher);
struct board *board_free(struct board *board);
struct bank_port *board_port(struct board *board);

/* The machine has started anew, and its time with it: locks idle, doors where they are. */
void board_reboot(struct board *board);
/* Careless hands now and then leave a door open for minutes, or do not open it at all. */
void board_careless(struct board *board, bool careless);
void board_jam(struct board *board, int compartment, bool jammed);
/* Its sensor says nothing. */
void board_blind(struct board *board, int compartment, bool blind);
bool board_is_blind(const struct board *board, int compartment);
/* Its contact bounces: the door is closed, or open, all the while. */
void board_flicker(struct board *board, int compartment);
/* Somebody breaks a door open, and closes it a moment later. */
void board_force(struct board *board, int compartment);

usec board_next_due(const struct board *board); /* in the hands' time, or USEC_NEVER */
/* Moves what is due. Returns whether something moved. */
bool board_run(struct board *board);
int board_count(const struct board *board);
/* How often a lock was driven, since the board was made. */
int board_pulses(const struct board *board);

#endif
