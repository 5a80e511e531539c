"""The broker keeps next to nothing for those who do not listen: a hub or a bank hangs while many talk to
it, and the broker throws away what is too much; and a hub is away, while its banks keep what they have to
tell."""

import collections
import json
import random
import re
import signal
import time
import uuid

from census import Census
from client import Client, timestamp
from crowd import Campaign
from place import QUICK, Place
from town import BANKS, HUB, MANAGER

HANGS = 2.5  # s
AWAY = 4.0  # s
ROUND = 10  # s, about
FLOOD = 80  # messages
# Not those that the auditor hears, and what is sent a second time counts once.
FLOODED = re.compile(rf"(Received|Sending) PUBLISH (?:from {MANAGER}-\S+|to (?:{HUB}|{'|'.join(BANKS)})) "
                     rf"\(d0,.*/({HUB}|{'|'.join(BANKS)})/request/{MANAGER}/(?:banks|rentals)'")
BROKER = {"queued": 10, "inflight": 10}
WANTED = ("a hub hung", "a bank hung", "a hub was away", "the broker threw away what was for the hub",
          "the broker threw away what was for a bank")
# What may happen, or not, in a short time.
ALSO = ("a bank had more to tell than fits into one message", "events were sent again")
SAY_AGAIN = "5 s"  # what was thrown away may have been that somebody is there
BATCH = 64  # events


def flood(client, topic, operation):
    """Questions whose answers nobody waits for."""
    for _ in range(FLOOD):
        client.publish(
            f"{topic}/request/{client.user}/{operation}", json.dumps({"expires_at": timestamp(5)}),
            wait=False, expiry=5, content_type="application/json",
            response_topic=f"{topic}/reply/{client.user}", correlation=str(uuid.uuid4()).encode())


def hang(daemon, client, topic, operation):
    daemon.process.send_signal(signal.SIGSTOP)
    try:
        flood(client, topic, operation)
        time.sleep(HANGS)
    finally:
        daemon.process.send_signal(signal.SIGCONT)


def disturb(town, census, seeded, rounds):
    with Client(town.broker, MANAGER) as client:
        for _ in range(rounds):
            census.count("a hub hung")
            hang(town.hub, client, f"{town.top}/hub", "banks")
            time.sleep(seeded.uniform(0.2, 1))
            census.count("a bank hung")
            bank = seeded.choice(list(BANKS))
            hang(town.banks[bank], client, f"{town.top}/kiosk/{bank}", "rentals")
            census.count("a hub was away")
            town.hub.kill()
            time.sleep(AWAY)
            town.hub.start()


def thrown_away(town):
    """{whom: how many questions of the flood}. The broker says that it throws away only once for each
    client, but tells of each message that it has got or sent."""
    lost = collections.Counter()
    for line in town.broker.lines.items():
        found = FLOODED.search(line)
        if found:
            lost[found.group(2)] += 1 if found.group(1) == "Received" else -1
    return lost


def count(town, census):
    for whom, lost in thrown_away(town).items():
        census.count("the broker threw away what was for the hub" if whom == HUB else
                     "the broker threw away what was for a bank", max(0, lost))
    heard = set()
    for message in town.messages.items():
        if message.topic.endswith("/event"):
            events = {event["id"] for event in message.json}
            census.count("events were sent again", bool(events & heard))
            census.count("a bank had more to tell than fits into one message", len(events) == BATCH)
            heard |= events


def run(folder, options):
    census = Census(WANTED, ALSO)
    seeded = random.Random(f"{options.seed} overflow")
    # Who hears all must not be one for whom too much is thrown away.
    with Place(folder, renters=Campaign.renters(ROUND * options.overflow), broker=BROKER, auditor_qos=0,
               say_again=SAY_AGAIN, **QUICK) as town:
        campaign = Campaign(town, seeded, census)
        campaign.start()
        disturb(town, census, seeded, options.overflow)
        yield from campaign.end()
        count(town, census)
    yield from census.told()
