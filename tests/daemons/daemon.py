"""A daemon under test: started, awaited, killed, stopped."""

import os
import pathlib
import signal
import socket
import subprocess
import threading
import uuid

from recorder import TIMEOUT, Recorder

# A child that does not outlive the thread that started it, even if that is killed.
ENDS_WITH_US = ("setpriv", "--pdeathsig", "KILL", "--")

BUILD = pathlib.Path(os.environ.get("LENDLOCK_BUILD", "build/dev")).resolve()


# What a daemon built with sanitizers is to do; others ignore it.
SANITIZERS = {
    "TSAN_OPTIONS": "exitcode=66",
    "ASAN_OPTIONS": "exitcode=66:detect_leaks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
}


class Daemon:
    """binary: a path below the build folder, or an absolute one. config: the text of its
    configuration file, which is written into folder and given with --config; None: no such option.
    args: more arguments. stdin and stdout are open to the test if pipes is true. wrapper: a command
    that runs it, such as valgrind."""

    def __init__(self, binary, folder, config=None, args=(), environment=None, pipes=False,
                 wrapper=()):
        self.binary = BUILD / binary
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.name = self.binary.name
        self.args = list(args)
        self.environment = environment or {}
        self.pipes = pipes
        self.wrapper = list(wrapper)
        self.process = None
        self.log = Recorder(f"{self.name}'s log")
        self.notifications = Recorder(f"{self.name} to systemd")
        self.output = Recorder(f"{self.name}'s output")
        self._threads = []
        self._socket = None
        if config is not None:
            self.write_config(config)

    def write_config(self, text):
        path = self.folder / f"{self.name}.conf"
        path.write_text(text)
        self.args = [a for a in self.args if not a.startswith("--config=")] + [f"--config={path}"]

    def start(self, ready=True):
        """ready: returns when it says READY=1; fails if it ends before that."""
        assert self.process is None
        mark = self.notifications.mark()
        for recorder in (self.log, self.output, self.notifications):
            recorder.resume()
        # An abstract name, since a path in a temporary folder may be too long for a socket.
        name = f"lendlock-test-{uuid.uuid4()}"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(f"\0{name}")
        pipe = subprocess.PIPE if self.pipes else subprocess.DEVNULL
        self.process = subprocess.Popen(
            [*ENDS_WITH_US, *self.wrapper, self.binary, *self.args], stdin=pipe, stdout=pipe,
            stderr=subprocess.PIPE, cwd=self.folder, text=True, errors="replace", bufsize=1,
            env={**os.environ, **SANITIZERS, "NOTIFY_SOCKET": f"@{name}", **self.environment})
        self._spawn(self._read, self.process.stderr, self.log)
        if self.pipes:
            self._spawn(self._read, self.process.stdout, self.output)
        self._spawn(self._listen, self._socket)
        self._spawn(self._watch, self.process, f"\0{name}")
        if ready:
            self.wait_for_notification("READY=1", mark)
        return self

    def _spawn(self, function, *args):
        thread = threading.Thread(target=function, args=args, daemon=True)
        thread.start()
        self._threads.append(thread)

    @staticmethod
    def _read(stream, recorder):
        for line in stream:
            recorder.add(line.rstrip("\n"))
        recorder.end("the daemon has ended")

    def _listen(self, notify_socket):
        while (datagram := notify_socket.recv(4096)) != b"ended":
            for line in datagram.decode().splitlines():
                self.notifications.add(line)
        self.notifications.end("the daemon has ended")

    @staticmethod
    def _watch(process, name):
        process.wait()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
            end.sendto(b"ended", name)

    def wait(self, timeout=TIMEOUT):
        """Waits for it to end by itself and returns its exit status."""
        process, self.process = self.process, None
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end within {timeout} s: {self._tail()}") from None
        for thread in self._threads:
            thread.join(TIMEOUT)
            assert not thread.is_alive(), f"{self.name} has ended, and something of it lives on: {self._tail()}"
        self._threads = []
        self._socket.close()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                stream.close()
        # Also of one that was killed, whose exit status says nothing.
        assert not [line for line in self.log.items() if "Sanitizer: " in line], self.log.items()
        return status

    def _tail(self):
        return "\n  ".join(self.log.items()[-50:])

    def kill(self):
        """At once, as when the power goes."""
        self.process.kill()
        self.wait()

    def stop(self, status=0):
        """SIGTERM, and the exit status must be that; a sanitizer that found something has another."""
        self.process.send_signal(signal.SIGTERM)
        result = self.wait()
        assert result == status, (result, self.log.items()[-50:])

    def restart(self):
        self.stop()
        return self.start()

    def wait_for_log(self, text, since=0, timeout=TIMEOUT):
        return self.log.wait_for(lambda line: text in line, since, timeout)

    def wait_for_notification(self, text, since=0, timeout=TIMEOUT):
        """What it told systemd: READY=1, STATUS=..., WATCHDOG=1, STOPPING=1."""
        try:
            return self.notifications.wait_for(lambda line: line == text, since, timeout)
        except AssertionError as error:
            raise AssertionError(f"{error}\nlog: {self.log.items()[-50:]}") from None

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *exception):
        if self.process and kind:
            self.kill()  # what went wrong matters, not how it would stop
        elif self.process:
            self.stop()
