"""A whole site on loopback, made of the real daemons: a broker, a hub, a ledger with a make-believe
provider, two banks with simulated doors, and the people who use them."""

import contextlib
import json
import pathlib
import sqlite3

from audit import audit
from broker import Broker, password_of
from client import Client
from contract import Contract
from daemon import Daemon
from people import Person
from transcript import Transcript

SITE, HUB, LEDGER = "town", "hub", "ledger"
OTHER_LEDGER = "other-ledger"  # it has a password, and nobody pays there
MANAGER, RENTERS = "boss", ("mina", "joon")
AUDITOR = "auditor"  # reads everything
BANKS = {"library": 8, "station": 12}

COMMON = """\
site = {site}
name = {name}
database = {folder}/{name}.db
clock_trusted = yes
log_level = debug
{top}

[broker]
uri = {uri}
password = {password}
"""

# Doors open and close by themselves soon after the pulse, as if somebody were there.
BANK = {"doors": 8, "open_after": "100 ms", "close_after": "300 ms"}
DOORS = {"pulse": "50 ms", "cool_down": "50 ms", "debounce": "10 ms", "open_within": "1 s"}
SANDBOX = {"delay": "100 ms", "spread": "50 ms"}
PROVIDER = {"try_first": "500 ms", "settle": "1 s"}


def section(name, settings):
    return f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items())


def last_state(lines, what, otherwise):
    """Where the log says that a rental or a payment is: "what: before -> after"."""
    for line in reversed(lines):
        if f"{what}: " in line and " -> " in line:
            return line.split(" -> ")[1].split()[0]
    return otherwise


class Money:
    """What the make-believe provider did with one payment: how often each call moved money."""

    def __init__(self, path, payment):
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            rows = database.execute(
                "SELECT call, count FROM money_moved WHERE payment = ?", (payment,))
            self.moved = dict(rows.fetchall())

    def __eq__(self, other):
        return self.moved == other

    def __repr__(self):
        return repr(self.moved)


class Town:
    """bank, doors, sandbox, provider: settings that differ from the above; rentals: the hub's, and
    breaker: the ledger's, that differ from the product's. wrapper: a command that the daemons are run
    by. renters: at least two. banks: {name: number of doors}. uri: a daemon's way to the broker, by its
    name, if it is not the straight one. broker: what differs at the broker."""

    def __init__(self, folder, transcript=None, bank=(), doors=(), sandbox=(), provider=(),
                 rentals=(), breaker=(), wrapper=(), renters=RENTERS, banks=BANKS, uri=None, keep_alive=None,
                 broker=(), auditor_qos=1, say_again=None):
        self.folder = pathlib.Path(folder)
        self.transcript = transcript or Transcript()
        self.tell = self.transcript.tell
        self.site = SITE
        self.top = f"lendlock/v1/{SITE}"
        self.broker = Broker(
            self.folder / "broker", site=SITE, hub=HUB, ledgers=[LEDGER, OTHER_LEDGER],
            kiosks=list(banks), managers=[MANAGER], users=renters, auditors=[AUDITOR],
            **dict(broker))
        self.provider.parent.mkdir(exist_ok=True)
        self._uri = uri or (lambda name: self.broker.uri)
        self._auditor_qos = auditor_qos
        times = {"keep_alive": keep_alive, "say_again": say_again}
        self._times = "".join(f"{key} = {time}\n" for key, time in times.items() if time)
        self.hub = self._daemon(
            "hub", HUB, wrapper, f"managers = {MANAGER}\nledger = {LEDGER}",
            section("rentals", dict(rentals)))
        self.ledger = self._daemon(
            "payment-adapter", LEDGER, wrapper, "",
            section("sandbox", {"database": self.provider, **SANDBOX, **dict(sandbox)})
            + section("provider", {**PROVIDER, **dict(provider)})
            + section("breaker", dict(breaker)))
        self.banks = {
            name: self._daemon(
                "kiosk", name, wrapper, "",
                section("bank", {**BANK, "doors": count, **dict(bank)})
                + section("doors", {**DOORS, **dict(doors)}))
            for name, count in banks.items()}
        self.renters = renters
        self.people = {}
        self.things = {bank: [] for bank in banks}  # behind the doors, for anybody
        self.tampered = set()  # topics on which somebody else published what he should not
        self._registered = 0

    def _daemon(self, role, name, wrapper, top, rest=""):
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        config = COMMON.format(site=SITE, name=name, folder=folder, uri=self._uri(name),
                               password=password_of(name), top=top) + self._times + rest
        return Daemon(f"{role}/lendlock-{role}", folder, config, wrapper=wrapper)

    def database(self, name):
        return self.folder / name / f"{name}.db"

    @property
    def provider(self):
        """The make-believe provider's database; as in life it is not on the ledger's disk."""
        return self.folder / "provider" / "provider.db"

    @property
    def daemons(self):
        return [self.hub, self.ledger, *self.banks.values()]

    # --- life ---

    def start(self):
        self.broker.start()
        self.auditor = Client(
            self.broker, AUDITOR, [f"{self.top}/#"], as_published=True, qos=self._auditor_qos)
        self.messages = self.auditor.messages
        for daemon in self.daemons:
            daemon.start()
        for name in (MANAGER, *self.renters):
            self.people[name] = Person(self, name)
        self.boss, self.mina, self.joon, *_ = self.people.values()
        for bank in self.banks:
            self.wait_lending(bank)
        return self

    def stop(self):
        """All must end well, and what they stored must be sound."""
        for daemon in self.daemons:
            if daemon.process:
                daemon.stop()
        self.end()
        audit(self.database(HUB), self.provider, [self.database(bank) for bank in self.banks])
        contract = Contract()
        for message in self.messages.items():
            if message.topic not in self.tampered:
                contract.check(message)

    def end(self):
        """Whatever still runs is killed."""
        for daemon in self.daemons:
            if daemon.process:
                daemon.kill()
        for person in self.people.values():
            person.close()
        self.people = {}
        self.broker.stop()

    def __enter__(self):
        try:
            return self.start()
        except BaseException as error:
            self._fail(error)
            raise

    def __exit__(self, kind, error, trace):
        try:
            if error is None:
                self.stop()
        except BaseException as late:
            error = late
            raise
        finally:
            if error is not None:
                self._fail(error)

    def _fail(self, error):
        self.end()
        if isinstance(error, Exception):
            self.print_logs()

    def print_logs(self, lines=60):
        logs = {"broker": self.broker.lines, **{d.folder.name: d.log for d in self.daemons}}
        for name, log in logs.items():
            print(f"--- {name}, the last {lines} lines of its log")
            for line in log.items()[-lines:]:
                print(line)

    # --- the network ---

    def broker_dies(self):
        self.broker.kill()
        self.broker.forget()

    def broker_comes_back(self):
        """Empty; all people connect again, and all daemons have come back when this returns."""
        mark = self.messages.mark()
        self.broker.start()
        self.auditor.reconnect()
        for person in self.people.values():
            person.client.reconnect()
        for bank in self.banks:
            self.wait_lending(bank, mark)

    # --- what is said ---

    def wait_latest(self, topic, test, since=0):
        """Waits until test is true of the latest message of a topic; returns it. Empty messages
        do not count: somebody clears what is retained."""
        def latest(messages):
            for message in reversed(messages):
                if message.topic == topic and message.payload:
                    return message.json if test(message.json) else None
            return None
        return self.messages.wait_until(latest, since)

    def wait_status(self, bank, since=0, **wanted):
        return self.wait_latest(
            f"{self.top}/kiosk/{bank}/status", lambda status: wanted.items() <= status.items(), since)

    def wait_lending(self, bank, since=0):
        """Until the bank lends, knows what its hub wants, can be paid at, and the hub sees it."""
        self.wait_latest(
            f"{self.top}/kiosk/{bank}/status",
            lambda status: status["state"] == "online" and status.get("lending")
            and status.get("generation", 0) > 0 and status.get("payments") == "open", since)
        self.wait_latest(
            f"{self.top}/view/{bank}", lambda view: view["link"] == "online", since)

    def wait_view(self, bank, test, since=0):
        return self.wait_latest(f"{self.top}/view/{bank}", test, since)

    def events(self, bank, since=0):
        """All events of a bank that went by, in order; those that were sent again come again."""
        for message in self.messages.items(since):
            if message.topic == f"{self.top}/kiosk/{bank}/event":
                yield from message.json

    # --- checks; each is told ---

    def expect_item(self, bank, item, **wanted):
        """The view must come to say this of an item; rental and payment are states, or None."""
        def look(view):
            for entry in view["contents"]:
                if entry["item"] == item:
                    seen = {**entry, "rental": entry.get("rental", {}).get("state"),
                            "payment": entry.get("payment", {}).get("state")}
                    return wanted.items() <= seen.items() and seen
            return False
        self.wait_view(bank, look)
        said = [f"{key} {value}" for key, value in wanted.items() if value and key != "state"]
        state = wanted.get("state", "there")
        self.tell("view", f"{item} at {bank} is {state}{''.join(', ' + s for s in said)}")

    def expect_rental(self, person, rental, state, payment=None):
        """The bank must come to say this of a rental and of its latest payment."""
        def settled(lines):
            return (last_state(lines, f"rental {rental.id}", rental.state) == state
                    and (payment is None
                         or last_state(lines, f"payment {rental.record['payment']}", "") == payment))
        self.banks[rental.bank].log.wait_until(settled)
        person.act(rental, "rental")
        assert rental.state == state, rental.record
        assert payment is None or rental.payment["state"] == payment, rental.payment

    def expect_alert(self, bank, kind, there=True):
        self.wait_view(bank, lambda view: there == any(a["kind"] == kind for a in view["alerts"]))
        self.tell("view", f"{bank}: {kind} {'needs a person' if there else 'is over'}")

    def expect_caught_up(self, bank):
        """The hub must come to have every event that the bank ever sent."""
        def caught_up(messages):
            sent, view = 0, None
            for message in messages:
                if message.topic == f"{self.top}/kiosk/{bank}/event":
                    sent = max(int(event["sequence"]) for event in message.json)
                elif message.topic == f"{self.top}/view/{bank}" and message.payload:
                    view = message.json
            return view and view.get("seq", 0) == sent and sent
        seq = self.messages.wait_until(caught_up)
        self.tell("hub", f"has all {seq} events of {bank}")

    def expect_money(self, rental, *calls):
        """Exactly these calls must have moved money for the rental's latest payment, each once."""
        payment = rental.payment
        moved = Money(self.provider, payment["payment"])
        assert moved == {call: 1 for call in calls}, moved
        said = ", ".join(f"{call} once" for call in calls) or "no money ever moved"
        self.tell("ledger", f"{payment['amount']} {payment['currency']} for {rental.item}: {said}")

    # --- things ---

    def register(self, bank):
        self._registered += 1
        item = f"thing-{self._registered}"
        self.boss.ask_hub(
            "item-register", item=item, title=f"Thing {self._registered}", amount=5000,
            currency="KRW", period=3600, kiosk=bank)
        return item

    def wait_desired(self, bank, item):
        """Until the bank has been told of the item."""
        self.wait_latest(f"{self.top}/kiosk/{bank}/desired",
                         lambda desired: any(item == i["item"] for i in desired["items"]))

    def stock(self, bank, item):
        """The manager puts it behind a door."""
        self.wait_desired(bank, item)
        self.boss.ask(bank, "stock", item=item)
        self.expect_item(bank, item, state="available")
        self.things[bank].append(item)

    def thing(self, bank):
        """A thing that lies there for anybody."""
        if not self.things[bank]:
            self.stock(bank, self.register(bank))
        return self.things[bank].pop(0)

    def leave(self, bank, item):
        """It lies there again."""
        self.expect_item(bank, item, state="available", rental=None)
        self.things[bank].append(item)
