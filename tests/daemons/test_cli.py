"""lendlock, the command line, in a town of real daemons: what it does, what it prints, how it ends."""

import csv
import json
import os
import pathlib
import re
import subprocess

import pytest

from broker import password_of
from daemon import BUILD
from town import MANAGER, SITE, Town

ITEMS = pathlib.Path(__file__).resolve().parents[2] / "examples" / "items.csv"
DONE, USAGE, REFUSED, UNKNOWN, SILENT, LATER = range(6)


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with Town(tmp_path_factory.mktemp("town")) as started:
        yield started


class Line:
    """Runs lendlock as somebody, and remembers how the last command ended."""

    def __init__(self, town, user, *options):
        self.options = options
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": "/nonexistent", "TZ": "UTC",
            "LENDLOCK_SITE": SITE, "LENDLOCK_BROKER_URI": town.broker.uri,
            "LENDLOCK_BROKER_USER": user, "LENDLOCK_BROKER_PASSWORD": password_of(user)}

    def __call__(self, *words, status=DONE, said=""):
        done = subprocess.run(
            [BUILD / "cli" / "lendlock", *self.options, *map(str, words)], capture_output=True,
            text=True, env=self.environment, timeout=90)
        assert done.returncode == status, (words, done.stdout, done.stderr)
        assert said in done.stderr, (words, done.stderr)
        if status != DONE:
            assert done.stderr
        return done.stdout

    def json(self, *words, status=DONE):
        return json.loads(self("--json", *words, status=status))

    def value(self, name, *words):
        """A line of what is printed about one thing: "state         held until 12:15"."""
        found = re.search(rf"^{name} +(.*)$", self(*words), re.MULTILINE)
        assert found, (words, name)
        return found[1]


@pytest.fixture
def boss(town):
    return Line(town, MANAGER)


@pytest.fixture
def mina(town):
    return Line(town, "mina", "--kiosk", "library")


def test_borrowing(town, boss, mina):
    item = town.thing("library")
    assert item in mina("offers")
    rental = mina.value("rental", "reserve", item)
    assert mina.value("state", "rental", rental).startswith("held until ")
    mina("open", rental, status=REFUSED, said="wrong-state")
    assert mina.value("payment", "pay", item, "tok-ok").startswith("authorized")
    code = mina.value("pickup code", "rental", rental)
    assert mina.value("return code", "open", code)
    town.expect_item("library", item, state="rented", rental="rented")
    assert rental in mina("rentals")
    assert mina.value("return code", "rental", rental)
    mina("return", rental)
    town.expect_item("library", item, state="available")
    assert mina.value("state", "rental", rental).startswith("returned")
    history = boss("item", "show", item)
    for fact in ("catalogue.registered", "rental.reserved", "rental.rented", "rental.returned"):
        assert fact in history
    assert rental in boss("rental", "list", "--renter", "mina", "--state", "returned")
    assert boss("rental", "list", "--state", "lost") == ""


def test_a_rental_by_its_item(town, boss, mina):
    """Nobody types 36 characters. The latest rental is meant, and of others' none but by managers."""
    item = town.thing("library")
    for _ in range(2):
        mina("reserve", item)
        mina("cancel", item)
    rental = mina.value("rental", "reserve", item)
    assert mina.value("rental", "rental", item) == rental
    mina("pay", item, "tok-ok")
    joon = Line(town, "joon", "--kiosk", "library")
    joon("open", item, status=REFUSED, said=f"no rental of {item} at library is yours")
    town.expect_item("library", item, state="reserved", rental="paid")
    library = Line(town, MANAGER, "--kiosk", "library")
    assert library.value("rental", "hand-over", item) == rental
    town.expect_item("library", item, state="rented", rental="rented")
    library("resolve", "no-such-thing", "close", "why", status=REFUSED, said="no rental of no-such-thing")
    mina("open", "not a name", status=USAGE, said="want a rental's id or an item's name")
    mina("return", item)
    town.expect_item("library", item, state="available")
    town.things["library"].append(item)


def test_refusals(town, boss, mina):
    item = town.thing("library")
    mina("reserve", "no-such-thing", status=REFUSED, said="not-found")
    joon = Line(town, "joon", "--kiosk", "library")
    rental = mina.value("rental", "reserve", item)
    joon("reserve", item, status=REFUSED, said="not-available")
    joon("cancel", rental, status=REFUSED, said="not-found")
    reply = joon.json("cancel", rental, status=REFUSED)
    assert reply["code"] == "not-found"
    declined = mina.json("pay", rental, "tok-declined", status=REFUSED)
    assert declined["code"] == "declined"
    mina("pay", rental, "tok-declined", status=REFUSED, said="declined: not paid; the rental is held")
    mina("cancel", rental)
    assert mina.value("state", "rental", rental).startswith("cancelled")
    town.things["library"].append(item)


def test_after_wrong_codes_one_waits(town):
    joon = Line(town, "joon", "--kiosk", "station")
    for _ in range(5):
        joon("open", "00000000", status=REFUSED, said="wrong-code")
    joon("open", "00000000", status=LATER, said="again in")


def test_import(town, boss, tmp_path):
    boss("item", "import", "--check", ITEMS)
    assert boss("item", "list", "--search", "18 V") == ""
    added = boss("item", "import", ITEMS, said="26 of 26")
    assert added.count("added ") == 26
    boss("item", "import", ITEMS, status=REFUSED, said="drill-18v: exists")

    with ITEMS.open(newline="") as file:
        wanted = {row["item"]: row for row in csv.DictReader(file)}
    items = boss.json("item", "list")["items"]
    assert set(wanted) <= {entry["item"] for entry in items}
    entry = boss.json("item", "show", "projector-screen")["entry"]
    assert (entry["title"], entry["amount"], entry["currency"], entry["period"], entry["kiosk"]) == (
        "Projection screen", 4000, "KRW", 172800, "station")

    changed = tmp_path / "changed.csv"
    changed.write_text("item,title,amount,currency,period,kiosk\n"
                       "projector-screen,A white sheet,1000,KRW,1d,station\n")
    assert boss("item", "import", "--update", changed) == "changed projector-screen\n"
    assert boss.json("item", "show", "projector-screen")["entry"]["title"] == "A white sheet"


def test_more_than_one_page(boss):
    """The hub gives 50 at a time unless asked for more."""
    rows = "".join(f"page-{n},Page {n},0,KRW,1h,station\n" for n in range(120))
    done = subprocess.run(
        [BUILD / "cli" / "lendlock", "item", "import", "-"], capture_output=True, text=True,
        env=boss.environment, input="item,title,amount,currency,period,kiosk\n" + rows)
    assert done.returncode == DONE, done.stderr
    found = boss.json("item", "list", "--search", "page-")
    assert [i["item"] for i in found["items"]] == sorted(f"page-{n}" for n in range(120))
    assert "next" not in found
    assert len(boss.json("item", "list", "--search", "page-", "--limit", "7")["items"]) == 7
    assert len(boss.json("item", "list", "--limit", "1000")["items"]) >= 120
    assert len(boss("item", "list", "--search", "page-").splitlines()) == 121


def test_a_long_history(town, boss):
    """The item itself stands above its history once, however many pages that takes."""
    item = town.register("station")
    for amount in range(60):
        boss("item", "change", item, "--amount", amount)
    shown = boss.json("item", "show", item)
    assert [len(shown["items"]), len(shown["history"]), shown["count"]] == [1, 61, 61]
    assert len(boss.json("item", "show", item, "--limit", "55")["history"]) == 55


def test_managing(town, boss):
    library = Line(town, MANAGER, "--kiosk", "library")
    item = town.register("library")
    library("item", "stock", item)
    town.expect_item("library", item, state="available")
    library("item", "block", item, "the bit is gone")
    town.expect_item("library", item, state="blocked")
    assert "the bit is gone" in boss("status", "--kiosk", "library")
    library("item", "inspect", item, "fit")
    town.expect_item("library", item, state="available")
    boss("item", "change", item, "--amount", 700, "--inspect", "yes")
    assert boss.json("item", "show", item)["entry"]["amount"] == 700
    library("item", "collect", item)
    town.expect_item("library", item, state="registered")
    boss("item", "move", item, "station")
    boss("item", "withdraw", item, "worn out")
    boss("item", "withdraw", item, status=REFUSED, said="wrong-state")
    boss("renter", "set", "mina", "Mina Kang", "+82 2 555 0142")
    assert boss("renter", "block", "joon") == "done\n"
    joon = Line(town, "joon", "--kiosk", "library")
    town.wait_latest(f"{town.top}/kiosk/library/desired", lambda desired: desired["blocked"])
    joon("reserve", town.things["library"][0] if town.things["library"] else town.thing("library"),
         status=REFUSED, said="blocked")
    boss("renter", "unblock", "joon")
    boss("renter", "erase", "mina")
    boss("renter", "erase", "mina", status=REFUSED, said="not-found")
    library("repair", 8, "broken")
    town.expect_alert("library", "door-jammed")
    assert "door-jammed:8" in boss("attention")
    library("repair", 8, "works")
    town.expect_alert("library", "door-jammed", there=False)
    library("simulate", 8, "open")
    library("simulate", 8, "close")
    boss("adopt", "library", status=REFUSED, said="nothing to adopt")
    boss("alert", "clear", "none:such", status=REFUSED, said="not-found")
    boss("dead-letters", "replay")
    assert "library" in boss("banks")


def test_only_managers_manage(town, mina):
    """The broker drops what a renter may not ask; so nobody answers."""
    impatient = ("--patience", "1s")
    mina(*impatient, "banks", status=SILENT, said="it is off, or mina may not ask it")
    assert mina("status", status=SILENT, said="no view of library") == ""
    renter = Line(town, "mina")
    assert renter("status", status=SILENT, said="2 of 2 banks are not shown: may mina see them?") == ""
    mina(*impatient, "resolve", "01a2040e-5a10-7c3e-9a51-6f0d7e21b4c8", "close", "why",
         status=UNKNOWN, said="outcome unknown")


def test_status_and_watch(town, boss):
    shown = boss("status")
    assert shown.index("library: online") < shown.index("station: online")
    views = [json.loads(line) for line in boss("--json", "status").splitlines()]
    assert [view["kiosk"] for view in views] == ["library", "station"]
    assert views[0]["payload"]["link"] == "online"

    watching = subprocess.Popen(
        [BUILD / "cli" / "lendlock", "--json", "watch"], stdout=subprocess.PIPE, text=True,
        env=boss.environment)
    try:
        seen = set()
        item = None
        for line in watching.stdout:
            message = json.loads(line)
            seen.add(message["topic"].removeprefix(f"{town.top}/"))
            if item is None and "view/library" in seen:
                item = town.register("station")
                town.stock("station", item)
            if item and message["topic"].endswith("station/event") and item in line:
                break
    finally:
        watching.kill()
        watching.stdout.close()
        watching.wait()
    assert {"hub/status", "kiosk/library/status", "kiosk/library/offer", "view/library"} <= seen


def test_status_is_drawn_anew(town, boss):
    drawing = subprocess.Popen([BUILD / "cli" / "lendlock", "status", "--watch"],
                               stdout=subprocess.PIPE, text=True, env=boss.environment)
    try:
        screen, asked = "", False
        for line in drawing.stdout:
            if "\033[2J" in line:
                screen = ""
            screen += line
            if not asked and "station: online" in screen:
                item = town.register("station")
                asked = True
            if asked and item in screen:
                break
    finally:
        drawing.kill()
        drawing.stdout.close()
        drawing.wait()


def test_a_bank_that_is_gone(town, mina):
    """What was asked for may have been done: nobody knows, and it says so."""
    bank = town.banks["library"]
    bank.stop()
    try:
        mina("--patience", "1s", "rentals", status=SILENT, said="library does not answer")
        mina("--patience", "1s", "reserve", "drill", status=UNKNOWN, said="outcome unknown")
        mina("--patience", "1s", "pay", "drill", "tok-ok", status=SILENT, said="library does not answer")
    finally:
        mark = town.messages.mark()
        bank.start()
        town.wait_lending("library", mark)


def test_a_request_goes_again(town, mina):
    """The bank is down, then the broker forgets everything: in the end it is done, and once."""
    item = town.thing("library")
    town.banks["library"].stop()
    mark = town.messages.mark()
    asking = subprocess.Popen(
        [BUILD / "cli" / "lendlock", "--kiosk", "library", "--patience", "1min", "reserve", item],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=mina.environment)
    try:
        request = f"{town.top}/kiosk/library/request/mina/reserve"
        town.messages.wait_for(lambda message: message.topic == request, mark)
        town.broker_dies()
        town.banks["library"].start()
        town.broker_comes_back()
        out, err = asking.communicate(timeout=60)
    finally:
        asking.kill()
    assert asking.returncode == DONE, err
    assert out.count("pickup code") == 1
    town.expect_item("library", item, state="reserved")
    mina("cancel", out.split()[1])


def test_no_broker(town, mina):
    mina("--broker", "mqtt://127.0.0.1:1", "--timeout", "200ms", "offers", status=SILENT,
         said="no connection")
    wrong = Line(town, "mina", "--timeout", "1s")
    wrong.environment["LENDLOCK_BROKER_PASSWORD"] = "wrong"
    wrong("offers", status=SILENT, said="no connection")


def test_a_bank_that_was_never_seen(town, boss, tmp_path):
    """Last, because it stays: a name may be that of a bank yet to come, or mistyped. That is said."""
    typo = tmp_path / "typo.csv"
    typo.write_text("item,title,amount,currency,period,kiosk\nchair,Chair,0,KRW,1d,libary\n")
    assert boss("item", "import", typo) == "added chair: that bank has never been seen yet\n"
    town.wait_latest(f"{town.top}/view/libary", lambda view: view["contents"])
    assert "libary: never seen yet; 1 items" in boss("status")
    boss("item", "move", "chair", "library")
    town.expect_item("library", "chair", state="registered")
