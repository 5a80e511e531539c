"""Many customers at once, until there is peace."""

import random
import threading
import time

from customer import PATIENCE, Customer, Late
from follower import Follower
from town import MANAGER

LOOK_AGAIN = 0.3  # s between two looks at what lies there
TELL_AGAIN = 5  # s until somebody who heard nothing asks the broker for all that it keeps


def complain(wrong, what):
    """At once, since the others may go on for hours."""
    print(f"torture: {what}", flush=True)
    wrong.append(what)


class Crowd:
    """A thread for each thing, which one customer after the other rents until the deadline; then each ends
    what it has begun. There are several for each thing, since a bank answers nobody too often."""

    def __init__(self, town, random_of, census, items):
        self.town = town
        self.items = [(bank, item) for bank in items for item in items[bank]]
        self.customers = [Customer(town, name, random_of(), census) for name in town.renters]
        self.ended = threading.Event()
        self.rentals = 0
        self.wrong = []
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._run, args=(self.customers[n::len(self.items)], *thing), daemon=True)
            for n, thing in enumerate(self.items)]

    def start(self):
        for customer in self.customers:
            customer.subscribe()
        for thread in self._threads:
            thread.start()

    def _run(self, customers, bank, item):
        """A thing that nobody else wants."""
        customer = customers[0]
        try:
            while not self.ended.is_set():
                rested = [one for one in customers if one.has_room(f"kiosk/{bank}")]
                if not rested:
                    self.ended.wait(1)
                    continue
                customer = rested[0]
                done = customer.rent(bank, item, wanted=lambda: not self.ended.is_set())
                with self._lock:
                    self.rentals += bool(done)
        except Exception as error:  # a thread has nobody else to tell
            complain(self.wrong, f"{customer.name}: {error!r}")

    def end(self):
        """A customer gives up by itself when its patience is at its end."""
        self.ended.set()
        end = time.monotonic() + 2 * PATIENCE
        for thing, thread in zip(self.items, self._threads):
            thread.join(max(1, end - time.monotonic()))
            if thread.is_alive():
                self.wrong.append(f"who rents {thing} did not come to an end")
        return self.wrong


class Tender:
    """The manager, who looks after what lies there unfit to be lent, while people rent. Without it a thing
    whose door was cut off in mid-opening would be lent to nobody any more."""

    def __init__(self, town, random, census, items):
        self._boss = Customer(town, MANAGER, random, census)
        self._items = items
        self._follower = Follower(town)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.wrong = []
        self.people = [self._boss]

    def start(self):
        self._thread.start()

    def _run(self):
        try:
            while not self._ended.wait(LOOK_AGAIN):
                self._boss.expect()
                tend(self._boss, self._follower.follow(), self._items)
        except Exception as error:  # a thread has nobody else to tell
            complain(self.wrong, f"the manager: {error!r}")

    def end(self):
        self._ended.set()
        self._thread.join(2 * PATIENCE)
        if self._thread.is_alive():
            self.wrong.append(f"the manager did not come to an end: {self._boss.doing}")
        return self.wrong


def tend(boss, follower, items):
    """Says of each thing that is to be looked at that it is fit, and of each door that it works: where all
    is slow enough, one counts as jammed."""
    for bank in items:
        for alert in follower.views.get(bank, {}).get("alerts", []):
            if alert["kind"] in ("door-jammed", "door-forced"):
                boss.insist(bank, "repair", compartment=alert["compartment"], works=True)
        for item in items[bank]:
            if follower.item(bank, item)[0] in ("inspection", "blocked"):
                boss.insist(bank, "inspect", item=item, fit=True)


def rest(town, boss, items):
    """Until all things lie behind their doors, and the hub has heard of it all."""
    follower = Follower(town)
    boss.expect()
    again = time.monotonic() + TELL_AGAIN
    while True:
        follower.follow()
        away = [(bank, item, follower.item(bank, item)) for bank in items for item in items[bank]
                if follower.item(bank, item) != ("available", None)]
        late = [bank for bank in items if not follower.caught_up(bank)
                or follower.views[bank]["link"] != "online"]
        if not away and not late:
            return
        tend(boss, follower, items)
        if time.monotonic() > again:
            town.auditor.subscribe_again()
            again = time.monotonic() + TELL_AGAIN
        try:
            boss.idle()
        except Late as error:
            raise Late(f"{error}: {away}, behind: {late}") from None


def count_events(town, census):
    heard = set()
    for message in town.messages.items():
        if message.topic.endswith("/event"):
            again = {event["id"] for event in message.json} & heard
            if again:
                census.count("events were sent again")
            heard.update(event["id"] for event in message.json)


class Campaign:
    """Customers in a town that has begun; around the trouble that somebody else makes."""

    ITEMS = 3  # at each bank
    LONG = 24  # customers of one thing; no more are needed however long it lasts

    @classmethod
    def renters(cls, seconds):
        """The names of as many as keep renting for so long."""
        each = min(cls.LONG, 2 + seconds // 20)
        return tuple(f"renter-{n}" for n in range(1, 2 * cls.ITEMS * each + 1))

    def __init__(self, town, seeded, census):
        def more():
            return random.Random(seeded.getrandbits(64))

        self.town = town
        self.items = town.stock_all(self.ITEMS)
        self.crowd = Crowd(town, more, census, self.items)
        self.boss = Customer(town, MANAGER, more(), census)
        self.boss.subscribe()
        self.tender = Tender(town, more(), census, self.items)

    def start(self):
        self.crowd.start()
        self.tender.start()

    def end(self, before_stop=lambda: None):
        """Nothing disturbs any more. Waits until all is at rest, calls before_stop, ends all, and yields
        (name, [what is wrong, ...]) of each check."""
        before, healed = self.crowd.rentals, time.monotonic()
        wrong = [*self.crowd.end(), *self.tender.end()]
        rest(self.town, self.boss, self.items)
        print(f"torture: {before} rentals in trouble, {self.crowd.rentals} in all;"
              f" at rest after {time.monotonic() - healed:.0f} s", flush=True)
        before_stop()
        self.town.stop_all()
        yield "peace", wrong
        yield from self.town.judge([*self.crowd.customers, *self.tender.people, self.boss])
