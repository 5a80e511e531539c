"""What scripts/torture runs once all is built."""

import argparse
import random
import shutil
import sys
import tempfile
import time
import traceback

from audit import audit
from census import WANTED, Census
from check import Check
from killer import Killer
from paths import count_paths
from renter import Renter
from steward import Steward
from town import HUB, MANAGER, Town
from transcript import Transcript

RENTERS = ("mina", "joon", "sora", "hana", "ben", "lea", "otto", "ida")
ITEMS = 6  # at each bank; not many more than people want at once
PATIENCE = 120  # s; how long peace may take to come, never how long it should

# Holds and pickups that run out while somebody watches.
RENTALS = {"hold": "10 s", "extend": "10 s", "hold_max": "40 s", "pickup": "10 s", "rentals_max": 3}
BREAKER = {"open_for": "1 s", "open_for_max": "2 s"}
PROVIDER = {"try_first": "200 ms", "try_max": "1 s"}
SANDBOX = {"delay": "60 ms", "spread": "120 ms", "slow": "800 ms", "timeout": "1 s"}


def begin(town):
    """Registers and stocks; the last thing at each bank costs nothing. {bank: [item, ...]}"""
    items = {bank: [f"{bank}-{n}" for n in range(1, ITEMS + 1)] for bank in town.banks}
    for bank, names in items.items():
        for item in names:
            town.boss.ask_hub(
                "item-register", item=item, title=item, kiosk=bank, currency="EUR", period=3600,
                amount=0 if item == names[-1] else 500)
    for bank, names in items.items():
        for item in names:
            town.wait_desired(bank, item)
            town.boss.ask(bank, "stock", item=item)
    for bank, names in items.items():
        for item in names:
            town.expect_item(bank, item, state="available")
    return items


def wait_for_peace(town, renters, deadline):
    """Until everybody has brought everything back, and all money and all events have arrived."""
    for renter in renters:
        if not renter.join(max(1, deadline - time.monotonic())):
            yield f"{renter.name} has not brought everything back"
        if renter.trouble:
            yield f"{renter.name}: {renter.trouble}"
    for bank, daemon in town.banks.items():
        try:
            daemon.log.wait_until(Settled(), timeout=max(1, deadline - time.monotonic()))
        except AssertionError:
            yield f"{bank}: payments have not come to their end"
    for bank in town.banks:
        try:
            town.expect_caught_up(bank)
        except AssertionError:
            yield f"the hub does not have all events of {bank}"


class Silence(Transcript):
    def tell(self, who, text):
        pass


class Settled:
    """Whether the last step of every payment that a log tells of was its last one."""

    FINAL = ("declined", "captured", "voided", "refunded")

    def __init__(self):
        self._seen = 0
        self._states = {}

    def __call__(self, lines):
        for line in lines[self._seen:]:
            if "payment " in line and " -> " in line:
                words = line.split()
                self._states[words[1]] = words[4]
        self._seen = len(lines)
        return all(state in self.FINAL for state in self._states.values())


def live(town, options, census):
    """Trouble, then peace. Returns what went wrong."""
    seeded = random.Random(options.seed)

    def more():
        return random.Random(seeded.getrandbits(64))

    items = begin(town)
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
    yield from Check(town, people, steward).run()
    try:
        audit(town.database(HUB), town.provider, [town.database(bank) for bank in town.banks])
        yield "the audit", []
    except AssertionError as error:
        yield "the audit", [repr(error)]
    count_paths(town, people, census)
    for line in census.table():
        print(line)
    for what in WANTED:
        yield what, [] if census[what] else ["it never happened"]


def report(results):
    passed = failed = 0
    for name, wrong in results:
        passed += not wrong
        failed += bool(wrong)
        for line in wrong[:20]:
            print(f"FAILED: {name}: {line}")
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


def run(town, options):
    census = Census()
    town.start()
    wrong, steward, renters = live(town, options, census)
    for daemon in town.daemons:
        daemon.stop()
    town.end()
    events = Check(town, [steward, *renters], steward)
    print(f"torture: {len(events.rentals)} rentals, {len(events.bank_log)} events", flush=True)
    return report([("peace", wrong), *judge(town, steward, renters, census)])


def main():
    parser = argparse.ArgumentParser(prog="torture")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--keep", action="store_true", help="leave the folder")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(10 ** 6)
    print(f"torture: --kills {options.kills} --seed {options.seed}", flush=True)
    folder = tempfile.mkdtemp(prefix="lendlock-torture-")
    town = Town(folder, Silence(), renters=RENTERS, rentals=RENTALS, breaker=BREAKER, provider=PROVIDER,
                sandbox=SANDBOX)
    try:
        return run(town, options)
    except Exception:
        traceback.print_exc()
        town.print_logs()
        print("0 passed, 1 failed")
        return 1
    finally:
        town.end()
        if options.keep:
            print(f"torture: all of it is in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
