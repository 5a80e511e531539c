"""A renter: reserves, pays, takes, brings back; changes their mind at bad moments."""

import threading

from person import Asker

FINAL = ("returned", "cancelled", "expired", "failed", "resolved")

# What a renter does in each state, and how often of a hundred times; the last one in all other
# cases. None: nothing, until later.
WHIMS = {
    "held": ((6, "cancel"), (6, "forget"), (100, "pay")),
    "paying": ((60, "cancel-payment"), (15, "cancel"), (100, None)),
    "paid": ((5, "cancel"), (16, "cancel-payment"), (6, "forget"), (100, "open")),
    "opening": ((20, "give-up"), (100, None)),
    "taking": ((10, "report"), (100, None)),
    "rented": ((10, "report"), (10, None), (100, "return")),
    "overdue": ((100, "return"),),
    "lost": ((100, "return"),),
    "unconfirmed": ((100, "confirm"),),
}
# The same without any whim.
MANNERS = {
    "held": ((100, "cancel"),),
    "paid": ((100, "cancel"),),
    "rented": ((100, "return"),),
    "overdue": ((100, "return"),),
    "lost": ((100, "return"),),
    "unconfirmed": ((100, "confirm"),),
}
HURRIED = 0.25  # how often nobody waits for the end of what takes time
METHODS = (
    *("tok-ok",) * 6, "tok-declined", "tok-declined", "tok-lost", "tok-timeout", "tok-error", "tok-slow",
    "tok-slow", "tok-lost-capture", "tok-timeout-capture", "tok-lost-void", "tok-notfound",
)


class Renter(Asker):
    def __init__(self, town, name, random, census, items):
        super().__init__(town, name, random, census)
        self.items = items  # {bank: [item, ...]}
        self.behaves = threading.Event()  # wants nothing new, brings everything back
        self.ended = threading.Event()
        self._forgotten = set()
        self.trouble = None  # what ended its thread
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self.subscribe()
        self._thread.start()

    def join(self, timeout):
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _pause(self, least, most):
        self.ended.wait(self.random.uniform(least, most))

    def _run(self):
        try:
            banks = list(self.items)
            while not self.behaves.is_set():
                bank = self.random.choice(banks)
                if self._visit(bank):
                    self._reserve(bank) if self.has_room(f"kiosk/{bank}") else self._pause(0.5, 1)
            while not all(self._visit(bank) for bank in banks):
                self._pause(0.1, 0.4)
        except Exception as error:  # a thread has nobody else to tell
            self.trouble = repr(error)

    def _reserve(self, bank):
        reply = self.ask(f"kiosk/{bank}", "reserve", item=self.random.choice(self.items[bank]))
        if reply and reply["code"] == "not-available":
            self.census.count("somebody was told that another one has it")
            self._pause(0.05, 0.3)

    def _visit(self, bank):
        """Does one thing about what is open there; true if nothing is, for sure."""
        reply = self.ask(f"kiosk/{bank}", "rentals")
        if not reply or reply["code"] != "ok":
            self._pause(0.05, 0.3)
            return False
        for rental in reply.get("rentals", []):
            if rental["state"] in FINAL or self._forgets(rental):
                continue
            self._act(bank, rental)
            return False
        return True

    def _forgets(self, rental):
        return rental["rental"] in self._forgotten and not self.behaves.is_set()

    def _choose(self, state):
        drawn = self.random.uniform(0, 100)
        for percent, operation in (MANNERS if self.behaves.is_set() else WHIMS).get(state, ()):
            if drawn < percent:
                return operation
            drawn -= percent
        return None

    def _act(self, bank, rental):
        operation = self._choose(rental["state"])
        if not operation:
            self._pause(0.05, 1)
            return
        if operation == "forget":
            self._forgotten.add(rental["rental"])
            return
        args = {"rental": rental["rental"]}
        if operation == "pay":
            args["method"] = self.random.choice(METHODS)
        elif operation == "report":
            args["problem"] = self.random.choice(("empty", "broken"))
        elif operation == "confirm":
            args["taken"] = True
        hurried = operation in ("pay", "open", "return") and self.random.random() < HURRIED
        self.ask(f"kiosk/{bank}", operation, patient=not hurried, **args)
