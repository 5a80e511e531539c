"""What systemd is in life: starts a daemon again when it has ended."""

import threading
import time

AGAIN = 0.2  # s from the end of one to the start of the next


class Keeper:
    """ended: called with (role, its exit status) each time. Started daemons end with its thread, so it
    must live as long as they are wanted."""

    def __init__(self, daemons, ended):
        self._daemons = daemons  # {role: daemon}
        self._ended = ended
        self._over = threading.Event()
        self._gone = threading.Event()
        self.wrong = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            while not self._over.wait(0.03):
                for role, daemon in self._daemons.items():
                    if daemon.process.poll() is not None:
                        status = daemon.process.returncode
                        daemon.wait()
                        self._ended(role, status)
                        time.sleep(AGAIN)
                        daemon.start(ready=False)
        except Exception as error:  # a thread has nobody else to tell
            self.wrong.append(repr(error))
        self._gone.wait()

    def stop(self):
        """From now on whoever ends stays ended."""
        self._over.set()

    def leave(self):
        self._gone.set()
        self._thread.join()
