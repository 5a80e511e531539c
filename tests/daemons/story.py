"""What the demo shows and the tests check: each chapter stands alone, in any town that has begun.
All of it happens between the real daemons; what is said is checked where it is decided: at the bank,
in the hub's view, and at the provider whether money moved."""


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
    town.expect_item("library", item, state="available", rental=None)
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
    town.expect_item("station", item, state="available", rental=None)


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
    town.expect_item("library", item, state="available", rental=None)


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


def jammed_door(town):
    """A door jams: the money goes back by itself, and a person is told"""
    mina, boss = town.mina, town.boss
    item = town.thing("library")
    rental = mina.reserve("library", item)
    mina.act(rental, "pay", method="tok-ok")
    door = rental.record["compartment"]
    boss.ask("library", "simulate", compartment=door, action="jam")
    mina.act(rental, "open", expect="failed")
    town.expect_rental(mina, rental, "failed", "voided")
    town.expect_money(rental, "authorize", "void")
    town.expect_item("library", item, state="blocked", rental=None)
    town.expect_alert("library", "door-jammed")
    boss.ask("library", "simulate", compartment=door, action="unjam")
    boss.ask("library", "repair", compartment=door, works=True)
    town.expect_alert("library", "door-jammed", there=False)


def nothing_inside(town):
    """There is nothing behind the door: money back after it was taken"""
    mina = town.mina
    item = town.thing("library")
    rental = mina.rent("library", item)
    town.expect_rental(mina, rental, "rented", "captured")
    mina.act(rental, "report", problem="empty")
    town.expect_rental(mina, rental, "failed", "refunded")
    town.expect_money(rental, "authorize", "capture", "refund")
    town.expect_item("library", item, state="blocked", rental=None)


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
    town.expect_item("station", item, state="available", rental=None)
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
    town.expect_item("library", item, state="available", rental=None)
    town.expect_caught_up("library")


CHAPTERS = (
    rental, cancelled_reservation, cancelled_payment, declined_card, jammed_door, nothing_inside,
    hub_is_down, broker_forgets,
)
