"""The wires between daemons and broker are cut: all of them in turn, both ways or one way, for a moment
or until both ends have given up, one before the other; then they heal."""

import itertools
import random
import threading
import time

from census import Census
from crowd import Campaign, count_events
from place import QUICK, Place
from town import BANKS, HUB, LEDGER
from wires import PORT, Refused, Wires

PEOPLE = "people"  # their wire holds
KEEP_ALIVE = 5  # s, the least that daemons can be told
WHOLE, WHOLE_LATER = (0.3, 2.5), (5, 25)  # s, how long a wire holds; later, so that people get on
MOMENT, LONG = (0.3, 2), (10, 12)  # s; the broker gives up after one and a half of KEEP_ALIVE
KINDS = {"cut": "both ways", "deaf": "so that a daemon heard nothing", "mute": "so that it was not heard"}
TURNS = (("cut", LONG), ("deaf", MOMENT), ("mute", LONG), ("cut", MOMENT), ("deaf", LONG), ("mute", MOMENT))
SHORT_CUT = "a wire was cut for a moment, {}"
LONG_CUT = "a wire was cut for long, {}"
GIVEN_UP = "the broker gave up a daemon that was still there"
WANTED = (*(text.format(kind) for text in (SHORT_CUT, LONG_CUT) for kind in KINDS.values()),
          GIVEN_UP)
# What may happen, or not, in a short time.
ALSO = ("a bank was said to be lost, and was not", "events were sent again")


class Cutters:
    """A thread for each wire. What it does is drawn from a seed; each kind has its turn."""

    def __init__(self, wires, names, random_of, census):
        self._wires = wires
        self._census = census
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(name, place, random_of()), daemon=True)
            for place, name in enumerate(names)]

    def start(self):
        for thread in self._threads:
            thread.start()

    def end(self):
        """All wires are whole then."""
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _run(self, name, place, random):
        """Each wire at least twice, so that all together have had all of it."""
        for turn in itertools.count():
            how, length = TURNS[(2 * place + turn) % len(TURNS)]
            # Whoever was cut off waits for longer and longer until it tries again.
            if self._ended.wait(random.uniform(*(WHOLE if turn < len(TURNS) else WHOLE_LATER))) and turn >= 2:
                return
            self._wires.cut(name, how)
            text = LONG_CUT if length == LONG else SHORT_CUT
            self._census.count(text.format(KINDS[how]))
            time.sleep(random.uniform(*length))
            self._wires.heal(name, how)


def count_losses(town, census):
    for line in town.broker.lines.items():
        if "exceeded timeout" in line:
            census.count(GIVEN_UP)
    for message in town.messages.items():
        if "/kiosk/" in message.topic and message.topic.endswith("/status"):
            if message.payload and message.json["state"] == "lost":
                census.count("a bank was said to be lost, and was not")


def live(town, wires, options, census):
    seeded = random.Random(f"{options.seed} links")
    campaign = Campaign(town, seeded, census)
    cutters = Cutters(
        wires, [*BANKS, HUB, LEDGER], lambda: random.Random(seeded.getrandbits(64)), census)
    campaign.start()
    cutters.start()
    time.sleep(options.links)
    cutters.end()
    yield from campaign.end()
    count_events(town, census)
    count_losses(town, census)


def run(folder, options):
    census = Census(WANTED, ALSO)
    names = [PEOPLE, *BANKS, HUB, LEDGER]
    try:
        with Wires(names) as wires:
            ends = "\n".join(f"listener {PORT} {wires.far(name)}" for name in names[1:])
            broker = {"address": wires.far(PEOPLE), "port": PORT, "wrapper": wires.wrapper, "extra": ends}
            with Place(folder, renters=Campaign.renters(options.links), broker=broker, keep_alive=f"{KEEP_ALIVE} s",
                       uri=lambda name: f"mqtt://{wires.far(name)}:{PORT}", **QUICK) as town:
                yield from live(town, wires, options, census)
    except Refused as refused:
        print(f"SKIPPED: no wire was cut between network namespaces: {refused}", flush=True)
        return
    yield from census.told()
