"""Databases that were put back to an older copy, or that another board has a rival of."""

import shutil

import pytest

from daemon import Daemon
from town import HUB, Town


def files(town, name):
    path = town.database(name)
    return [path.with_name(path.name + end) for end in ("", "-wal", "-shm")]


def copy(town, name):
    """Of the database of a daemon that does not run."""
    folder = town.folder / f"copy-of-{name}"
    folder.mkdir()
    for file in files(town, name):
        if file.exists():
            shutil.copy(file, folder)


def put_back(town, name):
    for file in files(town, name):
        file.unlink(missing_ok=True)
    for file in (town.folder / f"copy-of-{name}").iterdir():
        shutil.copy(file, town.database(name).parent)


def generation(town):
    return town.wait_latest(f"{town.top}/{HUB}/status", lambda s: s["state"] == "online")["generation"]


def test_hub_is_put_back_to_a_backup(tmp_path):
    """It raises its generation, and the banks tell it again what it lost."""
    with Town(tmp_path) as town:
        first, second = town.thing("library"), town.thing("station")
        early = town.mina.rent("library", first)
        town.expect_item("library", first, state="rented", payment="captured")
        town.hub.stop()
        copy(town, HUB)
        town.hub.start()
        before = generation(town)

        late = town.joon.rent("station", second)
        town.mina.act(early, "return")
        town.expect_item("library", first, state="available", rental=None)
        town.expect_item("station", second, state="rented", payment="captured")
        new = town.register("station")
        town.stock("station", new)
        for bank in town.banks:
            town.expect_caught_up(bank)
        town.hub.stop()
        put_back(town, HUB)
        mark = town.messages.mark()
        town.hub.start()

        assert town.wait_latest(f"{town.top}/{HUB}/status", lambda s: s.get("generation", 0) > before)
        for bank in town.banks:
            town.wait_status(bank, mark, generation=generation(town))
        town.expect_item("library", first, state="available", rental=None)
        town.expect_item("station", second, state="rented", rental="rented", payment="captured")
        # The catalogue entry is lost, and a person is told; the bank keeps the thing all the same.
        town.expect_item("station", new, state="available")
        town.expect_alert("station", "item-unknown")
        town.expect_alert("station", "hub-restored")
        town.joon.act(late, "return")
        town.expect_item("station", second, state="available", rental=None)
        for bank in town.banks:
            town.expect_caught_up(bank)


def wait_fork(town, bank):
    """The bank takes returns only, and the hub sees that another epoch waits; returns that one."""
    status = town.wait_latest(
        f"{town.top}/kiosk/{bank}/status", lambda s: s["state"] == "online" and not s.get("lending"))
    town.wait_view(bank, lambda view: view.get("claimed_epoch") == status["epoch"])
    town.tell(bank, "takes returns only, until it is adopted")
    return status["epoch"]


def adopt(town, bank, epoch, contents):
    """contents: {item: compartment}, as a person finds them."""
    mark = town.messages.mark()
    town.boss.ask_hub("kiosk-adopt", kiosk=bank, epoch=epoch)
    town.expect_alert(bank, "confirm-bank")
    town.boss.ask(bank, "confirm-bank", compartments=[
        {"compartment": compartment, "item": item} for item, compartment in contents.items()])
    town.wait_status(bank, mark, lending=True, epoch=epoch)
    town.expect_alert(bank, "confirm-bank", there=False)


def places(town, bank):
    """{item: compartment} of what the view sees behind the doors."""
    view = town.wait_view(bank, lambda view: True)
    return {entry["item"]: entry["compartment"] for entry in view["contents"]
            if entry.get("compartment") and entry["state"] != "rented"}


def test_bank_is_put_back_to_an_older_copy(tmp_path):
    """It finds out, takes returns only, is adopted, is told its rentals, and lends again."""
    with Town(tmp_path) as town:
        away, wanted, free = (town.thing("library") for _ in range(3))
        lent = town.mina.rent("library", away)
        town.expect_item("library", away, state="rented", payment="captured")
        library = town.banks["library"]
        library.stop()
        copy(town, "library")
        library.start()
        town.wait_status("library", state="online")
        town.wait_lending("library", town.messages.mark() - 1)

        paid = town.joon.reserve("library", wanted)
        town.joon.act(paid, "pay", method="tok-ok")
        town.expect_item("library", wanted, state="reserved", rental="paid", payment="authorized")
        town.expect_caught_up("library")
        contents = places(town, "library")
        library.stop()
        put_back(town, "library")
        library.start()

        epoch = wait_fork(town, "library")
        assert list(library.folder.glob("library.db.*")), "the old copy is kept"
        town.joon.reserve("library", free, expect="returns-only")
        town.mina.act(lent, "return")
        library.wait_for_log(f"{lent.id}: returning -> returned")
        contents[away] = lent.record["compartment"]

        adopt(town, "library", epoch, contents)
        town.expect_item("library", away, state="available", rental=None)
        town.expect_item("library", wanted, state="reserved", rental="paid", payment="authorized")
        town.joon.act(paid, "open")
        town.expect_item("library", wanted, state="rented", rental="rented", payment="captured")
        town.expect_money(paid, "authorize", "capture")
        town.joon.act(paid, "return")
        town.expect_item("library", wanted, state="available", rental=None)
        again = town.mina.rent("library", free)
        town.expect_item("library", free, state="rented", rental="rented", payment="captured")
        town.mina.act(again, "return")
        town.expect_item("library", free, state="available", rental=None)
        town.expect_caught_up("library")


def test_bank_has_a_new_board(tmp_path):
    """A database that begins anew is adopted like an old copy; authorized payments are not lost."""
    with Town(tmp_path) as town:
        item = town.thing("library")
        rental = town.mina.reserve("library", item)
        town.mina.act(rental, "pay", method="tok-ok")
        town.expect_item("library", item, state="reserved", rental="paid", payment="authorized")
        contents = places(town, "library")
        library = town.banks["library"]
        library.stop()
        for file in files(town, "library"):
            file.unlink(missing_ok=True)
        library.start()

        epoch = wait_fork(town, "library")
        town.joon.reserve("library", item, expect="returns-only")
        adopt(town, "library", epoch, contents)
        town.mina.act(rental, "cancel")
        town.expect_rental(town.mina, rental, "cancelled", "voided")
        town.expect_money(rental, "authorize", "void")
        town.expect_item("library", item, state="available", rental=None)


def test_two_boards_have_one_name(tmp_path):
    """A rival with a database of its own never lends. The right one goes on when it has left; brokers
    that say "session taken over" (mosquitto since 2.0.12) let it wait for a manager first."""
    with Town(tmp_path) as town:
        item = town.thing("library")
        library = town.banks["library"]
        contents = places(town, "library")
        folder = tmp_path / "rival"
        config = (library.folder / "lendlock-kiosk.conf").read_text().replace(
            str(library.folder), str(folder))
        with Daemon("kiosk/lendlock-kiosk", folder, config) as rival:
            rival.wait_for_log("lending -> waiting")
            town.wait_view("library", lambda view: view.get("claimed_epoch"))
            mark = town.messages.mark()
        town.wait_status("library", mark, state="online")
        if any("lending -> waiting" in line for line in library.log.items()):
            adopt(town, "library", wait_fork(town, "library"), contents)
        town.wait_lending("library", mark)
        town.wait_view("library", lambda view: not view.get("claimed_epoch"))
        rental = town.joon.reserve("library", item)
        town.joon.act(rental, "cancel")
        town.expect_item("library", item, state="available", rental=None)
