"""The manager: stocks, inspects, repairs, as the views say; and jams doors now and then, for the sake
of it."""

import threading

from person import Asker
from recorder import TIMEOUT

EVERY = 0.5  # s between two looks at the views


class Steward(Asker):
    def __init__(self, town, name, random, census, items):
        super().__init__(town, name, random, census)
        self.jams = threading.Event()  # while set
        self.stocked = {bank: len(items[bank]) for bank in items}  # doors asked for at most
        self.trouble = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self.subscribe()
        self.jams.set()
        self._thread.start()

    def end(self):
        self._ended.set()
        self._thread.join(TIMEOUT)
        if self._thread.is_alive():
            self.trouble = "did not come to an end"

    def _run(self):
        try:
            while not self._ended.wait(EVERY):
                for bank in self.town.banks:
                    self._look(bank)
        except Exception as error:  # a thread has nobody else to tell
            self.trouble = repr(error)

    def _view(self, bank):
        for message in reversed(self.town.messages.items()):
            if message.topic == f"{self.town.top}/view/{bank}" and message.payload:
                return message.json
        return {"contents": [], "alerts": []}

    def _look(self, bank):
        kiosk = f"kiosk/{bank}"
        view = self._view(bank)
        for alert in view["alerts"]:
            if alert["kind"] in ("door-jammed", "door-forced"):
                door = alert["compartment"]
                self.ask(kiosk, "simulate", compartment=door, action="unjam")
                self.ask(kiosk, "repair", compartment=door, works=True)
        for entry in view["contents"]:
            if entry["state"] == "registered":
                self.stocked[bank] += 1
                self.ask(kiosk, "stock", item=entry["item"])
            elif entry["state"] in ("inspection", "blocked"):
                self.ask(kiosk, "inspect", item=entry["item"], fit=True)
        if self.jams.is_set() and self.random.random() < 0.3:
            self._jam(bank, view)

    def _jam(self, bank, view):
        """A door behind which something waits for its renter, if there is one."""
        doors = [entry["compartment"] for entry in view["contents"]
                 if entry["state"] in ("reserved", "available") and "compartment" in entry]
        if doors:
            self.ask(f"kiosk/{bank}", "simulate", compartment=self.random.choice(doors),
                     action="jam")
