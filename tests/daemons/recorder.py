"""A list that one thread fills and another waits on."""

import threading

TIMEOUT = 30  # s; how long a wait lasts before the test has failed, never how long it should take


class Recorder:
    """Keeps all that was added, in order. Threads may share it."""

    def __init__(self, name):
        self.name = name
        self._items = []
        self._ended = None
        self._changed = threading.Condition()

    def add(self, item):
        with self._changed:
            self._items.append(item)
            self._changed.notify_all()

    def end(self, why):
        """Nothing will be added any more: waits fail at once."""
        with self._changed:
            self._ended = why
            self._changed.notify_all()

    def resume(self):
        with self._changed:
            self._ended = None

    def items(self, since=0):
        with self._changed:
            return self._items[since:]

    def mark(self):
        """For since=: what is added from now on."""
        with self._changed:
            return len(self._items)

    def wait_until(self, test, since=0, timeout=TIMEOUT):
        """Waits until test(items since then) is true, and returns what it said."""
        result = None

        def satisfied():
            nonlocal result
            result = test(self._items[since:])
            return result or self._ended is not None

        with self._changed:
            self._changed.wait_for(satisfied, timeout)
            if not result:
                raise AssertionError(self._complaint(since))
        return result

    def wait_for(self, predicate, since=0, timeout=TIMEOUT):
        """The first item since then of which predicate is true; waits for it."""
        found = self.wait_until(lambda items: [i for i in items if predicate(i)][:1], since, timeout)
        return found[0]

    def _complaint(self, since):
        why = self._ended or "timed out"
        seen = "\n  ".join(str(item) for item in self._items[since:][-50:]) or "nothing"
        return f"{self.name}: {why}; what came since:\n  {seen}"
