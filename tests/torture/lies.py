"""People rent while all that the daemons say to each other goes through a proxy that lies; then it is
honest again, and all must come to rest."""

import random
import time

from census import Census
from crowd import Campaign, count_events
from place import QUICK, Place
from proxy import CUTS, FAULTS, KINDS, Proxy

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
    census = Census(WANTED)

    def told(kind, fault):
        if fault in CUTS:
            census.count("a packet was torn" if fault == "torn" else "a link was cut")
        elif kind in KINDS:
            census.count(f"{kind} {fault}")

    proxy = Proxy(random.Random(seeded.getrandbits(64)), told)
    town = Place(folder, uri=lambda name: proxy.uri, renters=Campaign.renters(options.lies), **QUICK)
    proxy.start(town.broker.address, town.broker.port)
    with town:
        campaign = Campaign(town, seeded, census)
        proxy.lying.set()
        campaign.start()
        retitle(campaign.boss, campaign.items, time.monotonic() + options.lies)
        proxy.lying.clear()
        proxy.cut_all()
        yield from campaign.end()
        count_events(town, census)
        print(f"torture: {proxy.messages} messages went through the proxy", flush=True)
        proxy.stop()
    yield from census.told()
