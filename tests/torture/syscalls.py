"""One rental after the other, and in each of them one daemon is killed at the next of all its system
calls: before its first write to the database, before its second one, before the first flush, ... and so
with each start. All three daemons at the same time, each in a town of its own."""

import collections
import concurrent.futures
import json
import random
import signal
import time

from census import Census
from check import quoted
from customer import Customer, Late
from follower import Follower
from killer import as_left_behind
from place import QUICK, Place
from tracer import Gone, Refused, Tracer, count_calls, seams, traced
from town import HUB, LEDGER, MANAGER, Money

BANK = "library"
ROLES = {"kiosk": BANK, "hub": HUB, "ledger": LEDGER}
BANKS = {BANK: 8}
STATUS = {"kiosk": f"kiosk/{BANK}/status", "hub": "hub/status", "ledger": f"payment/{LEDGER}/status"}
RENTERS = ("mina", "joon")
CROWD = tuple(f"renter-{n}" for n in range(1, 31))  # a bank lets nobody ask too often
# Where two things must not come apart, and cannot be done at once: after this call, before that one.
SEAMS = {
    "hub": (("fdatasync", f"/{HUB}.db-wal"), ("writev", "")),
    "ledger": (("pwrite64", "/provider.db-wal"), ("pwrite64", f"/{LEDGER}.db-wal")),
}
ACK_CUT = "hub cut between the commit and the ack"
CALL_CUT = "ledger cut between the provider's {} and its own record of it"
# {call: what the ledger says of the payment as long as it knows nothing of the answer}
UNRECORDED = {"authorize": ("sent",), "capture": ("authorized", "capture-owed")}
WANTED = (
    *(f"{role} cut {where}" for role in ROLES for where in ("in a rental", "at its start")),
    ACK_CUT, *(CALL_CUT.format(call) for call in UNRECORDED))


# No two rentals do quite the same: what comes together is said together, and stored so. The last calls of
# the rental that was counted are not in each.
TRIES = 8


class Broken(Exception):
    """The daemon ended by itself."""


def thin(counts, wanted, seed):
    """[(call, n), ...] of {call: how often}: all, or about so many, of each call as many as of another."""
    points = []
    for call, count in sorted(counts.items()):
        stride = max(1, -(-count * len(counts) // wanted)) if wanted else 1
        points += [(call, n) for n in range(1 + seed % min(stride, count), count + 1, stride)]
    return points


class Cutter:
    def __init__(self, town, role, random, census):
        self.town = town
        self.role = role
        self.daemon = {"kiosk": town.banks[BANK], "hub": town.hub, "ledger": town.ledger}[role]
        self.random = random
        self.census = census
        self.customers = [Customer(town, name, random, census, self.mend) for name in town.renters]
        self.boss = Customer(town, MANAGER, random, census, self.mend)
        self.follower = Follower(town)
        self.tracer = None
        self.starts = []  # the points at which the next starts are to end
        self.starting = False
        self.rentals = 0
        self.cuts = collections.Counter()
        self.cut_starts = 0
        self.missed = []  # points that no rental came to
        self.wrong = []

    # --- the daemon ---

    def mend(self):
        """Starts it again if it died, as it was to; whatever else it may have died of is an error. The
        first start after that is cut, too."""
        self.follower.follow()
        if self.daemon.process.poll() is None:
            return False
        status = self.daemon.process.returncode
        self.daemon.wait()
        self._end_tracer()
        if status != -signal.SIGKILL:
            raise Broken(f"the {self.role} ended with {status}")
        if not self.starting:
            self._look()
        if self.starting or not self.starts:
            self.cut_starts += self.starting
            self._start()
        else:
            self._start(self.starts.pop())
        return True

    def _look(self):
        """What it was in the middle of."""
        if self.role == "hub":
            self._look_at_hub()
        elif self.role == "ledger":
            self._look_at_ledger()

    def _look_at_hub(self):
        """All that it said has been heard when the broker tells of its end."""
        self.town.wait_latest(
            f"{self.town.top}/{STATUS[self.role]}", lambda status: status["state"] == "lost")
        heard = self.follower.follow().acked.get(BANK, 0)
        with as_left_behind(self.town.database(HUB)) as number:
            if number("SELECT coalesce(max(seq), 0) FROM bank") > heard:
                self.census.count(ACK_CUT)

    def _look_at_ledger(self):
        """Whether money has moved, and it does not know of that."""
        with as_left_behind(self.town.provider) as number:
            moved = number("SELECT coalesce(json_group_array(json_array(payment, call)), '[]')"
                           " FROM money_moved")
        with as_left_behind(self.town.database(LEDGER)) as number:
            for payment, call in json.loads(moved):
                states = UNRECORDED.get(call, ())
                if number("SELECT count(*) FROM payment WHERE payment = ? AND state IN"
                          f" {quoted(states)}", payment):
                    self.census.count(CALL_CUT.format(call))

    def _start(self, point=None):
        self.starting = point is not None
        self.daemon.wrapper = traced("/dev/null", point) if point else []
        self.daemon.start(ready=not point)

    def _end_tracer(self):
        tracer, self.tracer = self.tracer, None
        return tracer and tracer.end()

    def _start_untraced(self):
        """If the last start did not come to the point where it was to end."""
        if self.starting:
            self.daemon.kill()
            self._start()

    # --- a rental ---

    def rent(self):
        item = f"{BANK}-1"
        customer = self.customers[self.rentals % len(self.customers)]
        rental = customer.rent(BANK, item)
        self.rentals += 1
        for waiting in (customer, self.boss):
            waiting.expect()
        while not self._settled(item):
            customer.idle()
        moved = Money(self.town.provider, rental["payment"])
        if rental["state"] == "returned" and moved != {"authorize": 1, "capture": 1}:
            self.wrong.append(f"rental {rental['rental']} is {rental['state']}, and {moved}")

    def _settled(self, item):
        state, rental = self.follower.follow().item(BANK, item)
        if state in ("inspection", "blocked"):
            self.boss.insist(BANK, "inspect", item=item, fit=True)
        return state == "available" and not rental and self.follower.caught_up(BANK)

    # --- the cuts ---

    def count(self):
        """({call: how often} of a rental, the points at its seam, {call: how often} of a start)"""
        self.tracer = Tracer(self.daemon.process.pid)
        self.rent()
        lines = self._end_tracer()
        return (count_calls(lines), seams(lines, *SEAMS[self.role]) if self.role in SEAMS else [],
                self._count_start())

    def _count_start(self):
        self.daemon.kill()
        path = self.daemon.folder / "start.strace"
        self.daemon.wrapper, mark = traced(path), self.town.messages.mark()
        self.daemon.start()
        self.town.messages.wait_for(
            lambda message: message.topic.endswith(STATUS[self.role])
            and message.json["state"] == "online", mark)
        self.daemon.kill()
        self._start()
        return count_calls(path.read_text(errors="replace").splitlines())

    def cut(self, point):
        """A rental in which the daemon dies at this point; whether it came there."""
        self._start_untraced()
        try:
            self.tracer = Tracer(self.daemon.process.pid, point)
        except Gone:  # it came to the point before this one after the rental was over
            while not self.mend():
                time.sleep(0.05)
            return False
        self.rent()
        if self.tracer:
            self._end_tracer()
            if not self.mend():
                return False
        self.cuts[point[0]] += 1
        return True

    def run(self, wanted, seed):
        rental, seam, start = self.count()
        points, starts = thin(rental, wanted, seed), thin(start, wanted, seed)
        points += [point for point in seam if point not in points]
        self.random.shuffle(starts)
        for point in points:
            if not self.starts:
                self.starts = list(starts)
            try:
                if not any(self.cut(point) for _ in range(TRIES)):
                    self.missed.append(point)
            except (Broken, Late) as error:
                raise AssertionError(
                    f"{self.role}, killed at {point[0]} {point[1]}: {error};"
                    f" the view: {self.follower.views}") from error
        self._start_untraced()
        self.rent()  # with nothing in its way: what the last cut left is told, too
        return points, starts


def describe(cutter, points, starts, seconds):
    calls = ", ".join(f"{call} {n}" for call, n in cutter.cuts.items())
    missed = "".join(f" ({call} {n} in {TRIES} rentals)" for call, n in cutter.missed)
    return (f"{cutter.role}: {len(points)} points in a rental, {sum(cutter.cuts.values())} cut ({calls}),"
            f" {len(cutter.missed)} not reached{missed}; {len(starts)} points in a start, {cutter.cut_starts} cut;"
            f" {cutter.rentals} rentals in {seconds:.0f} s")


def cut_one(folder, role, options, census):
    """Returns (name, [what is wrong, ...]) of each check."""
    started = time.monotonic()
    seeded = random.Random(f"{options.seed} {role}")
    with Place(folder, renters=RENTERS if options.syscalls else CROWD, banks=BANKS, **QUICK) as town:
        town.stock_all(1)
        cutter = Cutter(town, role, seeded, census)
        people = [*cutter.customers, cutter.boss]
        for customer in people:
            customer.subscribe()
        points, starts = cutter.run(options.syscalls, options.seed)
        town.stop_all()
        print(f"torture: {describe(cutter, points, starts, time.monotonic() - started)}", flush=True)
        census.count(f"{role} cut in a rental", sum(cutter.cuts.values()))
        census.count(f"{role} cut at its start", cutter.cut_starts)
        return [("money", cutter.wrong), *town.judge(people)]


def run(folder, options):
    census = Census(WANTED)
    try:
        with concurrent.futures.ThreadPoolExecutor(len(ROLES)) as pool:
            done = {role: pool.submit(cut_one, folder / role, role, options, census) for role in ROLES}
            for role, future in done.items():
                for name, wrong in future.result():
                    yield f"{role} cut: {name}", wrong
    except Refused as refused:
        print(f"SKIPPED: no daemon was cut at its system calls: {refused}", flush=True)
        return
    yield from census.told()
