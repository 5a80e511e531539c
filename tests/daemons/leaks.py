"""What scripts/check-leaks runs: whole rentals, with all daemons under valgrind."""

import sys
import tempfile

import story
from town import Town

VALGRIND = (
    "valgrind", "--quiet", "--leak-check=full", "--error-exitcode=66", "--num-callers=30",
    "--fair-sched=yes",
)


def main():
    with tempfile.TemporaryDirectory(prefix="lendlock-leaks-") as folder:
        # Slow people: under valgrind, on a busy machine, a bank may not look for a second.
        town = Town(folder, wrapper=VALGRIND, doors={"open_within": "30 s"},
                    bank={"open_after": "1 s", "close_after": "2 s"})
        try:
            with town:
                story.rental(town)
                story.broker_forgets(town)
        finally:
            told = [line for daemon in town.daemons for line in daemon.log.items()
                    if line.startswith("==")]
            print("\n".join(told) or f"no error and no leak in {len(town.daemons)} daemons")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
