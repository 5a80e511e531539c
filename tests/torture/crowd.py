"""Many customers at once, until there is peace."""

import random
import threading
import time

from customer import Customer, Late
from follower import Follower
from town import MANAGER


class Crowd:
    """Customers, each in a thread of its own, until the deadline; then each ends what it has begun."""

    def __init__(self, town, random_of, census, items):
        self.town = town
        self.items = [(bank, item) for bank in items for item in items[bank]]
        self.customers = [Customer(town, name, random_of(), census) for name in town.renters]
        self.ended = threading.Event()
        self.rentals = 0
        self.wrong = []
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, args=pair, daemon=True)
                         for pair in zip(self.customers, self.items)]

    def start(self):
        for customer in self.customers:
            customer.subscribe()
        for thread in self._threads:
            thread.start()

    def _run(self, customer, thing):
        """Everybody has one thing that nobody else wants."""
        try:
            while not self.ended.is_set():
                customer.rent(*thing)
                with self._lock:
                    self.rentals += 1
        except Exception as error:  # a thread has nobody else to tell
            self.wrong.append(f"{customer.name}: {error!r}")

    def end(self):
        self.ended.set()
        for thread in self._threads:
            thread.join()
        return self.wrong


def rest(town, boss, items):
    """Until all things lie behind their doors, and the hub has heard of it all."""
    follower = Follower(town)
    boss.expect()
    while True:
        follower.follow()
        away = [(bank, item, follower.item(bank, item)) for bank in items for item in items[bank]
                if follower.item(bank, item) != ("available", None)]
        late = [bank for bank in items if not follower.caught_up(bank)
                or follower.views[bank]["link"] != "online"]
        if not away and not late:
            return
        for bank, item, (state, _) in away:
            if state in ("inspection", "blocked"):
                boss.insist(bank, "inspect", item=item, fit=True)
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
    RENTERS = tuple(f"renter-{n}" for n in range(1, 2 * ITEMS + 1))

    def __init__(self, town, seeded, census):
        def more():
            return random.Random(seeded.getrandbits(64))

        self.town = town
        self.items = town.stock_all(self.ITEMS)
        self.crowd = Crowd(town, more, census, self.items)
        self.boss = Customer(town, MANAGER, more(), census)
        self.boss.subscribe()

    def start(self):
        self.crowd.start()

    def end(self, before_stop=lambda: None):
        """Nothing disturbs any more. Waits until all is at rest, ends all, and yields (name, [what is
        wrong, ...]) of each check."""
        before, healed = self.crowd.rentals, time.monotonic()
        wrong = self.crowd.end()
        rest(self.town, self.boss, self.items)
        print(f"torture: {before} rentals in trouble, {self.crowd.rentals} in all;"
              f" at rest after {time.monotonic() - healed:.0f} s", flush=True)
        before_stop()
        self.town.stop_all()
        yield "peace", wrong
        yield from self.town.judge([*self.crowd.customers, self.boss])
