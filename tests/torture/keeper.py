"""What systemd is in life: starts a daemon again when it has ended."""

import signal
import threading
import time

from crowd import complain

AGAIN = 0.2  # s from the end of one to the start of the next
PATIENCE = 60  # s; how long a look at all of them may take, never how long it should


class Keeper:
    """ended: called with (role, its exit status) each time. Started daemons end with its thread, so it
    lives until the end of the context."""

    def __init__(self, daemons, ended):
        self._daemons = daemons  # {role: daemon}
        self._ended = ended
        self._lock = threading.Lock()  # while somebody is between two lives
        self._over = threading.Event()
        self._stopped = threading.Event()
        self._gone = threading.Event()
        self.wrong = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        try:
            while not self._over.wait(0.03):
                for role, daemon in self._daemons.items():
                    if daemon.process.poll() is not None:
                        self._revive(role, daemon)
        except Exception as error:  # a thread has nobody else to tell
            complain(self.wrong, f"the keeper: {error!r}")
        self._stopped.set()
        self._gone.wait()

    def _revive(self, role, daemon):
        with self._lock:
            status = daemon.process.returncode
            daemon.wait()
            self._ended(role, status)
            time.sleep(AGAIN)
            daemon.start(ready=False)

    def tell_to_end(self, role):
        """Politely. It is started again, too."""
        with self._lock:
            self._daemons[role].process.send_signal(signal.SIGTERM)

    def stop(self):
        """From now on whoever ends stays ended, and nobody else touches the daemons."""
        self._over.set()
        if not self._stopped.wait(PATIENCE):
            self.wrong.append(f"the keeper did not come to its end within {PATIENCE} s")

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *error):
        self.stop()
        self._gone.set()
        self._thread.join(PATIENCE)
