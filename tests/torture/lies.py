"""People rent while all that the daemons say to each other goes through a proxy that lies; then it is
honest again, and all must come to rest."""

import random
import threading
import time

from census import Census
from customer import Customer, Late
from follower import Follower
from place import Place
from proxy import CUTS, FAULTS, KINDS, Proxy
from town import MANAGER

ITEMS = 3  # at each bank
RENTERS = tuple(f"renter-{n}" for n in range(1, 7))
WANTED = (*(f"{kind} {fault}" for kind in KINDS for fault in FAULTS), "a packet was torn", "a link was cut",
          "events were sent again")
SETTINGS = {
    "bank": {"open_after": "60 ms", "close_after": "200 ms"},
    "doors": {"cool_down": "0 s"},
    "sandbox": {"delay": "10 ms", "spread": "50 ms"},
    "provider": {"try_first": "100 ms", "try_max": "1 s", "settle": "100 ms"},
    "breaker": {"open_for": "1 s", "open_for_max": "2 s"},
}


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


def retitle(boss, items, end):
    """The manager changes the catalogue all the time, so that each bank is to hear of something."""
    boss.expect()
    names = [item for bank in items for item in items[bank]]
    while time.monotonic() < end:
        boss.insist("hub", "item-change", item=boss.random.choice(names), title=f"Thing {boss.random.random()}")
        boss.expect()
        time.sleep(0.5)


def run(folder, options):
    seeded = random.Random(f"{options.seed} lies")

    def more():
        return random.Random(seeded.getrandbits(64))

    census = Census(WANTED)

    def told(kind, fault):
        if fault in CUTS:
            census.count("a packet was torn" if fault == "torn" else "a link was cut")
        elif kind in KINDS:
            census.count(f"{kind} {fault}")

    proxy = Proxy(more(), told)
    town = Place(folder, uri=proxy.uri, renters=RENTERS, **SETTINGS)
    proxy.start(town.broker.address, town.broker.port)
    with town:
        items = town.stock_all(ITEMS)
        crowd, boss = Crowd(town, more, census, items), Customer(town, MANAGER, more(), census)
        boss.subscribe()
        proxy.lying.set()
        crowd.start()
        retitle(boss, items, time.monotonic() + options.lies)
        proxy.lying.clear()
        print(f"torture: {crowd.rentals} rentals, {proxy.messages} messages; the proxy lies no more",
              flush=True)
        proxy.cut_all()
        wrong = crowd.end()
        rest(town, boss, items)
        count_events(town, census)
        town.stop_all()
        proxy.stop()
        print(f"torture: {crowd.rentals} rentals, {proxy.messages} messages", flush=True)
        yield "peace", wrong
        yield from town.judge([*crowd.customers, boss])
    for line in census.table():
        print(line)
    yield from census.judge()


def count_events(town, census):
    heard = set()
    for message in town.messages.items():
        if message.topic.endswith("/event"):
            again = {event["id"] for event in message.json} & heard
            if again:
                census.count("events were sent again")
            heard.update(event["id"] for event in message.json)
