"""People rent while all that the daemons say to each other goes through a proxy that lies; then it is
honest again, and all must come to rest."""

import random
import time

from census import Census
from crowd import Crowd, count_events, rest
from customer import Customer
from place import QUICK, Place
from proxy import CUTS, FAULTS, KINDS, Proxy
from town import MANAGER

ITEMS = 3  # at each bank
RENTERS = tuple(f"renter-{n}" for n in range(1, 7))
WANTED = (*(f"{kind} {fault}" for kind in KINDS for fault in FAULTS), "a packet was torn", "a link was cut",
          "events were sent again")


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
    town = Place(folder, uri=lambda name: proxy.uri, renters=RENTERS, **QUICK)
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
