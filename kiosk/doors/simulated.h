/*
 * A bank without hardware: the demo's, and that of every test and simulator. Deterministic; its
 * time is what tick() was told last, and it has no file descriptor: a move makes next_due() due at
 * once.
 */
#ifndef LENDLOCK_KIOSK_DOORS_SIMULATED_H
#define LENDLOCK_KIOSK_DOORS_SIMULATED_H

#include "kiosk/doors/bank.h"

/* What a simulated person does after a pulse. */
struct simulated_habits {
	usec open_after;  /* from the pulse's beginning; 0: the door is opened by hand only */
	usec close_after; /* from when the door opened; 0: the door is closed by hand only */
};

/* sensors: whether door sensors are fitted. All doors are closed, all locks idle, and no presence
 * sensor is fitted. compartments: 1 .. BANK_COMPARTMENTS_MAX. The caller frees it with its free().
 */
struct bank_port *simulated_new(int compartments, bool sensors, struct simulated_habits habits);

/* By hand. bank: one of simulated_new(). 0, or -EINVAL: no such compartment. */

/* Moves a door, whatever its lock says; moving it where it is makes no edge. */
int simulated_move(struct bank_port *bank, int compartment, enum bank_level level);
/* A jammed door does not open after a pulse. */
int simulated_jam(struct bank_port *bank, int compartment, bool jammed);
/* A door sensor that does not work reads BANK_UNKNOWN and makes no edges. */
int simulated_sensor(struct bank_port *bank, int compartment, bool works);
/* A lock that does not work refuses drive() with -EIO. */
int simulated_lock(struct bank_port *bank, int compartment, bool works);
/* What the presence sensor says; fits one. BANK_UNKNOWN takes it out again. */
int simulated_presence(struct bank_port *bank, int compartment, enum bank_level level);

/* How often the lock was driven since the start, whether it is driven now, and where the door truly
 * is, sensor or not. 0, false, BANK_UNKNOWN for a compartment that does not exist. */
int simulated_pulses(struct bank_port *bank, int compartment);
bool simulated_active(struct bank_port *bank, int compartment);
enum bank_level simulated_door(struct bank_port *bank, int compartment);

#endif
