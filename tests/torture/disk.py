"""The disk of one daemon after the other is full, and then it is not, while people rent."""

import collections
import contextlib
import os
import random
import subprocess
import time

from census import Census
from crowd import Campaign
from keeper import Keeper
from place import QUICK, Place
from town import BANKS, HUB, LEDGER

BANK = next(iter(BANKS))
# In the first round the one that stores least comes first: its log has not come to its end yet.
PLACES = {"ledger": LEDGER, "kiosk": BANK, "hub": HUB}
ENDED = "a {} ended since its disk was full"
TOLD = "a {} was told to end while its disk was full"
# MiB. The hub's log has 64 before it is written anew, and takes them twice: in its database, too. A disk
# that it fills by itself would stay full for ever.
SIZE = {"ledger": 24, "kiosk": 24, "hub": 192, "provider": 24}
GROWS = 0.25  # MiB in each round
FULL_FOR = 1.0  # s, at most, from the end of its daemon on
PATIENCE = 25  # s
TELL = 0.25  # how often a daemon whose disk is full is told to end
PROVIDER = "provider"  # has a disk, too, and its being ill must not end the ledger
NO_ROOM = "the provider could not store something"
ROUND = 12  # s, about
LEFT = (0, 4096, 20000, 100000)  # bytes that are free when the trouble begins
FULL = "disk is full"  # as a daemon's log says what it ended of
FAILURE = 1  # the exit status of a daemon that cannot go on
WANTED = (*(ENDED.format(role) for role in PLACES), NO_ROOM)
ALSO = (*(TOLD.format(role) for role in PLACES), *(f"a {role} could not even start" for role in PLACES))


class Refused(Exception):
    """This machine does not let us mount."""


@contextlib.contextmanager
def small_disks(folder, rounds):
    """One for each of the places, in memory, and none that the rentals alone fill."""
    with contextlib.ExitStack() as stack:
        for role, name in (*PLACES.items(), (PROVIDER, PROVIDER)):
            path = folder / name
            path.mkdir(parents=True)
            done = subprocess.run(
                ["mount", "-t", "tmpfs", "-o", f"size={SIZE[role] + int(GROWS * rounds)}m", "lendlock-torture", path],
                capture_output=True, text=True)
            if done.returncode != 0:
                raise Refused(done.stderr.strip())
            stack.callback(subprocess.run, ["umount", path], check=True)
        yield


def fill(folder, left):
    """All but so many bytes."""
    path = folder / "filler"
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(65536))
    with contextlib.suppress(OSError), path.open("ab", buffering=0) as file:
        while True:
            file.write(bytes(512))
    os.truncate(path, max(0, path.stat().st_size - left))
    return path


class Disks:
    """A disk stays full until its daemon has ended of it, and for a while after that."""

    def __init__(self, folder, daemons, seeded, census):
        self.folder = folder
        self.daemons = daemons  # {role: daemon}
        self.random = seeded
        self.census = census
        self.wrong = []
        self._told = {role: 0 for role in PLACES}  # to end, how often, and it has not ended yet
        self._ends = collections.Counter()
        self._read = {role: 0 for role in PLACES}  # lines of its log
        self._keeper = None

    def disturb(self, rounds, keeper):
        self._keeper = keeper
        for turn in range(rounds):
            roles = list(PLACES)
            if turn > 0:
                self.random.shuffle(roles)
            self._fill_provider()
            for role in roles:
                time.sleep(self.random.uniform(0.3, 1))
                if turn > 0:
                    self._begin_log_anew(role)
                # In the first round nobody tells them to end: each is to end of the disk once.
                self._fill(role, LEFT[turn % len(LEFT)], tell=turn > 0 and self.random.random() < TELL)

    def _fill_provider(self):
        log = self.daemons["ledger"].log
        mark = log.mark()
        filler = fill(self.folder / PROVIDER, 0)
        time.sleep(self.random.uniform(0.5, 1) + FULL_FOR)
        filler.unlink()
        self.census.count(NO_ROOM, sum("sandbox: " in line for line in log.items(mark)))

    def _tell(self, role):
        self._told[role] += 1
        self._keeper.tell_to_end(role)

    def _begin_log_anew(self, role):
        """The log of a database keeps its size while its daemon lives, and is written from its beginning
        now and then: for minutes nobody would notice that there is no room for more."""
        said = self.daemons[role].notifications
        mark, end = said.mark(), time.monotonic() + PATIENCE
        self._tell(role)
        while "READY=1" not in said.items(mark) and time.monotonic() < end:
            time.sleep(0.05)

    def _fill(self, role, left, tell):
        ends, end = self._ends[role], time.monotonic() + PATIENCE
        filler = fill(self.folder / PLACES[role], left)
        if tell:
            self.census.count(TOLD.format(role))
            self._tell(role)
        while self._ends[role] == ends and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(self.random.uniform(0, FULL_FOR))
        filler.unlink()

    def ended(self, role, status):
        """The keeper tells."""
        log = self.daemons[role].log.items()
        last, self._read[role] = log[self._read[role]:], len(log)
        self._ends[role] += 1
        ready = any("connected to" in line for line in last)
        # The provider's file need not be there while the ledger lives, but it is opened at its start.
        if status == FAILURE and any(FULL in line or not ready and "sandbox: " in line for line in last):
            self.census.count(ENDED.format(role) if ready else f"a {role} could not even start")
        elif status != 0 or not self._told[role]:
            self.wrong.append(f"the {role} ended with {status}, and not for want of room: {last[-3:]}")
        self._told[role] = 0


def live(folder, options, census):
    seeded = random.Random(f"{options.seed} disk")
    with Place(folder, renters=Campaign.renters(ROUND * options.disk), **QUICK) as town:
        daemons = {"kiosk": town.banks[BANK], "hub": town.hub, "ledger": town.ledger}
        campaign = Campaign(town, seeded, census)
        disks = Disks(folder, daemons, seeded, census)
        with Keeper(daemons, disks.ended) as keeper:
            campaign.start()
            disks.disturb(options.disk, keeper)
            yield from campaign.end(before_stop=keeper.stop)
        yield "how they ended", disks.wrong + keeper.wrong


def run(folder, options):
    census = Census(WANTED, ALSO)
    try:
        with small_disks(folder, options.disk):
            yield from live(folder, options, census)
    except Refused as refused:
        print(f"SKIPPED: no disk was full: {refused}", flush=True)
        return
    yield from census.told()
