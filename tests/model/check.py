"""Checks the models in this folder with spin, and that each mutation of them is caught.

Says of each search how many states there were, how deep it went, how much memory it took (in MB), and that it
was complete; of each mutation, what caught it. Each line of a model must be executed in one of its searches at least.
"""

import argparse
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from mutations import MUTATIONS
from searches import SEARCHES, UNREACHED

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

ENUMS = {
    "kiosk/store.h": ["kiosk_mode"],
    "lib/domain/payment.h": ["payment_state", "payment_input"],
    "lib/domain/rental.h": ["rental_state", "rental_input", "rental_money"],
    "lib/domain/breaker.h": ["breaker_state"],
    "payment-adapter/ledger.h": ["ledger_ask"],
    "payment-adapter/provider.h": ["provider_outcome", "provider_state"],
}
CLAIMS = ("drains", "ends")
PRODUCT = ["lib/domain/payment.c", "lib/domain/rental.c", "lib/domain/handover.c"]  # what payment.pml runs


class Failed(Exception):
    pass


def names():
    """The enumerators of the product's headers, for the models' preprocessor."""
    lines = []
    for path, enums in ENUMS.items():
        with open(os.path.join(ROOT, path)) as file:
            text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
        for enum in enums:
            body = re.search(r"enum %s \{(.*?)\}" % enum, text, re.S).group(1)
            for value, name in enumerate(n.strip() for n in body.split(",") if n.strip()):
                lines.append("#define %s %d" % (name, value))
    return "\n".join(lines) + "\n#define IMPOSSIBLE 255\n"


def run(folder, *command):
    done = subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def lay_out(folder, edits):
    """The models and the product's machines, edited: (file, old text, new text)."""
    files = {name: os.path.join(HERE, name) for name in ("outbox.pml", "payment.pml")}
    files.update({os.path.basename(path): os.path.join(ROOT, path) for path in PRODUCT})
    for name, path in files.items():
        with open(path) as file:
            text = file.read()
        for where, old, new in edits:
            if where != name:
                continue
            if text.count(old) != 1:
                raise Failed("%s has this %d times:\n%s" % (name, text.count(old), old))
            text = text.replace(old, new)
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
    with open(os.path.join(folder, "names.pml"), "w") as file:
        file.write(names())


def build(folder, search, defines, optimise, flags):
    code, said = run(folder, "spin", "-a", *defines, search.model + ".pml")
    if code != 0 or "Error" in said:
        raise Failed("spin: " + said)
    sources = [os.path.basename(path) for path in PRODUCT] if search.model == "payment" else []
    code, said = run(folder, "gcc", "-w", optimise, *flags, "-I" + ROOT, "-o", "pan", "pan.c", *sources)
    if code != 0:
        raise Failed("gcc: " + said)


class Outcome:
    """What pan said."""

    def __init__(self, said):
        self.said = said
        number = re.search(r"^ *(\d+) states, stored", said, re.M)
        depth = re.search(r"depth reached (\d+), errors: (\d+)", said)
        self.states = int(number.group(1)) if number else 0
        self.depth = int(depth.group(1)) if depth else 0
        memory = re.search(r"([\d.]+)\ttotal actual memory", said)
        self.memory = float(memory.group(1)) if memory else 0
        broken = re.search(r"assertion violated +!\(?\(?(\w+)", said)
        if broken:
            self.caught = broken.group(1)
        elif "acceptance cycle" in said:
            self.caught = "no end"
        elif "invalid end state" in re.sub(r"\n\tinvalid end states.*", "", said):
            self.caught = "stuck"
        else:
            self.caught = ""
        whole = depth and depth.group(2) == "0" and "not completed" not in said
        self.complete = bool(whole and "too small" not in said and "out of memory" not in said)


def check(search, edits=(), optimise="-O1", atomic=False, keep=None):
    """Runs one search. If atomic, it only says which lines it executed, and all that there are: there a step can
    be left and taken up again, and then spin does not restore the hidden variables that it computes with."""
    folder = tempfile.mkdtemp(prefix="lendlock-model-")
    try:
        lay_out(folder, edits)
        defines = ["-D%s=%d" % item for item in search.limits.items()]
        if atomic:
            defines.append("-Dd_step=atomic")  # else spin does not look into steps
            optimise = "-O0"  # which gcc needs half a minute for
        flags = ["-DNFAIR=4"] if search.property else ["-DSAFETY", "-DNOCLAIM"]
        # A large one's states are kept small, at the price of time, and its table has one size from the start.
        large = search.large and not edits
        flags += ["-DMEMLIM=6000", "-DCOLLAPSE", "-DNO_RESIZE"] if large else ["-DMEMLIM=1400"]
        build(folder, search, defines, optimise, flags)
        arguments = ["-a", "-f", "-N", search.property] if search.property else []
        _, said = run(folder, "./pan", "-m1000000" if search.property else "-m100000", "-w24" if large else "-w22", *arguments)
        outcome = Outcome(said)
        if atomic:
            outcome.lines, outcome.executed = coverage(run(folder, "./pan", "-d")[1], said)
        if keep and not outcome.complete:
            shutil.copytree(folder, keep, dirs_exist_ok=True)
        return outcome
    finally:
        shutil.rmtree(folder)


def coverage(table, said):
    """Statements by line and text, of all processes, and those of which one instance was executed."""
    lines, executed = {}, set()
    instances, process = {}, ""
    for row in table.split("\n"):
        name = re.match(r"(?:proctype |claim )(\S+)|init", row)
        at = re.match(r"\s*state +(\d+) .*\] (?:\S*?)(\w+\.pml|-):(\d+) => (.*)", row)
        if name:
            process = name.group(1) or "init"
        elif at:
            if process not in CLAIMS:
                statement = (int(at.group(3)), re.sub(r"\d+", "N", at.group(4)))  # limits differ
                instances.setdefault(statement, set()).add((process, at.group(1)))
    missed, process = set(), ""
    for row in said.split("\n"):
        name = re.match(r"unreached in (?:proctype |claim )?(\S+)", row)
        at = re.match(r"\t\S+:(\d+), state (\d+), \"", row)
        if name:
            process = name.group(1)
        elif at:
            missed.add((process, at.group(2)))
    for statement, where in instances.items():
        lines[statement] = where
        if where - missed:
            executed.add(statement)
    return lines, executed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--full", action="store_true", help="the larger searches, too")
    parser.add_argument("--only", default="", help="only searches and mutations with that in their name")
    parser.add_argument("--keep", help="a folder for what spin made of what failed")
    options = parser.parse_args()
    started, bad = time.monotonic(), []
    wanted = [s for s in SEARCHES if (options.full or not s.large) and options.only in s.name]
    mutations = [m for m in MUTATIONS if options.only in m.search + m.name]
    by_name = {s.name: s for s in SEARCHES}
    with concurrent.futures.ThreadPoolExecutor(max(1, os.cpu_count() or 1)) as pool:
        searched = [(s, pool.submit(check, s, keep=options.keep)) for s in wanted]
        covering = [s for s in wanted if s.covers] if options.full and not options.only else []
        covered = [(s, pool.submit(check, s, atomic=True)) for s in covering]
        mutated = [(m, pool.submit(check, by_name[m.search], m.edits, "-O0")) for m in mutations]
        print("%-50s %10s %6s %6s" % ("search", "states", "depth", "memory"))
        for search, future in searched:
            outcome = future.result()
            verdict = "complete" if outcome.complete else "NOT FINE: " + (outcome.caught or outcome.said)
            print("%-50s %10d %6d %6d  %s" % (search.name, outcome.states, outcome.depth, outcome.memory, verdict),
                  flush=True)
            if not outcome.complete:
                bad.append(search.name)
        print("\n%-76s %-18s %10s" % ("mutation", "caught by", "states"))
        for mutation, future in mutated:
            outcome = future.result()
            right = outcome.caught == mutation.caught_by
            print("%-76s %-18s %10d%s" % (mutation.name, outcome.caught or "NOT CAUGHT", outcome.states,
                  "" if right else "  WANTED: " + mutation.caught_by), flush=True)
            if not right:
                bad.append(mutation.name)
        for model in sorted({s.model for s in covering}):
            bad += unreached(model, [f.result() for s, f in covered if s.model == model])
    print("\n%d searches, %d mutations, %d s" % (len(wanted), len(mutations), time.monotonic() - started))
    if bad:
        print("FAILED: " + ", ".join(bad))
        return 1
    return 0


def unreached(model, outcomes):
    """What no search executed, and nobody explained."""
    everything, executed = set(), set()
    for outcome in outcomes:
        everything |= set(outcome.lines)
        executed |= outcome.executed
    with open(os.path.join(HERE, model + ".pml")) as file:
        text = file.read().split("\n")
    never = []
    for line, statement in sorted(everything - executed):
        source = text[line - 1].strip()
        if statement == "-end-" or any(part in source for part in UNREACHED):
            continue
        never.append("%s.pml:%d is never executed: %s" % (model, line, statement))
    print("\n%s.pml: %d of %d statements were executed" % (model, len(executed), len(everything)))
    for one in never:
        print(one)
    return ["unreached in " + model] if never else []


if __name__ == "__main__":
    sys.exit(main())
