"""A private mosquitto on a free loopback port, which can be killed and can forget everything."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import threading

from daemon import ENDS_WITH_US
from recorder import TIMEOUT, Recorder

ACCESS_LIST = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "access-list"

# The two max_ lines: with the default of 20 in flight Paho's C client sends some 25 messages a
# second, and with the default of 1000 queued a subscriber loses what is beyond without a word.
CONFIGURATION = """\
listener {port} {address}
allow_anonymous false
password_file {folder}/passwords
acl_file {folder}/access
persistence true
persistence_location {folder}/store/
autosave_interval {autosave}
set_tcp_nodelay true
max_inflight_messages {inflight}
max_queued_messages {queued}
log_dest stderr
{log}
connection_messages true
{user}
{extra}
"""


def private_address():
    """A loopback address that no other process uses, so that a port stays free between starts."""
    pid = os.getpid()
    return f"127.{1 + (pid >> 16) % 254}.{pid >> 8 & 255}.{1 + pid % 254}"


def free_port(address):
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


def password_of(user):
    return f"{user}-password"


class Broker:
    """users: renters, who have no rules of their own. auditors may read everything. anonymous:
    everybody may do everything. quick: it tells nothing of each packet, and stores only at its end.
    wrapper: a command that it is run by. queued,
    inflight: how much it keeps for one client, and sends it before it is acknowledged."""

    def __init__(self, folder, site="town", hub="hub", ledgers=(), kiosks=(), managers=(), users=(),
                 auditors=(), anonymous=False, extra="", quick=False, address=None, port=None,
                 wrapper=(), queued=100000, inflight=1000):
        self.folder = pathlib.Path(folder)
        self.site = site
        self.address = address or private_address()
        self.port = port or free_port(self.address)
        self.wrapper = list(wrapper)
        self.lines = Recorder("mosquitto")
        self.process = None
        self._reader = None
        (self.folder / "store").mkdir(parents=True)
        self._write_passwords([hub, *ledgers, *kiosks, *managers, *users, *auditors])
        self._write_access_list(hub, ledgers, kiosks, managers, auditors)
        text = CONFIGURATION.format(
            port=self.port, address=self.address, folder=self.folder,
            # mosquitto started by root would become another user, who may not read these.
            user="user root" if os.geteuid() == 0 else "", extra=extra,
            queued=10000000 if quick else queued, inflight=inflight, autosave=0 if quick else 1,
            log="log_type information\nlog_type warning" if quick else "log_type all")
        if anonymous:
            text = text.replace("allow_anonymous false", "allow_anonymous true")
            text = "".join(line for line in text.splitlines(True) if "_file" not in line)
        (self.folder / "mosquitto.conf").write_text(text)

    @property
    def uri(self):
        return f"mqtt://{self.address}:{self.port}"

    def _write_passwords(self, users):
        path = self.folder / "passwords"
        path.write_text("".join(f"{user}:{password_of(user)}\n" for user in users))
        path.chmod(0o600)
        subprocess.run(["mosquitto_passwd", "-U", path], check=True, capture_output=True)

    def _write_access_list(self, hub, ledgers, kiosks, managers, auditors):
        command = [ACCESS_LIST, "--site", self.site, "--hub", hub]
        for role, names in (("ledger", ledgers), ("kiosk", kiosks), ("manager", managers)):
            for name in names:
                command += [f"--{role}", name]
        path = self.folder / "access"
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        for auditor in auditors:
            text += f"\nuser {auditor}\ntopic read lendlock/v1/{self.site}/#\n"
        path.write_text(text)
        path.chmod(0o600)

    def start(self):
        assert self.process is None
        mark = self.lines.mark()
        self.process = subprocess.Popen(
            [*ENDS_WITH_US, *self.wrapper, shutil.which("mosquitto") or "/usr/sbin/mosquitto", "-c",
             self.folder / "mosquitto.conf"],
            stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, errors="replace")
        self._reader = threading.Thread(target=self._read, args=(self.process,), daemon=True)
        self._reader.start()
        self.lines.wait_for(
            lambda line: line.endswith(" running") or "rror" in line or line == "ended", mark)
        assert self.process.poll() is None, self.lines.items(mark)
        return self

    def _read(self, process):
        for line in process.stderr:
            self.lines.add(line.rstrip("\n"))
        self.lines.add("ended")

    def _end(self, how):
        process, self.process = self.process, None
        process.send_signal(how)
        try:
            process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            raise AssertionError(f"mosquitto did not end: {self.lines.items()[-20:]}") from None
        self._reader.join(TIMEOUT)
        process.stderr.close()

    def kill(self):
        """At once, as when the power goes."""
        self._end(signal.SIGKILL)

    def stop(self):
        if self.process:
            self._end(signal.SIGTERM)

    def forget(self):
        """Deletes all that it stored. Only while it does not run."""
        assert self.process is None
        shutil.rmtree(self.folder / "store")
        (self.folder / "store").mkdir()

    def lose_everything(self):
        """Kills it, deletes its store, starts it empty on the same port."""
        self.kill()
        self.forget()
        self.start()

    def freeze(self):
        """It holds its connections but does nothing, as a machine that hangs."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def __enter__(self):
        return self.start()

    def __exit__(self, *exception):
        self.stop()
