"""What happened, how often. What never happened proves nothing, and fails the run."""

import collections
import threading

# What random kills must have met at least once.
WANTED = (
    "kiosk killed",
    "hub killed",
    "ledger killed",
    "broker killed, its store deleted",
    "kiosk killed while a door was asked for",
    "kiosk killed while a door stood open",
    "kiosk killed while a payment was not known",
    "kiosk killed with events that nobody had acked",
    "kiosk killed with requests that nobody had answered",
    "ledger killed with a call under way at the provider",
    "hub killed with events that it had not acked",
    "an opening was interrupted",
    "a door jammed, and the money went back",
    "a thing was reported, and the money went back",
    "void before authorize was answered",
    "a payment was asked for again",
    "the provider was asked again",
    "an answer of the provider was lost",
    "a card was declined",
    "a hold or a pickup ran out",
    "a payment was taken back",
    "events were sent again",
    "events were sent again after the hub's birth",
    "a request was answered out of the store",
    "a request was answered out of the store of a kiosk that had died meanwhile",
    "somebody was told that another one has it",
)


class Census:
    """wanted: what must happen at least once; also: what may; nothing else is counted. Threads may share
    it."""

    def __init__(self, wanted=WANTED, also=()):
        self.wanted = tuple(wanted)
        self.also = tuple(also)
        self._counts = collections.Counter()
        self._lock = threading.Lock()

    def count(self, what, times=1):
        assert what in self.wanted + self.also, what
        with self._lock:
            self._counts[what] += times

    def __getitem__(self, what):
        return self._counts[what]

    def table(self):
        return [f"{self._counts[what]:6}  {what}" for what in self.wanted + self.also]

    def told(self):
        """Prints the table, and judges."""
        print("\n".join(self.table()), flush=True)
        yield from self.judge()

    def judge(self):
        """(what, [what is wrong]) of each."""
        for what in self.wanted:
            yield what, [] if self._counts[what] else ["it never happened"]
