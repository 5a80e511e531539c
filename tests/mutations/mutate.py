"""Breaks the product in one place at a time, and demands that the simulator notices. See scripts/mutate."""

import argparse
import concurrent.futures
import json
import os
import pathlib
import queue
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time

from mutations import MUTATIONS, NEVER_RED

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLACE = ROOT / "build" / "mutations"
CAUGHT = ROOT / "tests" / "mutations" / "caught.json"
TABLE = ROOT / "tests" / "mutations" / "README.md"
GLOSSARY = ROOT / "tests" / "simulator" / "README.md"
FIRST_SEED = 3
SEED_TIME = 60  # s of a core; longer is a mutation that hangs
SOON = 3  # hours of the made-up day: what is caught by then is caught in seconds
SEED_WAIT = 900  # s, on however busy a machine
# What is no check: whatever crashes, hangs, stops or does less has not been judged.
NO_CHECKS = {"crashes", "hangs", "node-stops", "never-sleeps", "too-quiet"}
DONE = re.compile(r"\d+ seeds, ")
HEAD = """# Mutations

The product is broken in one place at a time, and the simulator must notice: by a named check, not by a crash, a
time-out or a daemon that stops. `scripts/mutate` does it; `mutations.py` says what is broken, word for word; this
table is what `scripts/mutate --table` prints of what `--learn` noted, which tries one seed after the other from 3 on.
The checks stand in [`tests/simulator/`](../simulator/): the first one that failed in that seed, which is good without
the mutation. Those marked * were thought of after the checks that caught them. Each change of the product makes other
worlds of the same seeds: CI tries 15 more if one does not do it. `caught.json` has the commit that each was learned
at.
"""
CHECKS = """
## The checks

A check that was never red may be one that cannot fail. With which mutation each was: where it was the first one to
fail, if there is such a mutation. `scripts/mutate --check` demands that none is missing here.
"""
WRONG = re.compile(r"seed \d+: ([a-z-]+): (.*)")
FAILED = re.compile(r"seed \d+ failed: (?:([a-z-]+): (.*)|it (crashes|hangs))")
HOUR = re.compile(r" \(in hour (\d+);")
OTHERS = re.compile(r"; also ([a-z, -]+);")
# The words by which the simulator's checks are named, where they stand in its code.
NAMED = re.compile(r"(?:world_wrong|none)\((?:[^\";]|\n)*?\"([a-z-]+)\"")


class Tree:
    """A copy of the source tree with a build of its own, of which only what a mutation changes is built again."""

    def __init__(self, number):
        self.source = PLACE / str(number) / "source"
        self.build_place = PLACE / str(number) / "build"
        self.copy()
        self.build()
        self.mutant = self.build_place / "tests" / "simulator" / "simulate"
        self.sound = self.build_place / "sound"
        shutil.copy(self.mutant, self.sound)

    def copy(self):
        names = subprocess.run(["git", "ls-files", "-zco", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True,
                               text=True).stdout.split("\0")
        for name in filter(None, names):
            source, copy = ROOT / name, self.source / name
            if source.is_file() and (not copy.exists() or copy.read_bytes() != source.read_bytes()):
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, copy)
                shutil.copymode(source, copy)

    def build(self):
        # As scripts/sim builds it, but file by file: each mutation changes one or two.
        configure = ["cmake", "-S", self.source, "-B", self.build_place, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
                     "-DCMAKE_C_FLAGS_RELEASE=-O2", "-DLENDLOCK_STATIC=ON"]
        if shutil.which("ccache"):
            configure.append("-DCMAKE_C_COMPILER_LAUNCHER=ccache")
        commands = [["cmake", "--build", self.build_place, "--target", "simulate"]]
        if not (self.build_place / "build.ninja").exists():
            commands.insert(0, configure)
        for command in commands:
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode != 0:
                raise RuntimeError(f"{done.stdout}{done.stderr}")

    def apply(self, mutation):
        for name, edits in mutation.edits.items():
            text = (self.source / name).read_text()
            for before, after in edits:
                if text.count(before) != 1:
                    raise RuntimeError(f"{mutation.name}: {name} has {text.count(before)} times: {before}")
                text = text.replace(before, after)
            (self.source / name).write_text(text)

    def undo(self, mutation):
        for name in mutation.edits:
            shutil.copyfile(ROOT / name, self.source / name)

    @staticmethod
    def live(program, seed, whole=False):
        """The checks that fail in that seed, the first one first, and what it says, as (checks, text); None: it is
        good. whole: all of them, if it has to be lived to its end for that; else the first one will do."""
        process = subprocess.Popen(
            [program, "--seeds", "1", "--from", str(seed), "--jobs", "1", "--no-explanation"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (SEED_TIME, SEED_TIME + 5)))
        timer = threading.Timer(SEED_WAIT, os.killpg, (process.pid, signal.SIGKILL))
        timer.start()
        first = None
        try:
            for line in process.stdout:
                wrong, failed = WRONG.match(line), FAILED.match(line)
                if wrong and not first:
                    first = [wrong[1]], wrong[2]
                if failed and failed[1]:
                    others = OTHERS.search(failed[2])
                    return [failed[1], *(others[1].split(", ") if others else [])], failed[2]
                if failed or (first and not whole):
                    return first or ([failed[3]], "")
                if DONE.match(line):
                    return None
            return first or (["hangs"], f"it takes more than {SEED_WAIT} s")
        finally:
            timer.cancel()
            # A stopped run's child is in the group that was made for it.
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            process.stdout.close()


class Seeds:
    """Which of them are good without any mutation: a seed that fails anyway proves nothing."""

    def __init__(self):
        self.good = {}
        self.lock = threading.Lock()

    def is_good(self, tree, seed):
        with self.lock:
            if seed not in self.good:
                found = tree.live(tree.sound, seed)
                self.good[seed] = not found
                if found:
                    print(f"seed {seed} fails without any mutation: {found[0][0]}: {found[1]}", file=sys.stderr)
            return self.good[seed]


class Run:
    def __init__(self, options):
        self.options = options
        self.caught = json.loads(CAUGHT.read_text()) if CAUGHT.exists() else {}
        self.survived = []
        self.sound_seeds = Seeds()
        self.lock = threading.Lock()

    def seeds(self, mutation):
        """Where it was caught before comes first, unless that is what is to be learned."""
        first = None if self.options.learn else self.caught.get(mutation.name, {}).get("seed")
        from_seed = mutation.first or self.options.first
        usual = range(from_seed, from_seed + max(self.options.seeds, mutation.seeds))
        return ([first] if first else []) + [seed for seed in usual if seed != first]

    def judge(self, tree, mutation):
        """The first seed whose first failure is a check's, as (seed, checks, text); None: there is none."""
        for seed in self.seeds(mutation):
            found = tree.live(tree.mutant, seed, whole=self.options.learn)
            if found and found[0][0] in NO_CHECKS:
                print(f"{mutation.name}: seed {seed}: {found[0][0]}: {found[1]}: no check", file=sys.stderr)
            elif found and self.sound_seeds.is_good(tree, seed):
                return seed, *found
        return None

    def try_one(self, tree, mutation):
        began = time.monotonic()
        tree.apply(mutation)
        try:
            tree.build()
            result = self.judge(tree, mutation)
        finally:
            tree.undo(mutation)
        with self.lock:
            self.note(mutation, result, time.monotonic() - began)

    def note(self, mutation, result, took):
        if not result:
            self.survived.append(mutation.name)
            print(f"SURVIVED: {mutation.name} ({took:.0f} s)", flush=True)
            if self.options.learn:
                self.caught.pop(mutation.name, None)  # it was caught before, in other worlds
            return
        seed, checks, text = result
        print(f"{mutation.name}: {checks[0]}, seed {seed} ({took:.0f} s)\n    {text}", flush=True)
        if self.options.learn:
            others = sorted(set(checks[1:]) - NO_CHECKS)
            self.caught[mutation.name] = {"seed": seed, "check": checks[0], "others": others, "at": head()}
            hour = HOUR.search(text)
            if seed == FIRST_SEED and hour and int(hour[1]) <= SOON:
                self.caught[mutation.name]["soon"] = True
            CAUGHT.write_text(json.dumps(self.caught, indent=1, sort_keys=True) + "\n")

    def work(self, number, waiting):
        tree = Tree(number)
        while True:
            try:
                mutation = waiting.get_nowait()
            except queue.Empty:
                return
            self.try_one(tree, mutation)

    def all(self, chosen):
        waiting = queue.SimpleQueue()
        for mutation in chosen:
            waiting.put(mutation)
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            for worker in [pool.submit(self.work, number, waiting) for number in range(self.options.jobs)]:
                worker.result()


def checks():
    """All that the simulator has, by name, also what tells that it has not judged."""
    texts = [path.read_text() for path in sorted((ROOT / "tests" / "simulator").glob("*.c"))]
    return set(NAMED.findall("\n".join(texts)))


def explained():
    """Those that the glossary has a row for."""
    rows = [line.split("|")[1] for line in GLOSSARY.read_text().splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([a-z-]+)`", row)}


def red(caught):
    """Which mutations a check was red with: where it was the first to fail before where it was not."""
    seen = {check: [] for check in checks() - NO_CHECKS}
    for first in (True, False):
        for mutation in MUTATIONS:
            known = caught.get(mutation.name, {"check": "", "others": []})
            for check in [known["check"]] if first else known["others"]:
                seen.setdefault(check, []).append(mutation.name)
    return seen


def table(caught):
    lines = [HEAD, "| mutation | what it breaks | caught by | seed |", "|---|---|---|---|"]
    for mutation in MUTATIONS:
        known = caught.get(mutation.name, {"check": "nothing yet", "seed": ""})
        late = " *" if mutation.late else ""
        lines.append(f"| {mutation.name}{late} | {mutation.breaks} | `{known['check']}` | {known['seed']} |")
    lines += [CHECKS, "| check | red with |", "|---|---|"]
    for check, names in sorted(red(caught).items()):
        others = f", and {len(names) - 1} more" if len(names) > 1 else ""
        red_with = names[0] + others if names else NEVER_RED.get(check, "nothing yet")
        lines.append(f"| `{check}` | {red_with} |")
    return "\n".join(lines) + "\n"


def check_all(chosen, caught):
    """Whether each can be applied, and the table is what was learned."""
    tree = Tree.__new__(Tree)
    tree.source = PLACE / "check"
    tree.copy()
    for mutation in chosen:
        tree.apply(mutation)
        tree.undo(mutation)
    if checks() != explained():
        sys.exit(f"{GLOSSARY.relative_to(ROOT)}: {sorted(checks() ^ explained())} are in it, or in the code, and not in both")
    unseen = {check for check, names in red(caught).items() if not names}
    if unseen != set(NEVER_RED):
        sys.exit(f"never red, and nobody says why: {sorted(unseen - set(NEVER_RED))}; "
                 f"red, or gone: {sorted(set(NEVER_RED) - unseen)}")
    if TABLE.read_text() != table(caught):
        sys.exit(f"{TABLE.relative_to(ROOT)} is not what scripts/mutate --table prints")


def head():
    """The commit that is looked at."""
    return subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()


def choose(options, caught):
    """For a sample, those that the first seed caught in its first hours: each change of the product makes other worlds
    of the same seeds, and what takes no luck is caught in all of them. What needs luck is for --learn."""
    chosen = [m for m in MUTATIONS if options.only in m.name]
    if options.rest:
        chosen = [m for m in chosen if caught.get(m.name, {}).get("at") != head()]
    if options.sample:
        chosen = [m for m in chosen if caught.get(m.name, {}).get("soon")]
        chosen = random.Random(options.draw or head()).sample(chosen, min(options.sample, len(chosen)))
    return chosen


def main():
    parser = argparse.ArgumentParser(prog="scripts/mutate")
    parser.add_argument("--seeds", type=int, default=15, help="tried before a mutation has survived (15)")
    parser.add_argument("--from", dest="first", type=int, default=FIRST_SEED, help="the first seed (3)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="mutations side by side")
    parser.add_argument("--sample", type=int, metavar="N", help="only N of them, drawn by the commit that is tested")
    parser.add_argument("--draw", metavar="WORD", help="... or by this word")
    parser.add_argument("--only", default="", metavar="WORDS", help="those whose names contain this")
    parser.add_argument("--rest", action="store_true", help="those that were not learned at this commit: what a stopped --learn left")
    parser.add_argument("--learn", action="store_true", help="notes in which seed each is caught, and writes the table")
    parser.add_argument("--table", action="store_true", help="prints what was learned")
    parser.add_argument("--check", action="store_true", help="only whether each can be applied, and the table is right")
    options = parser.parse_args()
    run = Run(options)
    chosen = choose(options, run.caught)
    if options.table:
        print(table(run.caught), end="")
        return
    if options.check:
        check_all(chosen, run.caught)
        return
    run.all(chosen)
    if options.learn:
        TABLE.write_text(table(run.caught))
    print(f"{len(chosen) - len(run.survived)} mutations caught, {len(run.survived)} survived")
    sys.exit(len(run.survived) > 0)


main()
