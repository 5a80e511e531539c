#include "payment-adapter/sandbox_fault.h"

#include <string.h>

#define PREFIX "tok-"
#define ALWAYS "always"

static const char *const fault_names[] = {
	[SANDBOX_OK] = "ok",
	[SANDBOX_DECLINED] = "declined",
	[SANDBOX_ERROR] = "error",
	[SANDBOX_TIMEOUT] = "timeout",
	[SANDBOX_LOST] = "lost",
	[SANDBOX_SLOW] = "slow",
	[SANDBOX_LATE] = "late",
	[SANDBOX_NOTFOUND] = "notfound",
	NULL,
};

static const char *const call_names[] = {
	[PROVIDER_AUTHORIZE] = "authorize",
	[PROVIDER_CAPTURE] = "capture",
	[PROVIDER_VOID] = "void",
	[PROVIDER_REFUND] = "refund",
	[PROVIDER_QUERY] = "query",
	NULL,
};

/* The word before the next '-' and its place in names, or -1; *text moves behind it. */
static int take_word(const char **text, const char *const *names)
{
	size_t length = strcspn(*text, "-");
	for (int i = 0; names[i]; i++) {
		if (strlen(names[i]) != length || memcmp(*text, names[i], length) != 0)
			continue;
		*text += length + ((*text)[length] == '-' ? 1 : 0);
		return i;
	}
	return -1;
}

enum provider_sandbox_fault sandbox_fault_of_method(
	const char *method, enum provider_call call, int64_t asked)
{
	if (strncmp(method, PREFIX, strlen(PREFIX)) != 0)
		return SANDBOX_OK;
	const char *rest = method + strlen(PREFIX);
	int fault = take_word(&rest, fault_names);
	int struck = take_word(&rest, call_names);
	bool always = strcmp(rest, ALWAYS) == 0;
	if (fault < 0 || (!always && rest[0] != '\0'))
		return SANDBOX_DECLINED;
	if ((int)call != (struck < 0 ? PROVIDER_AUTHORIZE : struck))
		return SANDBOX_OK;
	return asked == 0 || always ? (enum provider_sandbox_fault)fault : SANDBOX_OK;
}

enum provider_sandbox_fault sandbox_fault_by_chance(
	const int per_thousand[SANDBOX_FAULTS], struct random_port *random)
{
	int drawn = (int)random_below(random, 1000);
	for (int fault = SANDBOX_DECLINED; fault < SANDBOX_FAULTS; fault++) {
		if (drawn < per_thousand[fault])
			return (enum provider_sandbox_fault)fault;
		drawn -= per_thousand[fault];
	}
	return SANDBOX_OK;
}
