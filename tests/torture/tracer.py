"""strace on a daemon that runs: it counts what the daemon asks the kernel for, or ends it at one of
these calls, which is then not done any more."""

import collections
import re
import shutil
import subprocess
import threading

from daemon import ENDS_WITH_US, TIMEOUT
from recorder import Recorder

# What leaves something behind: in a file, in the network, in the kernel. Not all of it is everywhere.
CALLS = ("pwrite64", "write", "writev", "sendto", "sendmsg", "fdatasync", "fsync", "ftruncate",
         "openat", "unlink", "unlinkat")
CALL = re.compile(r"(\d+) +(\w+)\((?:\d+<([^>]*)>)?")


class Refused(Exception):
    """This machine does not let us trace."""


class Gone(Exception):
    """There is no such process any more."""


def count_calls(lines):
    """{call: how often a thread did it at most} of what strace -f wrote."""
    counts = collections.Counter(
        found.group(1, 2) for found in map(CALL.match, lines) if found)
    most = collections.Counter()
    for (_, call), count in counts.items():
        most[call] = max(most[call], count)
    return most


def seams(lines, after, before):
    """[(call, n), ...]: where the first call "before" comes after a call "after", out of what strace
    wrote. Both are (call, the end of the file's name)."""
    counts, points, ripe = collections.Counter(), [], False
    for line in lines:
        found = CALL.match(line)
        if not found:
            continue
        counts[found.group(1, 2)] += 1
        if is_call(found, after):
            ripe = True
        elif ripe and is_call(found, before):
            points.append((found.group(2), counts[found.group(1, 2)]))
            ripe = False
    return points


def is_call(found, what):
    call, name = what
    return found.group(2) == call and (found.group(3) or "").endswith(name)


def traced(path, point=None):
    """The command that runs another one traced from its start on, and stays beside it: what is run is
    our own child. path: what it did goes there, or nothing if it is to die at the point."""
    return ["strace", "-D", "-f", "-o", path, *expressions(point), "--"]


def expressions(point):
    if point:
        call, n = point
        return ["-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={n}"]
    return ["-y", "-e", "trace=" + ",".join(f"?{call}" for call in CALLS)]


class Tracer:
    """point: None, or (call, n): the process is killed when one of its threads does the call for the
    n-th time from now on, before anything of it is done."""

    def __init__(self, pid, point=None):
        strace = shutil.which("strace")
        if not strace:
            raise Refused("there is no strace")
        self._process = subprocess.Popen(
            [*ENDS_WITH_US, strace, "-f", "-o", "/dev/null" if point else "/dev/stdout",
             *expressions(point), "-p", str(pid)], text=True, errors="replace", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self._lines, self._said = Recorder("strace"), Recorder("strace says")
        self._threads = [
            threading.Thread(target=self._read, args=pair, daemon=True)
            for pair in ((self._process.stdout, self._lines), (self._process.stderr, self._said))]
        for thread in self._threads:
            thread.start()
        self._wait_until_attached()

    @staticmethod
    def _read(stream, recorder):
        for line in stream:
            recorder.add(line.rstrip("\n"))
        recorder.end("strace has ended")

    def _wait_until_attached(self):
        try:
            line = self._said.wait_for(lambda line: "attached" in line or "ptrace" in line, 0, TIMEOUT)
        except AssertionError as error:
            raise Refused(str(error)) from None
        if "attached" not in line:
            self.end()
            raise Gone(line) if "No such process" in line else Refused(line)

    def end(self):
        """The process goes on, if it is still there. The lines of what it did."""
        self._process.terminate()
        try:
            self._process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise AssertionError(f"strace did not end: {self._said.items()[-20:]}") from None
        for thread in self._threads:
            thread.join(TIMEOUT)
        self._process.stdout.close()
        self._process.stderr.close()
        return self._lines.items()
