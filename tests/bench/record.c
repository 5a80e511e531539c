/* Records a stream: bench-record FILE KIOSKS ITEMS EVENTS START; EVENTS are those of each kiosk,
 * START is in seconds since 1970. */
#include "tests/bench/recording.h"

#include <stdlib.h>

int main(int argc, char **argv)
{
	if (argc != 6)
		fail("usage: bench-record FILE KIOSKS ITEMS EVENTS START");
	recording_make(argv[1], atoi(argv[2]), atoi(argv[3]), strtoul(argv[4], NULL, 10),
		strtoll(argv[5], NULL, 10) * SECOND);
	return 0;
}
