"""What the demo shows and the tests check: each chapter stands alone, in any town that has begun.
All of it happens between the real daemons; what is said is checked where it is decided: at the bank,
in the hub's view, and at the provider whether money moved."""

import csv
import json

from people import ROOT

ITEMS = "examples/items.csv"
STOCKED = {"library": 5, "station": 5}


def catalogue(town):
    """The catalogue is imported, and some of it is put behind doors"""
    boss = town.boss
    with (ROOT / ITEMS).open(newline="") as file:
        items = [row for row in csv.DictReader(file) if row["kiosk"] in town.banks]
    boss.run("item", "import", ITEMS, "--check")
    boss.run("item", "import", ITEMS)
    for bank, count in STOCKED.items():
        # What is inspected after each return has a chapter of its own.
        there = [row["item"] for row in items if row["kiosk"] == bank and row["inspect"] == "no"]
        for item in there[:count]:
            boss.run("--kiosk", bank, "item", "stock", item)
            town.leave(bank, item)
    for bank in town.banks:
        listed = json.loads(boss.run("--json", "--kiosk", bank, "item", "list", show=False))
        expected = {row["item"] for row in items if row["kiosk"] == bank}
        assert {entry["item"] for entry in listed["items"]} >= expected, listed


def rental(town):
    """A thing is reserved, paid, taken and brought back"""
    mina, joon = town.mina, town.joon
    item = town.thing("library")
    rental = mina.reserve("library", item)
    joon.reserve("library", item, expect="not-available")
    town.expect_item("library", item, state="reserved", rental="held", payment=None)
    mina.act(rental, "pay", method="tok-ok")
    town.expect_rental(mina, rental, "paid", "authorized")
    town.expect_money(rental, "authorize")
    mina.act(rental, "open")
    town.expect_item("library", item, state="rented", rental="rented", payment="captured")
    town.expect_money(rental, "authorize", "capture")
    joon.reserve("library", item, expect="not-available")
    mina.act(rental, "return")
    town.leave("library", item)
    town.expect_rental(mina, rental, "returned", "captured")
    town.expect_money(rental, "authorize", "capture")


def cancelled_reservation(town):
    """A reservation is cancelled, and somebody else gets the thing"""
    mina, joon = town.mina, town.joon
    item = town.thing("station")
    first = mina.reserve("station", item)
    mina.act(first, "cancel")
    town.expect_rental(mina, first, "cancelled")
    town.expect_item("station", item, state="available", rental=None)
    second = joon.reserve("station", item)
    town.expect_item("station", item, state="reserved", rental="held")
    joon.act(second, "cancel")
    town.leave("station", item)


def cancelled_payment(town):
    """A payment is taken back before the door was opened"""
    mina = town.mina
    item = town.thing("library")
    rental = mina.reserve("library", item)
    mina.act(rental, "pay", method="tok-ok")
    town.expect_money(rental, "authorize")
    mina.act(rental, "cancel-payment")
    town.expect_rental(mina, rental, "cancelled", "voided")
    town.expect_money(rental, "authorize", "void")
    town.leave("library", item)


def declined_card(town):
    """A card is declined; another one is taken"""
    joon = town.joon
    item = town.thing("station")
    rental = joon.reserve("station", item)
    joon.act(rental, "pay", expect="declined", method="tok-declined")
    town.expect_rental(joon, rental, "held", "declined")
    town.expect_money(rental)
    joon.act(rental, "pay", method="tok-ok")
    assert len(rental.payments) == 2
    town.expect_rental(joon, rental, "paid", "authorized")
    town.expect_money(rental, "authorize")
    joon.act(rental, "cancel")
    town.expect_rental(joon, rental, "cancelled", "voided")
    town.expect_money(rental, "authorize", "void")
    town.leave("station", item)


def jammed_door(town):
    """A door jams: the money goes back by itself, and a person is told"""
    mina, boss = town.mina, town.boss
    item = town.thing("library")
    rental = mina.reserve("library", item)
    mina.act(rental, "pay", method="tok-ok")
    door = str(rental.record["compartment"])
    boss.run("--kiosk", "library", "simulate", door, "jam")
    mina.act(rental, "open", expect="failed")
    town.expect_rental(mina, rental, "failed", "voided")
    town.expect_money(rental, "authorize", "void")
    town.expect_item("library", item, state="blocked", rental=None)
    town.expect_alert("library", "door-jammed")
    boss.run("--kiosk", "library", "simulate", door, "unjam")
    boss.run("--kiosk", "library", "repair", door, "works")
    town.expect_alert("library", "door-jammed", there=False)
    boss.run("--kiosk", "library", "item", "inspect", item, "fit")
    town.leave("library", item)


def nothing_inside(town):
    """There is nothing behind the door: money back although it was opened"""
    mina = town.mina
    item = town.thing("library")
    rental = mina.rent("library", item)
    town.expect_rental(mina, rental, "rented", "captured")
    mina.act(rental, "report", problem="empty")
    town.expect_rental(mina, rental, "failed", "refunded")
    town.expect_money(rental, "authorize", "capture", "refund")
    town.expect_item("library", item, state="blocked", rental=None)


def ledger_is_down(town):
    """The payment adapter is stopped: reserve now, pay in a moment"""
    mina = town.mina
    item = town.thing("station")
    town.ledger.stop()
    town.wait_status("station", payments="closed")
    town.tell("ledger", "is stopped")
    rental = mina.reserve("station", item)
    mina.act(rental, "pay", expect="payments-closed", method="tok-ok")
    town.ledger.start()
    town.wait_status("station", payments="open")
    town.tell("ledger", "is back")
    mina.act(rental, "pay", method="tok-ok")
    town.expect_rental(mina, rental, "paid", "authorized")
    mina.act(rental, "open")
    town.expect_item("station", item, state="rented", rental="rented", payment="captured")
    town.expect_money(rental, "authorize", "capture")
    mina.act(rental, "return")
    town.leave("station", item)


def hub_is_down(town):
    """The hub is stopped; people rent all the same, and it catches up later"""
    joon = town.joon
    item = town.thing("station")
    town.hub.stop()
    town.wait_latest(f"{town.top}/hub/status", lambda status: status["state"] == "lost")
    town.tell("hub", "is stopped")
    rental = joon.rent("station", item)
    town.expect_rental(joon, rental, "rented", "captured")
    town.expect_money(rental, "authorize", "capture")
    town.hub.start()
    town.wait_latest(f"{town.top}/hub/status", lambda status: status["state"] == "online")
    town.tell("hub", "is back")
    town.expect_item("station", item, state="rented", rental="rented", payment="captured")
    joon.act(rental, "return")
    town.leave("station", item)
    town.expect_caught_up("station")


def broker_forgets(town):
    """The broker is killed while a door stands open, and all that it stored is deleted"""
    mina = town.mina
    item = town.thing("library")
    rental = mina.rent("library", item)
    log = town.banks["library"].log
    town.broker_dies()
    town.tell("broker", "is killed, its store is deleted")
    log.wait_for(lambda line: f"{rental.id}: taking -> rented" in line)
    town.tell("library", f"the door closes: {item} is rented, with nobody to tell it to")
    town.broker_comes_back()
    town.tell("broker", "is back, empty")
    town.expect_item("library", item, state="rented", rental="rented", payment="captured")
    town.expect_money(rental, "authorize", "capture")
    mina.act(rental, "return")
    town.expect_rental(mina, rental, "returned", "captured")
    town.leave("library", item)
    town.expect_caught_up("library")


def status(town):
    """Who has what: the manager's status view"""
    mina, joon, boss = town.mina, town.joon, town.boss
    held, paid = town.thing("library"), town.thing("station")
    boss.run("renter", "set", "mina", "Mina Park", "mina@example.org")
    first = mina.reserve("library", held)
    second = joon.reserve("station", paid)
    joon.act(second, "pay", method="tok-ok")
    town.expect_item("library", held, state="reserved", rental="held", user="mina", name="Mina Park")
    town.expect_item("station", paid, state="reserved", rental="paid", payment="authorized")
    shown = boss.run("status")
    for word in (*town.banks, held, paid, "mina", "reserved", "authorized"):
        assert word in shown, word
    boss.run("attention")
    history = boss.run("item", "show", held)
    assert held in history
    mina.act(first, "cancel")
    joon.act(second, "cancel")
    town.expect_rental(joon, second, "cancelled", "voided")
    town.leave("library", held)
    town.leave("station", paid)


CHAPTERS = (
    catalogue, rental, cancelled_reservation, cancelled_payment, declined_card, jammed_door,
    nothing_inside, ledger_is_down, hub_is_down, broker_forgets, status,
)
