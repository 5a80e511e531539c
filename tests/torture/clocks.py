"""Clocks that jump by hours, both ways, and boards that start in 1970 (wall_clock.c), while people rent."""

import concurrent.futures
import os
import random
import struct
import time

from census import Census
from crowd import Campaign
from daemon import BUILD
from place import QUICK, Place
from town import BANKS, HUB, LEDGER

CLOCK = BUILD / "tests/torture/libtorture-clock.so"
HOUR = 3600  # s
LASTS = 2.0  # s, how long a clock is wrong
# A day ahead is believed, and then waited for until it has come: what needs a time waits as long. So a
# bank and a ledger, without which nobody rents, are only told what no one may believe.
JUMPS = {
    "ahead": {HUB: 5 * HOUR, "otherwise": 30 * HOUR},
    "back": {HUB: -5 * HOUR, "otherwise": -7 * HOUR},
}
ROUND = 12  # s, about
BOOT = 10  # s, since 1970 began
WANTED = (*(f"the clock of a {role} jumped {way}" for role in ("kiosk", "hub", "ledger") for way in JUMPS),
          *(f"a {role} started in 1970" for role in ("kiosk", "hub", "ledger")),
          "a request was refused for want of a time", "an event was marked as of an unsure clock")


class Watch:
    """The clock of one daemon, which must not have started yet."""

    def __init__(self, daemon, role, census):
        self.daemon = daemon
        self.role = role
        self._census = census
        self._file = daemon.folder / "clock"
        self.set(0)
        daemon.wrapper = ["env", f"LD_PRELOAD={CLOCK}", f"LENDLOCK_WALL_CLOCK={self._file}"]

    def set(self, offset):
        with open(os.open(self._file, os.O_RDWR | os.O_CREAT), "wb", buffering=0) as file:
            file.write(struct.pack("=q", int(offset)))

    def jump(self, way):
        self._census.count(f"the clock of a {self.role} jumped {way}")
        self.set(JUMPS[way].get(self.role, JUMPS[way]["otherwise"]))
        time.sleep(LASTS)
        self.set(0)

    def boot_in_1970(self):
        self._census.count(f"a {self.role} started in 1970")
        self.daemon.kill()
        self.set(BOOT - time.time())
        self.daemon.start()
        time.sleep(LASTS)
        self.set(0)


def disturb(watch, random, rounds):
    for _ in range(rounds):
        acts = [lambda: watch.jump("ahead"), lambda: watch.jump("back"), watch.boot_in_1970]
        random.shuffle(acts)
        for act in acts:
            time.sleep(random.uniform(0.3, 2))
            act()


def count(town, census):
    for message in town.messages.items():
        if "/reply/" in message.topic and message.json.get("code") == "clock":
            census.count("a request was refused for want of a time")
        elif message.topic.endswith("/event"):
            census.count("an event was marked as of an unsure clock",
                         sum(event.get("clock") == "unsure" for event in message.json))


def run(folder, options):
    seeded = random.Random(f"{options.seed} clocks")
    census = Census(WANTED)
    town = Place(folder, renters=Campaign.renters(ROUND * options.clocks), **QUICK)
    bank = next(iter(BANKS))
    watches = [Watch(daemon, role, census) for daemon, role in (
        (town.banks[bank], "kiosk"), (town.hub, HUB), (town.ledger, LEDGER))]
    with town:
        campaign = Campaign(town, seeded, census)
        campaign.start()
        # What a thread has started ends with it.
        with concurrent.futures.ThreadPoolExecutor(len(watches)) as pool:
            randoms = [random.Random(seeded.getrandbits(64)) for _ in watches]
            list(pool.map(disturb, watches, randoms, [options.clocks] * len(watches)))
            yield from campaign.end()
        count(town, census)
    yield from census.told()
