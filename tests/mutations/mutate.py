"""Breaks the product in one place at a time, and demands that the simulator notices. See scripts/mutate."""

import argparse
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

from mutations import MUTATIONS

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLACE = ROOT / "build" / "mutations"
SOURCE, BUILD = PLACE / "source", PLACE / "build"
# What is no check: whatever crashes, hangs or stops has not been judged.
NO_CHECKS = {"crashes", "hangs", "node-stops", "never-sleeps", "too-quiet"}
FAILURE = re.compile(r"seed (\d+) failed: ([a-z-]+): (.*)")


def copy_source():
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True,
                           text=True).stdout.split("\0")
    for name in filter(None, names):
        source, copy = ROOT / name, SOURCE / name
        if source.is_file() and (not copy.exists() or copy.read_bytes() != source.read_bytes()):
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copy)


def build():
    for command in (["cmake", "-S", SOURCE, "-B", BUILD, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=RelWithDebInfo"],
                    ["cmake", "--build", BUILD, "--target", "simulate"]):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{done.stdout}{done.stderr}")


def campaign(seeds, first):
    """The first seed that a check fails, as (seed, check, text); None: all are good."""
    process = subprocess.Popen(
        [BUILD / "tests" / "simulator" / "simulate", "--seeds", str(seeds), "--from", str(first),
         "--no-explanation"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True)
    try:
        for line in process.stdout:
            found = FAILURE.match(line)
            if found and found[2] not in NO_CHECKS:
                return found[1], found[2], found[3]
        return None
    finally:
        # A stopped run's children are in the group that was made for it.
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


def apply(mutation):
    for name, edits in mutation.edits.items():
        text = (SOURCE / name).read_text()
        for before, after in edits:
            if text.count(before) != 1:
                sys.exit(f"{mutation.name}: {name} has {text.count(before)} times: {before}")
            text = text.replace(before, after)
        (SOURCE / name).write_text(text)


def undo(mutation):
    for name in mutation.edits:
        shutil.copyfile(ROOT / name, SOURCE / name)


def try_mutation(mutation, seeds, first):
    apply(mutation)
    try:
        build()
        return campaign(seeds, first)
    finally:
        undo(mutation)


def main():
    parser = argparse.ArgumentParser(prog="scripts/mutate")
    parser.add_argument("--seeds", type=int, default=15, help="tried before a mutation has survived (15)")
    parser.add_argument("--from", dest="first", type=int, default=3, help="the first seed (3)")
    parser.add_argument("--every", type=int, default=1, help="each Nth mutation only")
    parser.add_argument("--only", default="", help="those whose names contain this")
    parser.add_argument("--check", action="store_true", help="only whether each can be applied")
    options = parser.parse_args()
    copy_source()
    chosen = [m for m in MUTATIONS if options.only in m.name][::options.every]
    if options.check:
        for mutation in chosen:
            apply(mutation)
            undo(mutation)
        return
    build()
    green = campaign(min(options.seeds, 20), options.first)
    if green:
        sys.exit(f"without any mutation, seed {green[0]} fails: {green[1]}: {green[2]}")
    survived = 0
    print("| mutation | caught by | seed |\n|---|---|---|")
    for mutation in chosen:
        began = time.monotonic()
        caught = try_mutation(mutation, options.seeds, options.first)
        survived += caught is None
        late = " (late)" if mutation.late else ""
        seed, check = caught[:2] if caught else ("", "SURVIVED")
        print(f"| {mutation.name}{late} | {check} | {seed} |", flush=True)
        print(f"{time.monotonic() - began:.0f} s{': ' + caught[2] if caught else ''}", file=sys.stderr)
    print(f"{len(chosen) - survived} mutations caught, {survived} survived")
    sys.exit(survived > 0)


main()
