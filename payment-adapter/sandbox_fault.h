/* Which fault strikes a call to the make-believe provider. */
#ifndef LENDLOCK_PAYMENT_ADAPTER_SANDBOX_FAULT_H
#define LENDLOCK_PAYMENT_ADAPTER_SANDBOX_FAULT_H

#include "payment-adapter/provider_sandbox.h"

/* By a method; asked: how often that call was made under this id before. */
enum provider_sandbox_fault sandbox_fault_of_method(
	const char *method, enum provider_call call, int64_t asked);

/* By chance. */
enum provider_sandbox_fault sandbox_fault_by_chance(
	const int per_thousand[SANDBOX_FAULTS], struct random_port *random);

#endif
