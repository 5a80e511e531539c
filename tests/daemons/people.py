"""Renters and managers: what they ask for by MQTT or on the command line, told in words, and what they
get."""

import os
import pathlib
import shlex
import subprocess

from broker import password_of
from client import Client
from daemon import BUILD, ENDS_WITH_US

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What each operation looks like to somebody who watches. {bank} and {item} are known for a rental.
ACTS = {
    "reserve": "reserves {item} at {bank}",
    "extend": "keeps {item} reserved for longer",
    "cancel": "cancels {item}",
    "pay": "pays for {item} with {method}",
    "cancel-payment": "wants the money for {item} back",
    "open": "opens the door of {item}",
    "give-up": "gives {item} up",
    "report": "reports {item}: {problem}",
    "return": "brings {item} back",
    "rental": "asks about {item}",
    "stock": "puts {item} into {bank}",
    "collect": "takes {item} out of {bank}",
    "block": "takes {item} out of lending: {reason}",
    "hand-over": "opens the door of {item} for the renter",
    "simulate": "{action}s door {compartment} of {bank}",
    "repair": "repairs door {compartment} of {bank}",
    "confirm-bank": "says what lies behind the doors of {bank}",
    "item-register": "registers {item} at {kiosk}",
    "kiosk-adopt": "adopts {kiosk}",
    "dead-letters": "asks for dead letters",
    "banks": "asks how the banks are",
    "attention": "asks what needs a person",
}
DOOR_OPERATIONS = ("open", "hand-over", "return", "stock", "collect")
DOOR_TTL = 9  # s; the most that a bank takes for these is 10
TTL = 30      # s; and 60 for others


class Rental:
    """One rental as its renter sees it; kept up to date by the replies."""

    def __init__(self, bank, item, record):
        self.bank = bank
        self.item = item
        self.id = record["rental"]
        self.record = record
        self.payment = None
        self.payments = set()

    def update(self, reply):
        self.record = reply.get("rental", self.record)
        if "payment" in reply:
            self.payment = reply["payment"]
            self.payments.add(self.payment["payment"])

    @property
    def state(self):
        return self.record["state"]


class Words(dict):
    def __missing__(self, key):
        return f"some {key}"


def outcome(reply):
    """A reply in words."""
    words = reply["code"]
    if reply["code"] != "ok" and "message" in reply:
        words += f" ({reply['message']})"
    said = [f"{what} {reply[what]['state']}" for what in ("rental", "payment", "item")
            if what in reply]
    if "count" in reply:
        said.append(f"{reply['count']} in all")
    return f"{words}; {', '.join(said)}" if said else words


class Person:
    """A user of the broker. expect is the reply code that there must be."""

    def __init__(self, town, name):
        self.town = town
        self.name = name
        self.client = Client(town.broker, name)

    def ask(self, bank, operation, expect="ok", **args):
        """A request to a bank. Returns the reply."""
        return self._ask(f"{self.town.top}/kiosk/{bank}", operation, expect, {"bank": bank}, args)

    def ask_hub(self, operation, expect="ok", **args):
        return self._ask(f"{self.town.top}/hub", operation, expect, {}, args)

    def _ask(self, topic, operation, expect, known, args):
        ttl = DOOR_TTL if operation in DOOR_OPERATIONS else TTL
        reply = self.client.request(topic, operation, args, timeout=ttl)
        act = ACTS.get(operation, operation).format_map(Words(known, **args))
        self.town.tell(self.name, f"{act}: {outcome(reply)}")
        assert reply["code"] == expect, (operation, args, reply)
        return reply

    def reserve(self, bank, item, expect="ok"):
        """Returns the Rental, or None if it was refused as expected."""
        reply = self.ask(bank, "reserve", expect, item=item)
        return Rental(bank, item, reply["rental"]) if reply["code"] == "ok" else None

    def act(self, rental, operation, expect="ok", **args):
        """A request about a rental."""
        topic = f"{self.town.top}/kiosk/{rental.bank}"
        known = {"bank": rental.bank, "item": rental.item}
        reply = self._ask(topic, operation, expect, known, {"rental": rental.id, **args})
        rental.update(reply)
        return reply

    def rent(self, bank, item):
        """Reserves, pays and opens the door."""
        rental = self.reserve(bank, item)
        self.act(rental, "pay", method="tok-ok")
        self.act(rental, "open")
        return rental

    def run(self, *words, status=0, show=True):
        """The lendlock command line in the project's folder, as this user; it must exit with that
        status. Returns what it printed; show: it is told, too."""
        town = self.town
        done = subprocess.run(
            [*ENDS_WITH_US, BUILD / "cli" / "lendlock", *words], capture_output=True, text=True,
            timeout=60, cwd=ROOT, env={
                **os.environ, "LENDLOCK_SITE": town.site, "LENDLOCK_BROKER_URI": town.broker.uri,
                "LENDLOCK_BROKER_USER": self.name,
                "LENDLOCK_BROKER_PASSWORD": password_of(self.name)})
        town.tell(self.name, f"$ lendlock {shlex.join(words)}")
        if show or done.returncode != status:
            town.transcript.quote(done.stdout + done.stderr)
        assert done.returncode == status, (words, done)
        return done.stdout

    def close(self):
        self.client.close()
