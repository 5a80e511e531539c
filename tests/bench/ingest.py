"""The hub against a bare subscriber of the same broker, and against SQLite alone: the same recorded stream
into all three."""

import contextlib
import shutil
import subprocess
import time

from broker import Broker, password_of
from daemon import BUILD, Daemon
from process import Flushes, processor_time, resident

TOOLS = BUILD / "tests/bench"
ITEMS, EVENTS = 24, 96  # things and events of each bank
SITE = "town"
HUB = """\
site = {site}
clock_trusted = yes
managers = manager
log_level = warning
database = {database}
[broker]
uri = {uri}
password = {password}
"""


def run_tool(name, *args):
    """What it printed."""
    return subprocess.run([TOOLS / f"bench-{name}", *map(str, args)], check=True, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


class Ingest:
    """folder: for its files. banks: how many feed the hub, over a connection each."""

    def __init__(self, folder, banks):
        folder.mkdir()
        self.folder, self.banks = folder, banks
        self.stream, self.base = folder / "stream", folder / "base.db"
        start = int(time.time()) - 30 * 86400
        run_tool("record", self.stream, banks, ITEMS, EVENTS, start)
        run_tool("fill", self.base, banks, ITEMS, ITEMS, start)
        names = [f"bank-{i:03d}" for i in range(banks)]
        self.broker = Broker(folder / "broker", site=SITE, kiosks=names, managers=["manager"],
                             ledgers=["ledger"], quick=True)

    @contextlib.contextmanager
    def broker_runs(self):
        self.broker.start()
        try:
            yield
        finally:
            self.broker.stop()

    def _tool(self, name, *args):
        process = subprocess.Popen([TOOLS / f"bench-{name}", *map(str, args)], text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdout.readline() == "ready\n"
        return process

    def _feeder(self, batch, pace, times):
        return self._tool("feed", self.broker.address, self.broker.port, self.stream, batch, 1, pace, times)

    @staticmethod
    def _play(feeder):
        """When it began and ended (s), messages, events."""
        feeder.stdin.write("\n")
        feeder.stdin.flush()
        return [float(word) for word in feeder.stdout.readline().split()[:4]]

    def subscriber(self):
        """Messages a second, of one event each, that come to a subscriber that throws them away."""
        times = 2
        received, count = self.folder / "received", self.banks * EVENTS * times
        received.write_bytes(bytes(8))
        subscriber = self._tool("subscriber", self.broker.uri, "hub",
                                f"lendlock/v1/{SITE}/kiosk/+/event", count, received)
        feeder = self._feeder(1, received, times)
        began = self._play(feeder)[0]
        ended = float(subscriber.stdout.readline())
        feeder.communicate("\n")
        subscriber.communicate("\n")
        return count / (ended - began)

    def hub(self, batch):
        """What the daemon does: rate (events/s that it commits and acks), a_commit (events), hub and broker
        (us of processor time an event), idle and loaded (MiB)."""
        database = self.folder / "hub.db"
        for old in self.folder.glob("hub.db*"):
            old.unlink()
        shutil.copy(self.base, database)
        flushes = Flushes(self.folder / "flushes", TOOLS / "libbench-syncs.so")
        config = HUB.format(site=SITE, database=database, uri=self.broker.uri, password=password_of("hub"))
        with Daemon("hub/lendlock-hub", self.folder / "hub", config,
                    environment=flushes.environment) as hub:
            hub.wait_for_notification(f"STATUS=connected to {self.broker.uri}")
            feeder = self._feeder(batch, "ack", 1)
            return self._measure(hub.process, self.broker.process, flushes, feeder)

    def _measure(self, hub, broker, flushes, feeder):
        idle, flushed = resident(hub), flushes.count()
        spent = {"hub": processor_time(hub), "broker": processor_time(broker)}
        began, ended, _, events = self._play(feeder)
        seen = {"hub": processor_time(hub), "broker": processor_time(broker)}
        seen = {name: (seen[name] - spent[name]) / events * 1e6 for name in spent}
        seen |= {"rate": events / (ended - began), "idle": idle, "loaded": resident(hub),
                 "a_commit": events / max(flushes.count() - flushed, 1)}
        feeder.communicate("\n")
        return seen

    def sqlite(self, batch, commit):
        """Events a second of the hub in process without a network, and of its statements alone, so many
        events a commit."""
        words = run_tool("ingest", self.base, self.stream, batch, max(1, commit // batch), 10000).split()
        return float(words[0]), float(words[1])
