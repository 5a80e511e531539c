"""The town in which a campaign takes place."""

import contextlib

from audit import audit
from check import Check
from town import HUB, Town
from transcript import Transcript

# People and money that are as quick as they may be.
QUICK = {
    "bank": {"open_after": "60 ms", "close_after": "150 ms"},
    "doors": {"pulse": "50 ms", "cool_down": "0 s", "debounce": "1 ms"},
    "sandbox": {"delay": "10 ms", "spread": "20 ms"},
    "provider": {"try_first": "100 ms", "try_max": "1 s", "settle": "100 ms"},
    "breaker": {"open_for": "1 s", "open_for_max": "2 s"},
}


class Silence(Transcript):
    def tell(self, who, text):
        pass


class Place(Town):
    """A town whose daemons may be away when it ends. Its logs are printed if it ends by an error."""

    living = []  # those that have begun and not ended, for whoever finds that all of it hangs

    def __init__(self, folder, **settings):
        super().__init__(folder, Silence(), **settings)
        self.stocked = {bank: 0 for bank in self.banks}  # doors that the manager had opened

    def stock_all(self, count):
        """Registers and stocks; the last thing at each bank costs nothing. {bank: [item, ...]}"""
        items = {bank: [f"{bank}-{n}" for n in range(1, count + 1)] for bank in self.banks}
        for bank, names in items.items():
            for item in names:
                self.boss.ask_hub(
                    "item-register", item=item, title=item, kiosk=bank, currency="EUR", period=3600,
                    amount=0 if item == names[-1] and count > 1 else 500)
        for bank, names in items.items():
            for item in names:
                self.wait_desired(bank, item)
                self.boss.ask(bank, "stock", item=item)
                self.stocked[bank] += 1
        for bank, names in items.items():
            for item in names:
                self.expect_item(bank, item, state="available")
        return items

    def stop_all(self):
        """All daemons must end well; what they stored can be read then."""
        for daemon in self.daemons:
            daemon.stop()
        self.end()

    def judge(self, people):
        """(name, [what is wrong, ...]) of each check, once all have ended."""
        yield from Check(self, people, self.stocked).run()
        try:
            audit(self.database(HUB), self.provider, [self.database(bank) for bank in self.banks])
            yield "the audit", []
        except AssertionError as error:
            yield "the audit", [repr(error)]

    def reconnect_people(self):
        for client in (self.auditor, *(person.client for person in self.people.values())):
            client.reconnect()

    def __enter__(self):
        Place.living.append(self)
        return super().__enter__()

    def __exit__(self, kind, error, trace):
        Place.living.remove(self)
        with contextlib.suppress(AssertionError):
            self.end()
        self._keep_logs()
        if isinstance(error, Exception):
            self.print_logs()

    def _keep_logs(self):
        """All of them, for whoever keeps the folder."""
        logs = {"broker": self.broker.lines, **{daemon.folder.name: daemon.log for daemon in self.daemons}}
        for name, log in logs.items():
            (self.folder / f"{name}.log").write_text("\n".join(log.items()) + "\n")
