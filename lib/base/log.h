/*
 * Log lines on stderr with the syslog level that journald reads ("<3>", sd-daemon(3)). One place
 * writes to the process's stderr; this is the only thing that is not handed down by pointer.
 */
#ifndef LENDLOCK_BASE_LOG_H
#define LENDLOCK_BASE_LOG_H

enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

/* One line. Control characters in what is printed are shown as '?', so nobody forges a line. */
__attribute__((format(printf, 2, 3))) void log_write(enum log_level level, const char *format, ...);

/* What is written at most; set once by main(), from LENDLOCK_LOG or the configuration. */
void log_set_level(enum log_level level);
/* The same by its place among these names, ended by NULL: error, warning, info, debug. */
void log_set_level_index(int index);
extern const char *const log_level_names[];

/* Lines begin with "program: " instead of the level: for who sits at a terminal. Borrowed. */
void log_set_plain(const char *program);
/* The same if stderr is a terminal: who starts a daemon by hand is no journal. */
void log_set_plain_on_terminal(const char *program);

#define log_error(...)   log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
