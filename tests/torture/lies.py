"""People rent while all that the daemons say to each other goes through a proxy that lies; then it is
honest again, and all must come to rest. All stay connected: nothing tells them that there was trouble."""

import random
import time

from census import Census
from crowd import Campaign, count_events
from customer import Late
from killer import as_left_behind
from place import QUICK, Place
from proxy import CUTS, FAULTS, KINDS, Proxy
from town import HUB

WANTED = (*(f"{kind} {fault}" for kind in KINDS for fault in FAULTS), "a packet was torn", "a link was cut",
          "events were sent again")

SAY_AGAIN = "5 s"
NOT_TOLD = "at rest, and a bank had not heard yet what its hub wants"
NOT_ACKED = "at rest, and a bank had not heard yet what its hub has"
SAID_AGAIN = 120  # s, at most, never how long it should


def retitle(boss, items, end):
    """The manager changes the catalogue all the time, so that each bank is to hear of something."""
    boss.expect()
    names = [item for bank in items for item in items[bank]]
    while time.monotonic() < end:
        boss.insist("hub", "item-change", item=boss.random.choice(names), title=f"Thing {boss.random.random()}")
        boss.expect()
        time.sleep(0.5)


def behind(town, items):
    """What has not been said to whom so that it was heard. It is said again, at the latest in a minute."""
    for bank in items:
        with as_left_behind(town.database(HUB)) as number:
            wanted = number("SELECT revision FROM bank WHERE kiosk = ?", bank)
        with as_left_behind(town.database(bank)) as number:
            if number("SELECT revision FROM node") != wanted:
                yield NOT_TOLD
            if number("SELECT count(*) FROM outbox WHERE acked_at = 0"):
                yield NOT_ACKED


def wait_heard(town, items, census):
    late = set(behind(town, items))
    for what in late:
        census.count(what)
    end = time.monotonic() + SAID_AGAIN
    while late:
        if time.monotonic() > end:
            raise Late(f"{late}, and still so after {SAID_AGAIN} s")
        time.sleep(0.5)
        late = set(behind(town, items))


def run(folder, options):
    seeded = random.Random(f"{options.seed} lies")
    census = Census(WANTED, (NOT_TOLD, NOT_ACKED))

    def told(kind, fault):
        if fault in CUTS:
            census.count("a packet was torn" if fault == "torn" else "a link was cut")
        elif kind in KINDS:
            census.count(f"{kind} {fault}")

    proxy = Proxy(random.Random(seeded.getrandbits(64)), told)
    town = Place(folder, uri=lambda name: proxy.uri, renters=Campaign.renters(options.lies),
                 say_again=SAY_AGAIN, **QUICK)
    proxy.start(town.broker.address, town.broker.port)
    with town:
        campaign = Campaign(town, seeded, census)
        proxy.lying.set()
        campaign.start()
        retitle(campaign.boss, campaign.items, time.monotonic() + options.lies)
        proxy.lying.clear()
        yield from campaign.end(before_stop=lambda: wait_heard(town, campaign.items, census))
        count_events(town, census)
        print(f"torture: {proxy.messages} messages went through the proxy", flush=True)
        proxy.stop()
    yield from census.told()
