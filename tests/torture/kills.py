"""Many people rent at once, and daemons and the broker are killed at random moments."""

import random
import sqlite3
import time

from audit import audit
from census import Census
from check import PAYMENT_FINAL, Check, quoted
from killer import Killer, as_left_behind
from paths import count_paths
from renter import Renter
from place import Place
from steward import Steward
from town import HUB, MANAGER

RENTERS = ("mina", "joon", "sora", "hana", "ben", "lea", "otto", "ida")
ITEMS = 6  # at each bank; not many more than people want at once
PATIENCE = 120  # s; how long peace may take to come, never how long it should

# Holds and pickups that run out while somebody watches.
RENTALS = {"hold": "10 s", "extend": "10 s", "hold_max": "40 s", "pickup": "10 s", "rentals_max": 3}
BREAKER = {"open_for": "1 s", "open_for_max": "2 s"}
PROVIDER = {"try_first": "200 ms", "try_max": "1 s"}
SANDBOX = {"delay": "60 ms", "spread": "120 ms", "slow": "800 ms", "timeout": "1 s"}


def wait_for_peace(town, renters, deadline):
    """Until everybody has brought everything back, and all money and all events have arrived."""
    for renter in renters:
        if not renter.join(max(1, deadline - time.monotonic())):
            yield f"{renter.name} has not brought everything back"
        if renter.trouble:
            yield f"{renter.name}: {renter.trouble}"
    for bank in town.banks:
        while open_payments(town.database(bank)) and time.monotonic() < deadline:
            time.sleep(0.5)
        if open_payments(town.database(bank)):
            yield f"{bank}: payments have not come to their end"
    for bank in town.banks:
        try:
            town.expect_caught_up(bank)
        except AssertionError:
            yield f"the hub does not have all events of {bank}"


def open_payments(path):
    """How many, of a database whose daemon lives; a copy that was made while it wrote does not count. Its
    log does not say it: who dies between the commit and the log line never tells of that step."""
    try:
        with as_left_behind(path) as number:
            return number(f"SELECT count(*) FROM payment WHERE state NOT IN {quoted(PAYMENT_FINAL)}")
    except sqlite3.DatabaseError:
        return 1


def live(town, options, census):
    """Trouble, then peace. Returns what went wrong."""
    seeded = random.Random(options.seed)

    def more():
        return random.Random(seeded.getrandbits(64))

    items = town.stock_all(ITEMS)
    steward = Steward(town, MANAGER, more(), census, items)
    renters = [Renter(town, name, more(), census, items) for name in RENTERS]
    killer = Killer(town, more(), census)
    for person in (steward, *renters):
        person.start()
    started = time.monotonic()
    killer.run(options.kills)
    print(f"torture: {killer.kills} kills in {time.monotonic() - started:.0f} s; now there is peace",
          flush=True)
    steward.jams.clear()
    for renter in renters:
        renter.behaves.set()
    wrong = list(wait_for_peace(town, renters, time.monotonic() + PATIENCE))
    steward.end()
    if steward.trouble:
        wrong.append(f"{steward.name}: {steward.trouble}")
    return wrong, steward, renters


def judge(town, steward, renters, census):
    """(name, [what is wrong, ...]) of each check."""
    people = [steward, *renters]
    yield from Check(town, people, steward.stocked).run()
    try:
        audit(town.database(HUB), town.provider, [town.database(bank) for bank in town.banks])
        yield "the audit", []
    except AssertionError as error:
        yield "the audit", [repr(error)]
    count_paths(town, people, census)
    for line in census.table():
        print(line)
    yield from census.judge()


def run(folder, options):
    """(name, [what is wrong, ...]) of each check."""
    census = Census()
    with Place(folder, renters=RENTERS, rentals=RENTALS, breaker=BREAKER, provider=PROVIDER,
              sandbox=SANDBOX) as town:
        wrong, steward, renters = live(town, options, census)
        town.stop_all()
        events = Check(town, [steward, *renters], steward.stocked)
        print(f"torture: {len(events.rentals)} rentals, {len(events.bank_log)} events", flush=True)
        yield "peace", wrong
        yield from judge(town, steward, renters, census)
