/* The hub's tables. */
#ifndef LENDLOCK_HUB_MIGRATIONS_H
#define LENDLOCK_HUB_MIGRATIONS_H

/* For database_open(). */
extern const char *const hub_migrations[];

#endif
