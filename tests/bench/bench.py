"""Lendlock measured beside its peers, in one run. Prints figures; judges nothing. See docs/performance.md."""

import argparse
import os
import pathlib
import statistics
import tempfile
import time

from ingest import Ingest
from latency import door_latency
from start import start_up

AIMS = {1: 0.5, 16: 1.5}  # events that the hub commits and acks, in messages of the bare subscriber


def print_ingest(folder, banks, rounds):
    print(f"Ingest: {banks} banks, one batch of each under way, view and acks on")
    ratios = {batch: [] for batch in AIMS}
    ingest = Ingest(folder, banks)
    with ingest.broker_runs():
        for number in range(rounds):
            bare = ingest.subscriber()
            for batch, seen in ratios.items():
                hub = ingest.hub(batch)
                inside, raw = ingest.sqlite(batch, int(hub["a_commit"]))
                seen.append((hub["rate"] / bare, inside / raw))
                print(f"  round {number + 1}, {batch:2} events a message: bare subscriber {bare:.0f} messages/s; "
                      f"hub {hub['rate']:.0f} events/s, {hub['a_commit']:.0f} a flush; processor time an event: "
                      f"hub {hub['hub']:.0f} us, broker {hub['broker']:.0f} us; without a network {inside:.0f} "
                      f"events/s, SQLite alone {raw:.0f}; hub resident {hub['idle']} -> {hub['loaded']} MiB",
                      flush=True)
    for batch, aim in AIMS.items():
        ours, sqlite = (statistics.median(column) for column in zip(*ratios[batch]))
        print(f"  {batch:2} events a message, median: {ours:.2f} of the subscriber's messages (aim {aim}), "
              f"{sqlite:.2f} of SQLite alone (aim 0.5)", flush=True)


def print_latency(folder, rentals):
    seen = door_latency(folder, rentals)
    print(f"From a paid request to the pulse, {rentals} times: median {seen['median']:.1f} ms, slowest tenth "
          f"from {seen['slowest_tenth']:.1f} ms; flushes of its database: median {seen['flushes'][0]}, at most "
          f"{seen['flushes'][1]}")
    print("Resident, MiB idle -> loaded: "
          + ", ".join(f"{name} {idle} -> {loaded}" for name, (idle, loaded) in seen["resident"].items()),
          flush=True)


def print_start(folder, short):
    for items, events in ((1_000, 10_000), (1_000, 100_000)) if short else (
            (1_000, 10_000), (100_000, 110_000), (100_000, 1_000_000)):
        ready, connected, size = start_up(folder, items, events)
        print(f"Hub start-up with {items} items and {events} events ({size} MiB): ready after {ready * 1e3:.0f} "
              f"ms, connected after {connected * 1e3:.0f} ms", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="of the ingest (3)")
    parser.add_argument("--banks", type=int, default=1000, help="that feed the hub (1000)")
    parser.add_argument("--rentals", type=int, default=50, help="for the latency (50); one renter may not ask for many more")
    parser.add_argument("--short", action="store_true", help="small databases for the start-up")
    options = parser.parse_args()
    began = time.monotonic()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory(prefix="lendlock-bench-") as name:
        folder = pathlib.Path(name)
        print_ingest(folder / "ingest", options.banks, options.rounds)
        print_latency(folder / "latency", options.rentals)
        print_start(folder / "start", options.short)
    print(f"{(time.monotonic() - began) / 60:.1f} minutes, load {os.getloadavg()[0]:.1f}")


main()
