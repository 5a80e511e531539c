"""The disk of one daemon after the other is full, and then it is not, while people rent."""

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
SIZE = 24  # MiB
FULL_FOR = 1.0  # s, at most, from the end of its daemon on
PATIENCE = 25  # s
LEFT = (0, 4096, 20000, 100000)  # bytes that are free when the trouble begins
FAILURE = 1  # the exit status of a daemon that cannot go on
WANTED = tuple(ENDED.format(role) for role in PLACES)
ALSO = tuple(f"a {role} could not even start" for role in PLACES)


class Refused(Exception):
    """This machine does not let us mount."""


@contextlib.contextmanager
def small_disks(folder):
    """One for each of the places, in memory."""
    with contextlib.ExitStack() as stack:
        for name in PLACES.values():
            path = folder / name
            path.mkdir(parents=True)
            done = subprocess.run(
                ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "lendlock-torture", path],
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


def disturb(folder, seeded, rounds, census):
    """A disk stays full until its daemon has ended of it, and for a while after that. The log of a database
    may have room for some time, since it is written anew from its beginning now and then."""
    for turn in range(rounds):
        roles = list(PLACES)
        if turn > 0:
            seeded.shuffle(roles)
        for role in roles:
            time.sleep(seeded.uniform(0.3, 1))
            before, end = census[ENDED.format(role)], time.monotonic() + PATIENCE
            filler = fill(folder / PLACES[role], LEFT[turn % len(LEFT)])
            while census[ENDED.format(role)] == before and time.monotonic() < end:
                time.sleep(0.05)
            time.sleep(seeded.uniform(0, FULL_FOR))
            filler.unlink()


def live(folder, options, census):
    seeded = random.Random(f"{options.seed} disk")
    wrong = []
    died = {role: 0 for role in PLACES}

    def ended(role, status):
        log = daemons[role].log.items()
        never_ready = not any("connected to" in line for line in log[died[role]:])
        died[role] = len(log)
        if status != FAILURE:
            wrong.append(f"the {role} ended with {status}: {log[-3:]}")
        census.count(f"a {role} could not even start" if never_ready else
                     ENDED.format(role))

    with Place(folder, renters=Campaign.RENTERS, **QUICK) as town:
        daemons = {"kiosk": town.banks[BANK], "hub": town.hub, "ledger": town.ledger}
        campaign = Campaign(town, seeded, census)
        keeper = Keeper(daemons, ended)
        campaign.start()
        disturb(folder, seeded, options.disk, census)
        yield from campaign.end(before_stop=keeper.stop)
        keeper.leave()
        yield "how they ended", wrong + keeper.wrong


def run(folder, options):
    census = Census(WANTED, ALSO)
    try:
        with small_disks(folder):
            yield from live(folder, options, census)
    except Refused as refused:
        print(f"SKIPPED: no disk was full: {refused}", flush=True)
        return
    yield from census.told()
