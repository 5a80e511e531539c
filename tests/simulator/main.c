/*
 * simulate [--seeds N] [--from S] [--replay S] [--jobs J]: lives of made-up sites, one seed after
 * another, in processes side by side. A line for each failing seed, then what happened how often.
 * It fails if a seed fails, or if over a campaign something never happened.
 */
#include "lib/base/log.h"
#include "tests/simulator/day.h"
#include "tests/simulator/sqlite_memory.h"

#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define JOBS_MAX  64
#define CAMPAIGN  20  /* seeds, from which on each counter must have fired */
#define PATIENCE  600 /* s for one seed */
#define FORGIVEN  1000
#define EXPLAINED 1 /* failing seeds that are explained */

struct options {
	uint64_t from;
	int64_t seeds;
	bool replay, explain, calm;
	int jobs;
	size_t banks;
	usec time;
};

/* What the processes share. */
struct board {
	int64_t next; /* the next seed's place */
	struct {
		int64_t seed; /* under way */
		struct world_counts counts;
		usec settled; /* the longest */
	} jobs[JOBS_MAX];
	int64_t failed; /* how many; the first of them: */
	struct {
		uint64_t seed;
		char check[NAME_SIZE];
	} failures[FORGIVEN];
};

static void note_failure(struct board *board, uint64_t seed, const char *check)
{
	int64_t place = __atomic_fetch_add(&board->failed, 1, __ATOMIC_SEQ_CST);
	if (place >= FORGIVEN)
		return;
	board->failures[place].seed = seed;
	TEXT_COPY(board->failures[place].check, check);
}

static void work(const struct options *options, struct board *board, int job)
{
	for (;;) {
		int64_t place = __atomic_fetch_add(&board->next, 1, __ATOMIC_SEQ_CST);
		if (place >= options->seeds)
			return;
		uint64_t seed = options->from + (uint64_t)place;
		board->jobs[job].seed = (int64_t)seed;
		alarm(PATIENCE);
		struct day day = day_live(seed, options->banks, options->time);
		for (int i = 0; i < COUNTS; i++)
			board->jobs[job].counts.of[i] += day.counts.of[i];
		if (day.settled > board->jobs[job].settled)
			board->jobs[job].settled = day.settled;
		if (!day.wrong)
			continue;
		printf("seed %llu failed: %s: %s (in hour %lld; %d in all%s%s; trace %016llx)\n",
			(unsigned long long)seed, day.first.check, day.first.text,
			(long long)(day.first.at / HOUR), day.wrong, day.others[0] ? "; also " : "",
			day.others, (unsigned long long)day.trace);
		fflush(stdout);
		note_failure(board, seed, day.first.check);
	}
}

static void wait_for(struct board *board, const pid_t *pids, int jobs)
{
	for (int job = 0; job < jobs; job++) {
		int status = 0;
		while (waitpid(pids[job], &status, 0) < 0 && errno == EINTR)
			;
		if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS)
			continue;
		const char *check =
			WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ? "hangs" : "crashes";
		printf("seed %lld failed: it %s\n", (long long)board->jobs[job].seed, check);
		note_failure(board, (uint64_t)board->jobs[job].seed, check);
	}
}

static void run_jobs(const struct options *options, struct board *board)
{
	pid_t pids[JOBS_MAX];
	fflush(stdout);
	for (int job = 0; job < options->jobs; job++) {
		pids[job] = fork();
		if (pids[job] < 0)
			abort();
		if (pids[job] == 0) {
			work(options, board, job);
			exit(EXIT_SUCCESS);
		}
	}
	wait_for(board, pids, options->jobs);
}

/* --- what is said at the end --- */

static struct world_counts sum(const struct board *board, int jobs)
{
	struct world_counts all = {0};
	for (int job = 0; job < jobs; job++)
		for (int i = 0; i < COUNTS; i++)
			all.of[i] += board->jobs[job].counts.of[i];
	return all;
}

/* Returns how many never fired. */
static int print_counts(const struct world_counts *counts)
{
	int never = 0;
	for (int i = 0; i < COUNTS; i++) {
		bool missed = counts->of[i] == 0 && !world_count_is_rare((enum world_count)i);
		printf("%12lld  %s%s\n", (long long)counts->of[i], world_count_names[i],
			missed ? "  <-- NEVER" : "");
		never += missed;
	}
	return never;
}

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Of all processes that have ended: what a core does, however many others use it. */
static double cpu_seconds(void)
{
	struct rusage used;
	getrusage(RUSAGE_CHILDREN, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static usec longest(const struct board *board, int jobs)
{
	usec longest = 0;
	for (int job = 0; job < jobs; job++)
		if (board->jobs[job].settled > longest)
			longest = board->jobs[job].settled;
	return longest;
}

static void print_speed(const struct world_counts *counts, const char *unit, double took)
{
	printf(" in %.1f %s: %.0f rentals/s, %.1f crashes/s", took, unit,
		(double)counts->of[COUNT_RENTALS] / took, (double)counts->of[COUNT_CRASHES] / took);
}

static void explain(const struct options *options, const struct board *board)
{
	for (int64_t i = 0; i < board->failed && i < EXPLAINED; i++) {
		const char *check = board->failures[i].check;
		if (strcmp(check, "hangs") != 0 && strcmp(check, "crashes") != 0)
			day_explain(board->failures[i].seed, options->banks, options->time, check);
	}
}

static int campaign(const struct options *options)
{
	struct board *board = mmap(
		NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED)
		abort();
	double begun = seconds();
	run_jobs(options, board);
	double took = seconds() - begun;
	struct world_counts counts = sum(board, options->jobs);
	int never = print_counts(&counts);
	printf("all was settled within %lld minutes of peace\n",
		(long long)(longest(board, options->jobs) / MINUTE));
	printf("%lld seeds, %lld failed; %lld rentals, %lld crashes", (long long)options->seeds,
		(long long)board->failed, (long long)counts.of[COUNT_RENTALS],
		(long long)counts.of[COUNT_CRASHES]);
	print_speed(&counts, "s", took);
	print_speed(&counts, "s of one core", cpu_seconds());
	printf("\n");
	fflush(stdout);
	if (options->explain)
		explain(options, board);
	if (options->seeds >= CAMPAIGN && never)
		printf("%d counters never fired\n", never);
	return board->failed || (options->seeds >= CAMPAIGN && never);
}

/* One seed: what it came to, and if it failed, why. */
static int replay(const struct options *options)
{
	static struct trouble_mask all;
	memset(&all, true, sizeof(all));
	struct day day =
		options->calm ? day_relive(options->from, options->banks, options->time, &all, true)
			      : day_live(options->from, options->banks, options->time);
	print_counts(&day.counts);
	printf("seed %llu: %s, trace %016llx\n", (unsigned long long)options->from,
		day.wrong ? "FAILED" : "good", (unsigned long long)day.trace);
	if (day.wrong && options->explain)
		day_explain(options->from, options->banks, options->time, day.first.check);
	return day.wrong != 0;
}

/* --- the command line --- */

static const struct option longs[] = {
	{"seeds", required_argument, NULL, 'n'},
	{"from", required_argument, NULL, 'f'},
	{"replay", required_argument, NULL, 'r'},
	{"jobs", required_argument, NULL, 'j'},
	{"banks", required_argument, NULL, 'b'},
	{"hours", required_argument, NULL, 't'},
	{"calm", no_argument, NULL, 'c'},
	{"no-explanation", no_argument, NULL, 'q'},
	{"help", no_argument, NULL, 'h'},
	{0},
};

static int usage(FILE *to, int result)
{
	fprintf(to,
		"usage: simulate [--seeds N] [--from SEED] [--jobs N]   a campaign\n"
		"       simulate --replay SEED                          one seed, and why it "
		"fails\n"
		"  --banks N, --hours N  how large a world is, instead of %d and %d\n"
		"  --calm                replays without any trouble\n"
		"  --no-explanation      a failing seed is not cut down to what it takes\n"
		"LENDLOCK_WORLD_TRACE=1 prints all that happens.\n",
		DAY_BANKS, DAY_HOURS);
	return result;
}

/* What one world gives back the next one takes: not by way of the system, page by page. */
static void keep_memory(void)
{
	mallopt(M_TRIM_THRESHOLD, 1 << 30);
	mallopt(M_TOP_PAD, 16 << 20);
	mallopt(M_MMAP_THRESHOLD, 1 << 28);
}

int main(int argc, char **argv)
{
	struct options options = {
		.from = 1,
		.seeds = 1,
		.explain = true,
		.jobs = (int)sysconf(_SC_NPROCESSORS_ONLN),
		.banks = DAY_BANKS,
		.time = DAY_HOURS * HOUR,
	};
	for (int c; (c = getopt_long(argc, argv, "", longs, NULL)) >= 0;) {
		long long number = optarg ? strtoll(optarg, NULL, 10) : 0;
		if (c == 'h')
			return usage(stdout, EXIT_SUCCESS);
		options.calm |= c == 'c';
		if (c == 'q')
			options.explain = false;
		else if (c == '?' || (c != 'c' && number < (c == 'f' || c == 'r' ? 0 : 1)))
			return usage(stderr, 2);
		else if (c == 'n')
			options.seeds = number;
		else if (c == 'j')
			options.jobs = number < JOBS_MAX ? (int)number : JOBS_MAX;
		else if (c == 'b')
			options.banks =
				number < WORLD_KIOSKS_MAX ? (size_t)number : WORLD_KIOSKS_MAX;
		else if (c == 't')
			options.time = number * HOUR;
		if (c == 'f' || c == 'r')
			options.from = (uint64_t)number;
		options.replay |= c == 'r';
	}
	sqlite_memory_install();
	keep_memory();
	log_set_level(getenv("LENDLOCK_WORLD_TRACE") ? LOG_LEVEL_DEBUG : (enum log_level)0);
	return options.replay ? replay(&options) : campaign(&options);
}
