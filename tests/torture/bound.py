"""How long a part may take until it is ended from outside: every wait in it has a bound of its own, and
this is for those that somebody forgot."""

import contextlib
import faulthandler
import os
import signal
import sys

from place import Place

CLEARING = 90  # s; how long a part that was told to end may take to clear away what it made


class Overdue(Exception):
    """It did not end in time."""


@contextlib.contextmanager
def bound(name, seconds):
    """Raises Overdue in the main thread when the time is over, after the stacks of all threads and the
    tails of all logs have been printed; and ends everything if that is not enough."""
    def clearing(number, frame):
        print(f"torture: {name} hangs so that it cannot be ended; mounts and networks stay", flush=True)
        os._exit(1)

    def overdue(number, frame):
        print(f"torture: {name} did not end within {seconds} s; what each thread waits for:", flush=True)
        faulthandler.dump_traceback(sys.stdout, all_threads=True)
        for place in Place.living:
            place.print_logs()
        signal.signal(signal.SIGALRM, clearing)
        signal.alarm(CLEARING)
        raise Overdue(f"{name} did not end within {seconds} s")

    before = signal.signal(signal.SIGALRM, overdue)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
