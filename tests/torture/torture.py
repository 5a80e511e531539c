"""What scripts/torture runs once all is built."""

import argparse
import importlib
import pathlib
import random
import shutil
import sys
import tempfile
import time
import traceback

from bound import bound

# Modules whose run(folder, options) yields (name, [what is wrong, ...]) of each of its checks; and how
# many seconds one kill, second, round, ... of each may take at most, beside AT_LEAST.
CAMPAIGNS = {"kills": 4, "syscalls": 60, "lies": 2, "links": 2, "clocks": 60, "disk": 120, "overflow": 60}
AT_LEAST = 1800  # s; bringing all to rest may need a good part of it if something is wrong
ALL_SYSCALLS = 4 * 3600  # s


def report(name, results):
    """(passed, failed), told."""
    passed = failed = 0
    for check, wrong in results:
        passed += not wrong
        failed += bool(wrong)
        for line in wrong[:20]:
            print(f"FAILED: {name}: {check}: {line}")
    return passed, failed


def run(name, folder, options):
    started = time.monotonic()
    seconds = AT_LEAST + CAMPAIGNS[name] * getattr(options, name)
    if name == "syscalls" and not options.syscalls:
        seconds = ALL_SYSCALLS
    try:
        with bound(name, seconds):
            result = report(name, importlib.import_module(name).run(folder, options))
    except Exception:
        traceback.print_exc()
        result = 0, 1
    print(f"torture: {name} took {time.monotonic() - started:.0f} s", flush=True)
    return result


def arguments():
    parser = argparse.ArgumentParser(prog="torture")
    parser.add_argument("--kills", type=int, metavar="N", nargs="?", const=100, default=None)
    parser.add_argument("--syscalls", type=int, metavar="N", nargs="?", const=0, default=None)
    parser.add_argument("--lies", type=int, metavar="SECONDS", nargs="?", const=60, default=None)
    parser.add_argument("--links", type=int, metavar="SECONDS", nargs="?", const=60, default=None)
    parser.add_argument("--clocks", type=int, metavar="ROUNDS", nargs="?", const=5, default=None)
    parser.add_argument("--disk", type=int, metavar="ROUNDS", nargs="?", const=8, default=None)
    parser.add_argument("--overflow", type=int, metavar="ROUNDS", nargs="?", const=5, default=None)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    if all(getattr(options, name) is None for name in CAMPAIGNS):
        options.kills = 100
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(10 ** 6)
    return options


def main():
    options = arguments()
    print(f"torture: --seed {options.seed}", flush=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lendlock-torture-"))
    passed = failed = 0
    try:
        for name in CAMPAIGNS:
            if getattr(options, name) is not None:
                good, bad = run(name, folder / name, options)
                passed, failed = passed + good, failed + bad
    finally:
        if options.keep:
            print(f"torture: all of it is in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
