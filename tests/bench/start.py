"""How long a hub takes to start on a database that has grown."""

import time

from broker import Broker, password_of
from daemon import Daemon
from ingest import HUB, SITE, run_tool

BANKS = 200
TIMES = 5


def start_once(hub, uri):
    mark = hub.notifications.mark()
    began = time.monotonic()
    with hub:
        ready = time.monotonic() - began
        hub.wait_for_notification(f"STATUS=connected to {uri}", mark)
        return ready, time.monotonic() - began


def start_up(folder, items, events):
    """Median seconds until it is ready, and until it is connected; MiB of its database."""
    folder.mkdir(exist_ok=True)
    folder = folder / f"{items}-{events}"
    folder.mkdir()
    database = folder / "hub.db"
    run_tool("fill", database, BANKS, items // BANKS, events // BANKS, int(time.time()) - 300 * 86400)
    names = [f"bank-{i:03d}" for i in range(BANKS)]
    broker = Broker(folder / "broker", site=SITE, kiosks=names, managers=["manager"],
                    ledgers=["ledger"], quick=True).start()
    size = database.stat().st_size // 2**20
    try:
        config = HUB.format(site=SITE, database=database, uri=broker.uri, password=password_of("hub"))
        hub = Daemon("hub/lendlock-hub", folder / "hub", config)
        times = sorted(start_once(hub, broker.uri) for _ in range(TIMES))
    finally:
        broker.stop()
    database.unlink()
    return *times[TIMES // 2], size
