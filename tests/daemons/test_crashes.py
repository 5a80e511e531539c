"""Daemons that are killed in the middle of something."""

import concurrent.futures
import contextlib
import sqlite3
import time

import pytest

from client import timestamp
from town import HUB, LEDGER, Town


@contextlib.contextmanager
def meanwhile(function, *args, **named):
    """Does it beside the block; its result must be there, and good, at the end."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        future = pool.submit(function, *args, **named)
        yield
        future.result()


def test_kiosk_is_killed_while_the_door_is_open(tmp_path):
    """When it starts again the door is closed: the thing was taken, and is paid once."""
    with Town(tmp_path, bank={"close_after": "1500 ms"}) as town:
        item = town.thing("library")
        rental = town.mina.rent("library", item)
        assert rental.state == "taking"
        town.banks["library"].kill()
        town.wait_view("library", lambda view: view["link"] == "lost")
        town.banks["library"].start()
        town.expect_item("library", item, state="rented", rental="rented", payment="captured")
        town.expect_rental(town.mina, rental, "rented", "captured")
        town.expect_money(rental, "authorize", "capture")
        town.mina.act(rental, "return")
        town.expect_item("library", item, state="available", rental=None)


def test_kiosk_is_killed_before_the_door_opens(tmp_path):
    """Pulsed, and nobody knows what became of it: the request is not done again when it is repeated,
    and there is no second pulse unless a person asks anew."""
    with Town(tmp_path, bank={"open_after": "900 ms"}, doors={"open_within": "3 s"}) as town:
        library = town.banks["library"]
        item = town.thing("library")
        rental = town.mina.reserve("library", item)
        town.mina.act(rental, "pay", method="tok-ok")
        mark, since = library.log.mark(), town.messages.mark()
        opening = {"expires_at": timestamp(9), "rental": rental.id}
        topic = f"{town.top}/kiosk/library"
        town.mina.client.publish(
            f"{topic}/request/mina/open", opening, content_type="application/json",
            response_topic=f"{topic}/reply/mina", correlation=b"the-one-opening")
        library.wait_for_log("pulsing -> expected", mark)
        library.kill()
        town.wait_status("library", since, state="lost")
        library.start()
        town.wait_lending("library", since)
        reply = town.mina.client.request(topic, "open", opening, request_id="the-one-opening")
        assert (reply["code"], reply["rental"]["state"]) == ("failed", "paid"), reply
        assert len([line for line in library.log.items(mark) if "-> pulsing" in line]) == 1
        town.mina.act(rental, "open")
        town.expect_rental(town.mina, rental, "rented", "captured")
        town.expect_money(rental, "authorize", "capture")


def asked(town):
    with contextlib.closing(sqlite3.connect(f"file:{town.provider}?mode=ro", uri=True)) as database:
        return database.execute("SELECT count(*) FROM asked WHERE call = 'authorize'").fetchone()[0]


@pytest.mark.parametrize("after", [0, 0.3, 0.8], ids=["begun", "before", "done"])
def test_adapter_is_killed_while_paying(tmp_path, after):
    """after: s from when the provider was asked; it moves the money after half a second."""
    with Town(tmp_path, sandbox={"delay": "1 s", "spread": "0 ms"}) as town:
        item = town.thing("library")
        rental = town.mina.reserve("library", item)
        with meanwhile(town.mina.act, rental, "pay", method="tok-ok"):
            town.ledger.wait_for_log("-> sent")
            time.sleep(after)  # where it is cut, not what is waited for
            assert asked(town) <= 1
            town.ledger.kill()
            town.ledger.start()
        assert rental.state == "paid"
        town.expect_money(rental, "authorize")
        town.mina.act(rental, "open")
        town.expect_rental(town.mina, rental, "rented", "captured")
        town.expect_money(rental, "authorize", "capture")


def test_adapter_is_killed_while_money_goes_back(tmp_path):
    with Town(tmp_path, sandbox={"delay": "600 ms", "spread": "0 ms"}) as town:
        item = town.thing("library")
        rental = town.mina.reserve("library", item)
        town.mina.act(rental, "pay", method="tok-ok")
        mark = town.ledger.log.mark()
        town.mina.act(rental, "cancel")
        town.ledger.wait_for_log("-> void-owed", mark)
        town.ledger.kill()
        town.ledger.start()
        town.expect_rental(town.mina, rental, "cancelled", "voided")
        town.expect_money(rental, "authorize", "void")


def test_kiosk_and_adapter_are_killed_while_paying(tmp_path):
    """Nobody is left who remembers the request but their databases."""
    with Town(tmp_path, sandbox={"delay": "600 ms", "spread": "0 ms"}) as town:
        item = town.thing("library")
        rental = town.mina.reserve("library", item)
        with meanwhile(town.mina.act, rental, "pay", method="tok-ok"):
            town.ledger.wait_for_log("-> sent")
            town.banks["library"].kill()
            town.ledger.kill()
            town.ledger.start()
            town.banks["library"].start()
        town.expect_rental(town.mina, rental, "paid", "authorized")
        town.expect_money(rental, "authorize")


def test_hub_is_killed_again_and_again(tmp_path):
    """While it is up or down, things go out and come back; in the end it has every event."""
    with Town(tmp_path) as town:
        items = {bank: town.thing(bank) for bank in town.banks}
        for _ in range(3):
            rentals = [person.rent(bank, item) for person, (bank, item)
                       in zip((town.mina, town.joon), items.items())]
            town.hub.kill()
            for person, rental in zip((town.mina, town.joon), rentals):
                town.expect_rental(person, rental, "rented", "captured")
                person.act(rental, "return")
                town.expect_rental(person, rental, "returned", "captured")
            town.hub.start()
            for bank, item in items.items():
                town.expect_item(bank, item, state="available", rental=None)
                town.expect_caught_up(bank)


def test_all_are_killed_at_once(tmp_path):
    """Power is cut everywhere while a door stands open."""
    with Town(tmp_path, bank={"close_after": "1500 ms"}) as town:
        item = town.thing("station")
        rental = town.joon.rent("station", item)
        for daemon in town.daemons:
            daemon.process.kill()
        town.broker_dies()
        for daemon in town.daemons:
            daemon.wait()
            daemon.start()
        town.broker_comes_back()
        town.expect_item("station", item, state="rented", rental="rented", payment="captured")
        town.expect_rental(town.joon, rental, "rented", "captured")
        town.expect_money(rental, "authorize", "capture")
        town.expect_caught_up("station")


def test_stopped_daemons_say_so(tmp_path):
    with Town(tmp_path) as town:
        town.banks["library"].stop()
        town.wait_status("library", state="lost")
        town.wait_view("library", lambda view: view["link"] == "lost")
        town.ledger.stop()
        town.wait_latest(f"{town.top}/payment/{LEDGER}/status", lambda s: s["state"] == "lost")
        town.wait_status("station", payments="closed")
        town.hub.stop()
        town.wait_latest(f"{town.top}/{HUB}/status", lambda s: s["state"] == "lost")
