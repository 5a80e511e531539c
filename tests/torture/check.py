"""What must be true when all daemons have ended, read out of their databases."""

import collections
import contextlib
import json
import sqlite3
import subprocess

RENTAL_FINAL = ("returned", "cancelled", "expired", "failed", "resolved")
STRANGE = ("fork", "forked", "hub-restored", "second-hub", "events-lost", "adoption-conflict",
           "confirm-bank", "item-elsewhere", "item-unknown", "payment-uncollected",
           "payment-unclaimed")
PAYMENT_FINAL = ("declined", "captured", "voided", "refunded")


def rows(path, sql, *args):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        return database.execute(sql, args).fetchall()


def quoted(names):
    return "(" + ", ".join(f"'{name}'" for name in names) + ")"


class Check:
    """Each of the check_ methods yields what is wrong, and nothing if all is well. people: Askers.
    stocked: {bank: how many doors the manager had opened at most}."""

    def __init__(self, town, people, stocked):
        self.town = town
        self.people = people
        self.stocked = stocked
        self.hub = town.database("hub")
        self.banks = {bank: town.database(bank) for bank in town.banks}
        self.log = [
            {**dict(row), "event": json.loads(row["body"])}
            for row in rows(self.hub, "SELECT position, kiosk, epoch, seq, id, body FROM log"
                                      " ORDER BY position")]
        self.bank_log = [row for row in self.log if "/kiosk/" in row["event"]["source"]]
        self.rentals = self._stories()

    def run(self):
        """(name of the check, [what is wrong, ...]) of each."""
        for name in dir(self):
            if name.startswith("check_"):
                yield name[6:].replace("_", " "), list(getattr(self, name)())

    def _rental_events(self):
        for row in self.bank_log:
            kind, fact = row["event"]["type"].split(".")[1:]
            if kind == "rental":
                yield row, fact, row["event"]["data"]

    def _stories(self):
        """{rental: {state, amount, charged}}: charged if it was delivered and not given back."""
        stories = {}
        for _, fact, data in self._rental_events():
            story = stories.setdefault(
                data["rental"], {"amount": data["amount"], "charged": False, "item": data["item"]})
            story["state"] = data["state"]
            if fact == "rented":
                story["charged"] = True
            elif data["state"] == "failed":
                story["charged"] = False
        return stories

    def _payments(self):
        for path in self.banks.values():
            yield from rows(path, "SELECT payment, rental, state, amount FROM payment")

    def _accounts(self):
        return {row["payment"]: row["state"]
                for row in rows(self.town.provider, "SELECT payment, state FROM account")}

    # --- each ---

    def check_the_files_are_sound(self):
        paths = [self.hub, self.town.database("ledger"), self.town.provider, *self.banks.values()]
        for path in paths:
            said = [row[0] for row in rows(path, "PRAGMA integrity_check")]
            if said != ["ok"]:
                yield f"{path}: {said}"

    def check_every_event_was_applied_once(self):
        there = collections.Counter(row["id"] for row in self.bank_log)
        places = {row["id"]: (row["kiosk"], row["epoch"], row["seq"]) for row in self.bank_log}
        yield from (f"{event} is in the log {n} times" for event, n in there.items() if n > 1)
        for bank, path in self.banks.items():
            epoch, made = tuple(rows(path, "SELECT epoch, seq FROM node")[0])
            outbox = rows(path, "SELECT seq, id FROM outbox ORDER BY seq")
            if [row["seq"] for row in outbox] != list(range(1, made + 1)):
                yield f"{bank}: its numbers are not 1..{made}"
            for row in outbox:
                if places.get(row["id"]) != (bank, epoch, row["seq"]):
                    yield f"{bank}: event {row['seq']} is at {places.get(row['id'])} of the log"
            told = sum(row["kiosk"] == bank for row in self.bank_log)
            if told != made:
                yield f"{bank}: {made} events made, {told} in the log"

    def check_the_outboxes_are_empty(self):
        for bank, path in self.banks.items():
            left = rows(path, "SELECT count(*) FROM outbox WHERE acked_at = 0")[0][0]
            if left:
                yield f"{bank}: {left} events were not acked"

    def check_nothing_was_lent_twice(self):
        having = {}
        for row, _, data in self._rental_events():
            item, rental = data["item"], data["rental"]
            if having.get(item, rental) != rental:
                yield f"event {row['position']}: {item} is with {having[item]} and {rental}"
            having[item] = rental
            if data["state"] in RENTAL_FINAL:
                del having[item]

    def check_money_moved_at_most_once(self):
        for row in rows(self.town.provider, "SELECT payment, call, count FROM money_moved"):
            if row["count"] != 1:
                yield f"{row['payment']}: {row['call']} moved money {row['count']} times"

    def check_charged_if_and_only_if_delivered(self):
        accounts = self._accounts()
        charged = collections.Counter()
        for payment in self._payments():
            charged[payment["rental"]] += accounts.get(payment["payment"]) == "captured"
        for rental, story in self.rentals.items():
            due = 1 if story["charged"] and story["amount"] else 0
            if charged[rental] != due:
                yield f"rental {rental}, {story['state']}: charged {charged[rental]} times, not {due}"

    def check_bank_and_provider_agree(self):
        accounts = self._accounts()
        for payment in self._payments():
            held = accounts.pop(payment["payment"], None)
            wanted = {"captured": ("captured",), "refunded": ("refunded",),
                      "voided": ("voided", "refused", "declined", "nothing", None),
                      "declined": ("refused", "declined", "nothing", None)}[payment["state"]] \
                if payment["state"] in PAYMENT_FINAL else ()
            if held not in wanted:
                yield f"payment {payment['payment']} is {payment['state']}, at the provider {held}"
        yield from (f"no bank knows of payment {payment}" for payment in accounts)

    def check_nothing_hangs(self):
        """All rentals and payments have come to their end, so there is none that nobody can end."""
        for bank, path in self.banks.items():
            for what, sql in (
                    ("rental", "SELECT rental || ' is ' || state FROM rental"
                               f" WHERE state NOT IN {quoted(RENTAL_FINAL)}"),
                    ("payment", "SELECT payment || ' is ' || state FROM payment"
                                f" WHERE state NOT IN {quoted(PAYMENT_FINAL)}"),
                    ("door", "SELECT compartment || ' is ' || stage FROM opening"),
                    ("item", "SELECT item || ' is ' || state FROM item"
                             " WHERE state IN ('reserved', 'rented')"),
                    ("request", "SELECT operation || ' of ' || user FROM request"
                                " WHERE reply IS NULL"),
                    ("bank", "SELECT mode FROM node WHERE mode <> 'lending'")):
                yield from (f"{bank}: {what} {row[0]}" for row in rows(path, sql))
        for row in rows(self.town.database("ledger"),
                        "SELECT payment || ' is ' || state FROM payment"
                        f" WHERE state NOT IN {quoted(PAYMENT_FINAL)}"):
            yield f"ledger: payment {row[0]}"
        yield from (f"hub: a dead letter: {row[0]}"
                    for row in rows(self.hub, "SELECT reason FROM dead_letter"))

    def check_the_view_is_what_the_log_says(self):
        result = subprocess.run(
            [self.town.hub.binary, "--rebuild-view", *self.town.hub.args], capture_output=True,
            text=True, cwd=self.town.hub.folder)
        if result.returncode != 0 or "is the same" not in result.stderr:
            yield result.stderr[-500:]
        for bank, path in self.banks.items():
            view = {row["rental"]: row["state"] for row in rows(
                self.hub, "SELECT rental, state FROM rental WHERE kiosk = ?", bank)}
            for row in rows(path, "SELECT rental, state FROM rental"):
                if view.get(row["rental"]) != row["state"]:
                    yield f"{bank}: {row['rental']} is {row['state']}, {view.get(row['rental'])} in the view"

    def check_each_request_has_one_answer(self):
        """However often it was asked and answered."""
        for person in self.people:
            for request, answers in person.answers():
                if any(answer != answers[0] for answer in answers):
                    yield f"{person.name}, {request.operation}: different answers: {answers}"

    def check_what_was_answered_had_been_stored(self):
        told = {(data["rental"], data["state"]) for _, _, data in self._rental_events()}
        for person in self.people:
            for request, answers in person.answers():
                rental = answers[0].get("rental")
                if rental and (rental["rental"], rental["state"]) not in told:
                    yield f"{person.name}, {request.operation}: {rental} was never so"

    def check_nobody_was_alarmed_by_what_never_was(self):
        """No database was put back, no board exchanged, no money lost."""
        for row in self.log:
            event = row["event"]
            if event["type"] == "lendlock.alert.raised" and event["data"]["kind"] in STRANGE:
                yield f"{row['kiosk']}: {event['data']['alert']}: {event['data'].get('message')}"

    def check_no_pulse_without_an_opening(self):
        """Door by door: as often as a renter's or the manager's opening was stored, and not more."""
        for bank, daemon in self.town.banks.items():
            asked = collections.Counter()
            for row, fact, data in self._rental_events():
                if row["kiosk"] == bank and fact in ("opening", "returning"):
                    asked[data["compartment"]] += 1
            pulsed = collections.Counter(
                int(line.split("compartment ")[1].split(":")[0])
                for line in daemon.log.items() if "compartment " in line and "-> pulsing" in line)
            if not pulsed:
                yield f"{bank}: no pulse at all"
            # Which door the manager's opening was of, only the kiosk has known.
            beyond = sum(max(0, n - asked[door]) for door, n in pulsed.items())
            if beyond > self.stocked[bank]:
                yield f"{bank}: {beyond} pulses beyond what renters asked for: {pulsed - asked}"
