"""What scripts/coverage runs once all tests are run: lines and branches of the domain code, by file.

coverage.py BUILD SOURCE [--missed]

Sums what gcov says of all objects of BUILD. Fails if a file is below its floor. A branch that cannot
be taken says so on its own line, or on the one above: `unreachable:` and what makes it so. One that is
taken all the same fails this, too: then the comment is wrong.
"""

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

DOMAIN = "lib/domain"
DOMAIN_FLOOR = 95.0  # % of the branches of all its files together
# The machines that are pure, or nearly so, outside lib/domain, and % of their branches: two or three
# below what was seen.
FLOORS = {
    "kiosk/rentals.c": 95.0,
    "kiosk/payments.c": 95.0,
    "kiosk/outbox.c": 91.0,
    "kiosk/adoption.c": 93.0,
    "kiosk/handover.c": 95.0,
    "kiosk/confirmation.c": 91.0,
    "kiosk/desired.c": 83.0,
    "kiosk/items.c": 95.0,
    "kiosk/openings.c": 82.0,
    "hub/adoption.c": 92.0,
    "hub/desired.c": 89.0,
    "hub/fold.c": 97.0,
    "hub/ingest.c": 94.0,
    "payment-adapter/ledger.c": 98.0,
}
EXCUSE = "unreachable:"


class Source:
    """What is known of one file: how often each line ran, and each way out of it."""

    def __init__(self, path):
        self.text = path.read_text().splitlines()
        self.lines = defaultdict(int)
        self.branches = {}

    def add(self, line):
        number = line["line_number"]
        counts = [branch["count"] for branch in line["branches"]]
        self.lines[number] += line["count"]
        if counts:
            before = self.branches.get(number, [0] * len(counts))
            self.branches[number] = [a + b for a, b in zip(before, counts)]

    def is_excused(self, number):
        return any(EXCUSE in text for text in self.text[max(number - 2, 0) : number])

    def missed(self):
        """Numbers of the lines with a way out that nobody took and nobody excused."""
        return sorted(n for n, b in self.branches.items() if 0 in b and not self.is_excused(n))

    def wrong_excuses(self):
        """Numbers of the lines that say `unreachable:` of branches that are all taken."""
        said = [n for n, text in enumerate(self.text, 1) if EXCUSE in text]
        return [n for n in said if not any(0 in self.branches.get(m, ()) for m in (n, n + 1))]

    def count_branches(self):
        """(taken, all), the excused ones left out."""
        ways = [(way, n) for n, counts in self.branches.items() for way in counts]
        ways = [way for way, n in ways if way or not self.is_excused(n)]
        return sum(1 for way in ways if way), len(ways)

    def count_lines(self):
        return sum(1 for count in self.lines.values() if count), len(self.lines)


def collect(build, root):
    """{path: Source} of the domain code."""
    sources = {}
    for data in sorted(build.rglob("*.gcda")):
        said = subprocess.run(
            ["gcov", "--json-format", "--stdout", "--branch-probabilities", data],
            cwd=build, capture_output=True, text=True, check=True)
        for document in said.stdout.splitlines():
            take(json.loads(document), root, sources)
    return sources


def take(document, root, sources):
    here = Path(document["current_working_directory"])
    for file in document["files"]:
        path = (here / file["file"]).resolve()
        if not path.is_relative_to(root):
            continue
        name = str(path.relative_to(root))
        if not name.startswith(DOMAIN + "/") and name not in FLOORS:
            continue
        source = sources.setdefault(name, Source(path))
        for line in file["lines"]:
            source.add(line)


def percent(taken, of):
    return 100.0 * taken / of if of else 100.0


def show(name, lines, branches, floor):
    print(f"{name:<26} {percent(*lines):5.1f} % of {lines[1]:4} lines  "
          f"{percent(*branches):5.1f} % of {branches[1]:4} branches"
          f"{f'  (at least {floor:.0f})' if floor else ''}")


def show_missed(name, source):
    for n in source.missed():
        print(f"    {name}:{n}: {source.branches[n]} {source.text[n - 1].strip()}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=Path)
    parser.add_argument("source", type=Path)
    parser.add_argument("--missed", action="store_true", help="name the lines with a branch not taken")
    args = parser.parse_args()
    sources = collect(args.build.resolve(), args.source.resolve())
    failures = [f"{name} did not run" for name in FLOORS if name not in sources]
    domain = [[0, 0], [0, 0]]
    for name, source in sorted(sources.items(), key=lambda pair: (pair[0] in FLOORS, pair[0])):
        counts = source.count_lines(), source.count_branches()
        show(name, *counts, FLOORS.get(name))
        if args.missed:
            show_missed(name, source)
        if name not in FLOORS:
            domain = [[a + b for a, b in zip(*pair)] for pair in zip(domain, counts)]
        elif percent(*counts[1]) < FLOORS[name]:
            failures.append(f"{name}: too few branches")
        failures += [f"{name}:{n}: says unreachable, and is reached" for n in source.wrong_excuses()]
    show(DOMAIN, *domain, DOMAIN_FLOOR)
    if not domain[1][1] or percent(*domain[1]) < DOMAIN_FLOOR:
        failures.append(f"{DOMAIN}: too few branches")
    for failure in failures:
        print(f"coverage: {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
