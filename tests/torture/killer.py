"""Kills daemons and the broker at random moments, some of them chosen well, and starts them again."""

import contextlib
import heapq
import pathlib
import shutil
import signal
import sqlite3
import tempfile
import time

# A good moment to die is right after one of these was logged.
MOMENTS = {
    "kiosk": (" -> opening", "-> pulsing", "-> taking", "-> returning", "-> sent", "-> paid",
              "-> void-owed", "-> refund-owed", "-> capture-owed", "expected -> open"),
    "ledger": ("-> sent", "-> void-owed", "-> capture-owed", "-> refund-owed"),
}
AIM_TIMEOUT = 1.0  # s; then it dies at no special moment


@contextlib.contextmanager
def as_left_behind(path):
    """A copy of the database of a daemon that is dead, log and all; opening it changes nothing."""
    with tempfile.TemporaryDirectory(prefix="lendlock-torture-") as folder:
        for suffix in ("", "-wal"):
            if pathlib.Path(f"{path}{suffix}").exists():
                shutil.copy(f"{path}{suffix}", f"{folder}/copy.db{suffix}")
        with contextlib.closing(sqlite3.connect(f"{folder}/copy.db")) as database:
            yield lambda sql, *args: database.execute(sql, args).fetchone()[0]


class Killer:
    def __init__(self, town, random, census):
        self.town = town
        self.random = random
        self.census = census
        self.kills = 0
        self._restarts = []  # a heap of (time, order, name)
        self._victims = {
            **{bank: daemon for bank, daemon in town.banks.items()},
            "hub": town.hub, "ledger": town.ledger, "broker": None}
        self._down = set()

    def run(self, kills):
        """The last one to die is the broker, so that all must find each other anew."""
        while self.kills < kills - 1:
            self._pass(self.random.uniform(0.1, 1.1))
            self._kill_one()
        self._pass(0.5)
        while self._down:
            self._restart_next()
        self._kill("broker")
        self._restart_next()

    def _pass(self, seconds):
        """Time goes by, and what is due to start again does."""
        end = time.monotonic() + seconds
        while self._restarts and self._restarts[0][0] <= end:
            self._restart_next()
        time.sleep(max(0, end - time.monotonic()))

    def _restart_next(self):
        due, _, name = heapq.heappop(self._restarts)
        time.sleep(max(0, due - time.monotonic()))
        if name == "broker":
            self.town.broker.start()
            for client in (self.town.auditor, *(p.client for p in self.town.people.values())):
                client.reconnect()
        else:
            self._victims[name].start()
        self._down.discard(name)

    def _kill_one(self):
        names = [*self.town.banks, *self.town.banks, "hub", "ledger", "ledger", "broker"]
        name = self.random.choice([n for n in names if n not in self._down])
        if self.random.random() < 0.7:
            self._aim(name)
        self._kill(name)
        if self.random.random() < 0.1 and self.kills:  # power is cut for more than one
            others = [n for n in self._victims if n not in self._down]
            if others:
                self._kill(self.random.choice(others))

    def _aim(self, name):
        with contextlib.suppress(AssertionError):  # the moment did not come
            if name == "hub":
                self._wait_for_event()
            elif name != "broker":
                moments = MOMENTS["ledger" if name == "ledger" else "kiosk"]
                log, moment = self._victims[name].log, self.random.choice(moments)
                log.wait_for(lambda line: moment in line, log.mark(), AIM_TIMEOUT)
                time.sleep(self.random.uniform(0, 0.04))

    def _wait_for_event(self):
        """Half of the times the hub is so slow that it has not even read it."""
        messages = self.town.messages
        if self.random.random() < 0.5:
            self.town.hub.process.send_signal(signal.SIGSTOP)
        messages.wait_for(
            lambda message: message.topic.endswith("/event"), messages.mark(), AIM_TIMEOUT)

    def _kill(self, name):
        self.kills += 1
        self._down.add(name)
        if name == "broker":
            self.town.broker.kill()
            self.town.broker.forget()
            self.census.count("broker killed, its store deleted")
        else:
            mark = self.town.messages.mark()
            self._victims[name].kill()
            self._look_at(name, mark)
        downtime = self.random.choice((0, 0.1, 0.6))
        heapq.heappush(
            self._restarts, (time.monotonic() + downtime * self.random.random(), self.kills, name))

    # --- what it was doing ---

    def _events_under_way(self, mark):
        """Whether some bank had sent events that were never acked, as far as the auditor has heard."""
        sent, acked = {}, {}
        for place, message in enumerate(self.town.messages.items()):
            bank = message.topic.split("/")[4] if "/kiosk/" in message.topic else None
            if message.topic.endswith("/event") and place < mark:
                sent[bank] = message
            elif message.topic.endswith("/ack"):
                acked[bank] = message
        return any(int(message.json[-1]["sequence"]) > (acked[bank].json["seq"] if bank in acked else 0)
                   for bank, message in sent.items())

    def _look_at(self, name, mark):
        if name == "hub":
            self.census.count("hub killed")
            if self._events_under_way(mark):
                self.census.count("hub killed with events that it had not acked")
            return
        with as_left_behind(self.town.database(name)) as number:
            if name == "ledger":
                self.census.count("ledger killed")
                if number("SELECT count(*) FROM payment WHERE under_way"):
                    self.census.count("ledger killed with a call under way at the provider")
                return
            self._look_at_bank(number)

    def _look_at_bank(self, number):
        self.census.count("kiosk killed")
        for what, sql in (
                ("while a door was asked for",
                 "SELECT count(*) FROM opening WHERE stage IN ('intended', 'pulsed')"),
                ("while a door stood open", "SELECT count(*) FROM opening WHERE stage = 'opened'"),
                ("while a payment was not known",
                 "SELECT count(*) FROM payment WHERE state IN"
                 " ('sent', 'void-owed', 'capture-owed', 'refund-owed')"),
                ("with events that nobody had acked",
                 "SELECT count(*) FROM outbox WHERE acked_at = 0"),
                ("with requests that nobody had answered",
                 "SELECT count(*) FROM request WHERE reply IS NULL")):
            if number(sql):
                self.census.count(f"kiosk killed {what}")
