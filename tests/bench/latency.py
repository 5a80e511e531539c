"""From a paid request to the pulse of a lock, in a town of real daemons, and what they take of memory."""

import statistics
import threading
import time

from daemon import BUILD
from process import Flushes, resident
from town import HUB, LEDGER, Town

BANK = "library"
PULSE = " -> pulsing"


class Silence:
    """Says nothing: the story is not what is measured."""

    def tell(self, *_):
        pass

    quote = tell


def pulse_after(town, flushes, rental):
    """Seconds from the request to the pulse, and the flushes of the bank's database until then."""
    log = town.banks[BANK].log
    mark, flushed = log.mark(), flushes.count()
    # The reply comes when the door has opened; the pulse is before that.
    asking = threading.Thread(target=town.mina.act, args=(rental, "open"))
    asked = time.monotonic()
    asking.start()
    log.wait_for(lambda line: line.endswith(PULSE), mark)
    seen = time.monotonic() - asked, flushes.count() - flushed
    asking.join()
    return seen


def door_latency(folder, rentals):
    """median, slowest_tenth (ms), flushes (median, most), resident: {daemon: (idle, loaded)} (MiB)."""
    folder.mkdir()
    flushes = Flushes(folder / "flushes", BUILD / "tests/bench/libbench-syncs.so")
    town = Town(folder / "town", Silence(),
                sandbox={"delay": "1 ms", "spread": "1 ms"},
                bank={"close_after": "100 ms"})
    town.banks[BANK].environment = flushes.environment
    seen = []
    with town:
        daemons = {"kiosk": town.banks[BANK], "hub": town.hub, "payment adapter": town.ledger}
        idle = {name: resident(daemon.process) for name, daemon in daemons.items()}
        item = town.thing(BANK)
        for _ in range(rentals):
            rental = town.mina.reserve(BANK, item)
            town.mina.act(rental, "pay", method="tok-ok")
            seen.append(pulse_after(town, flushes, rental))
            town.expect_rental(town.mina, rental, "rented")
            town.mina.act(rental, "return")
            town.leave(BANK, item)
        loaded = {name: resident(daemon.process) for name, daemon in daemons.items()}
    times = sorted(1e3 * took for took, _ in seen)
    return {"median": statistics.median(times), "slowest_tenth": times[len(times) * 9 // 10],
            "flushes": (statistics.median_low(count for _, count in seen), max(count for _, count in seen)),
            "resident": {name: (idle[name], loaded[name]) for name in daemons}}
