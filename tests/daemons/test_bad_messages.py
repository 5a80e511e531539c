"""Messages that are malformed, late, repeated, retained or not their sender's business: each is refused
in words or kept as a dead letter, and nothing stops."""

import json
import uuid

import pytest

from client import Client, timestamp
from town import HUB, LEDGER, MANAGER, OTHER_LEDGER, Town

TTL_MAX, DOOR_TTL_MAX = 60, 10
NOBODY = "01a20441-2c50-7a90-8d61-3b7a92c4e015"


@pytest.fixture(scope="module", name="town")
def fixture_town(tmp_path_factory):
    with Town(tmp_path_factory.mktemp("town")) as town:
        yield town


@pytest.fixture(autouse=True)
def all_go_on(town):
    """After each test all still run, and answer."""
    yield
    assert all(daemon.process.poll() is None for daemon in town.daemons)
    for bank in town.banks:
        town.mina.ask(bank, "rentals")
    town.boss.ask_hub("banks")


class Responder:
    """Where requests go: a bank, the hub or a ledger, as one of its users sees it."""

    def __init__(self, town, name, user, client=None):
        self.town = town
        self.top = f"{town.top}/{name}"
        self.user = user
        self.client = client or town.people[user].client
        self.reply_topic = f"{self.top}/reply/{user}"
        self.client.subscribe(self.reply_topic)

    def send(self, operation, payload, correlation="", **more):
        """Publishes a request as it is; returns the reply that it must get."""
        topic = f"{self.top}/request/{self.user}/{operation}"
        self.town.tampered.add(topic)
        if correlation == "":
            correlation = str(uuid.uuid4()).encode()
        since = self.client.messages.mark()
        self.client.publish(topic, payload, correlation=correlation, **more)
        # Where the correlation is what is wrong, the reply has none.
        reply = self.client.wait_for_topic(
            self.reply_topic, lambda m: m.correlation in (correlation, None), since)
        return reply.json


def in_time(**args):
    return {"expires_at": timestamp(9), **args}


@pytest.fixture(name="bank")
def fixture_bank(town):
    return Responder(town, "kiosk/library", "mina")


@pytest.fixture(name="managed_bank")
def fixture_managed_bank(town):
    return Responder(town, "kiosk/library", MANAGER)


@pytest.fixture(name="hub")
def fixture_hub(town):
    return Responder(town, "hub", MANAGER)


@pytest.fixture(scope="module", name="impostor")
def fixture_impostor(town):
    """Somebody who got hold of a bank's password, beside the bank itself."""
    with Client(town.broker, "library", client_id="impostor") as client:
        yield client


@pytest.fixture(name="ledger")
def fixture_ledger(town, impostor):
    return Responder(town, f"payment/{LEDGER}", "library", impostor)


def bad_payloads(**args):
    """(what is wrong, bytes) for an operation that these would be the right arguments of."""
    right = json.dumps(in_time(**args))
    return {
        "nothing": b"",
        "no JSON": b"reserve the drill",
        "half of it": right[:-2].encode(),
        "more after it": right.encode() + b"{}",
        "an array": b"[" + right.encode() + b"]",
        "invalid UTF-8": right.replace("Z", "Z\xff").encode("latin-1"),
        "a NUL": right.replace("Z", "Z\\u0000").encode(),
        "a field twice": right.replace("{", '{"expires_at":"2026-01-01T00:00:00Z",').encode(),
        "a field too many": right.replace("{", '{"spoon":1,').encode(),
        "no expires_at": json.dumps(args).encode(),
        "no time": json.dumps({**args, "expires_at": "soon"}).encode(),
        "a number for a time": json.dumps({**args, "expires_at": 1795373510}).encode(),
        "too deep": right.replace("{", '{"spoon":' + "[" * 100 + "]" * 100 + ",").encode(),
        "too large": right.replace("{", '{"spoon":"' + "x" * 100_000 + '",').encode(),
    }


BAD = list(bad_payloads())


@pytest.mark.parametrize("what", BAD)
def test_bad_payload_to_a_bank(bank, what):
    reply = bank.send("reserve", bad_payloads(item="drill")[what])
    assert reply["code"] == "malformed" and reply["message"], reply


@pytest.mark.parametrize("what", BAD)
def test_bad_payload_to_the_hub(hub, what):
    reply = hub.send("banks", bad_payloads()[what])
    assert reply["code"] == "malformed" and reply["message"], reply


@pytest.mark.parametrize("what", [what for what in BAD if what != "no expires_at"])
def test_bad_payload_to_a_ledger(ledger, what):
    """A query there never expires."""
    reply = ledger.send("query", bad_payloads(payment=NOBODY)[what])
    assert reply["code"] == "malformed" and reply["message"], reply


@pytest.mark.parametrize("args", [
    {}, {"item": ""}, {"item": "Drill"}, {"item": "x" * 33}, {"item": 7}, {"item": None},
    {"item": "../drill"}, {"item": "drill'; DROP TABLE item; --"},
], ids=str)
def test_bad_argument(bank, args):
    assert bank.send("reserve", in_time(**args))["code"] == "malformed"


def test_rental_that_is_no_uuid(bank):
    assert bank.send("rental", in_time(rental="1"))["code"] == "malformed"


@pytest.mark.parametrize("responder", ["bank", "hub"])
@pytest.mark.parametrize("correlation", [None, b"a b", b"x" * 65, b"\0", b"\xff"], ids=repr)
def test_bad_correlation(request, responder, correlation):
    responder = request.getfixturevalue(responder)
    reply = responder.send("rentals", in_time(), correlation)
    assert reply["code"] == "correlation", reply


@pytest.mark.parametrize("responder", ["bank", "hub"])
def test_somebody_elses_response_topic(town, request, responder):
    responder = request.getfixturevalue(responder)
    other = f"{responder.top}/reply/joon"
    since = town.messages.mark()
    reply = responder.send("rentals", in_time(), response_topic=other)
    assert reply["code"] == "response-topic", reply
    assert not [m for m in town.messages.items(since) if m.topic == other]


def test_no_response_topic_is_fine(bank):
    assert bank.send("rentals", in_time())["code"] == "ok"


def test_unknown_operation(town, managed_bank, hub):
    assert managed_bank.send("explode", in_time())["code"] == "unknown-operation"
    assert hub.send("reserve", in_time(item="drill"))["code"] == "unknown-operation"


@pytest.mark.parametrize("operation, args, most", [
    ("reserve", {"item": "drill"}, TTL_MAX), ("rentals", {}, TTL_MAX),
    ("open", {"rental": NOBODY}, DOOR_TTL_MAX), ("return", {"rental": NOBODY}, DOOR_TTL_MAX),
])
def test_expiry(bank, operation, args, most):
    for seconds, code in ((-0.001, "expired"), (-3600, "expired"), (most + 1, "too-far"),
                          (10 ** 8, "too-far"), (most - 1, "ok" if not args else "not-found")):
        reply = bank.send(operation, {"expires_at": timestamp(seconds), **args})
        assert reply["code"] == code, (seconds, reply)


def test_expiry_at_the_hub(hub):
    assert hub.send("banks", {"expires_at": timestamp(-1)})["code"] == "expired"
    assert hub.send("banks", {"expires_at": timestamp(TTL_MAX + 1)})["code"] == "too-far"


def test_ids(town, bank):
    """A repeat gets the same reply and does nothing; the same id with anything else is refused."""
    item, other = town.thing("library"), town.thing("library")
    payload = in_time(item=item)
    first = bank.send("reserve", payload, b"an-id")
    assert first["code"] == "ok"
    assert bank.send("reserve", payload, b"an-id") == first
    assert bank.send("reserve", in_time(item=other), b"an-id")["code"] == "conflict"
    rental = first["rental"]["rental"]
    assert bank.send("cancel", in_time(rental=rental), b"an-id")["code"] == "conflict"
    assert bank.send("reserve", payload, b"another-id")["code"] == "not-available"
    assert bank.send("cancel", in_time(rental=rental))["code"] == "ok"
    # The id stays used up: not reserved again now that it would be possible.
    assert bank.send("reserve", payload, b"an-id") == first
    town.expect_item("library", item, state="available", rental=None)
    town.things["library"] += [item, other]


def test_repeated_opening_gives_one_pulse(town, bank):
    item = town.thing("library")
    rental = town.mina.reserve("library", item)
    town.mina.act(rental, "pay", method="tok-ok")
    log = town.banks["library"].log
    mark = log.mark()
    payload = in_time(rental=rental.id)
    replies = [bank.send("open", payload, b"one-opening") for _ in range(3)]
    assert replies[0]["code"] == "ok" and replies[0] == replies[1] == replies[2]
    town.expect_item("library", item, state="rented", rental="rented", payment="captured")
    assert len([line for line in log.items(mark) if "-> pulsing" in line]) == 1
    town.mina.act(rental, "return")
    town.expect_item("library", item, state="available", rental=None)
    town.things["library"].append(item)


def test_somebody_elses_rental(town):
    item = town.thing("library")
    rental = town.mina.reserve("library", item)
    for operation in ("cancel", "rental", "extend", "open", "return", "cancel-payment", "give-up"):
        town.joon.ask("library", operation, expect="not-found", rental=rental.id)
    town.mina.act(rental, "rental")
    assert rental.state == "held"
    town.mina.act(rental, "cancel")
    town.things["library"].append(item)


def test_what_the_access_list_keeps_away(town):
    """A renter's manager request, a request in another's name, a reply in a bank's: nobody hears of it."""
    since = town.messages.mark()
    top, joon = f"{town.top}/kiosk/library", town.joon.client
    for topic in (f"{top}/request/joon/stock", f"{top}/request/mina/rentals", f"{top}/reply/mina",
                  f"{town.top}/hub/request/joon/banks", f"{top}/desired", f"{top}/ack", f"{top}/event",
                  f"{town.top}/payment/{LEDGER}/reply/library", f"{town.top}/view/library"):
        joon.publish(topic, in_time(), correlation=b"of-joon")
    town.joon.ask("library", "rentals")
    # That came after all of those, and the auditor would have heard of each.
    town.messages.wait_for(lambda m: m.topic == f"{top}/reply/joon", since)
    assert not [m for m in town.messages.items(since) if m.correlation == b"of-joon"]


def test_retained_request_is_dropped(town, bank):
    """One that the broker kept for whoever comes later."""
    station = town.banks["station"]
    topic = f"{town.top}/kiosk/station/request/mina/rentals"
    town.tampered.add(topic)
    station.stop()
    bank.client.publish(topic, in_time(), retain=True, correlation=b"an-id")
    since, mark = town.messages.mark(), station.log.mark()
    station.start()
    station.wait_for_log("a retained one from mina is dropped", mark)
    town.wait_lending("station", since)
    assert not [m for m in town.messages.items(since) if "/station/reply/" in m.topic]
    bank.client.publish(topic, b"", retain=True)


def letters(town):
    return town.boss.ask_hub("dead-letters").get("dead_letters", [])


def test_unreadable_events_are_kept(town, impostor):
    before = len(letters(town))
    topic = f"{town.top}/kiosk/library/event"
    town.tampered.add(topic)
    event = {"specversion": "1.0", "id": NOBODY, "source": f"/lendlock/{town.site}/kiosk/station",
             "type": "lendlock.item.available", "subject": "drill", "time": timestamp(0),
             "epoch": NOBODY, "sequence": "1".zfill(20), "data": {"item": "drill", "state": "available"}}
    payloads = [b"", b"no batch", b"\xff\xfe", b"{}", b"[1]", json.dumps([event] * 65),
                json.dumps([{**event, "sequence": "one"}]), "[" * 200 + "]" * 200]
    for payload in payloads:
        impostor.publish(topic, payload)
    town.wait_view("library", lambda view: view.get("attention", 0) > 0)
    kept = letters(town)
    assert len(kept) - before == len(payloads), kept
    assert all(letter["reason"] for letter in kept)
    # The bank's own events go on.
    item = town.thing("library")
    rental = town.mina.reserve("library", item)
    town.expect_item("library", item, state="reserved", rental="held")
    town.mina.act(rental, "cancel")
    town.expect_item("library", item, state="available", rental=None)


def test_unreadable_status_is_kept(town, impostor):
    topic = f"{town.top}/kiosk/library/status"
    town.tampered.add(topic)
    before = len(letters(town))
    for payload in (b"no status", {"state": "asleep", "session": NOBODY}, {"state": "online"}):
        impostor.publish(topic, payload)
    # Somebody else's will does not make the bank lost.
    impostor.publish(topic, {"state": "lost", "session": NOBODY})
    assert len(letters(town)) - before == 3
    view = town.wait_view("library", lambda view: True)
    assert view["link"] == "online"


def test_unreadable_words_of_the_hub(town):
    """Desired state that cannot be read is ignored and a person is told; acks and births are ignored."""
    library = town.banks["library"]
    with Client(town.broker, HUB, client_id="impostor-hub") as hub:
        for topic in ("kiosk/library/ack", "hub/status", "kiosk/library/desired"):
            town.tampered.add(f"{town.top}/{topic}")
        mark = library.log.mark()
        for payload in (b"", b"no ack", {"hub": "me"}, {
                "hub": NOBODY, "generation": 99, "epoch": NOBODY, "seq": 10 ** 9, "event": NOBODY}):
            hub.publish(f"{town.top}/kiosk/library/ack", payload)
        hub.publish(f"{town.top}/hub/status", b"no status")
        hub.publish(f"{town.top}/kiosk/library/desired", b"{}")
        library.wait_for_log("desired state: ", mark)
    town.expect_alert("library", "desired")
    item = town.thing("library")  # the hub's next word is readable
    if any(line for line in library.log.items(mark) if "waiting" in line):
        raise AssertionError("a strange ack made it stop lending")
    town.register("library")
    town.expect_alert("library", "desired", there=False)
    rental = town.mina.reserve("library", item)
    town.mina.act(rental, "cancel")
    town.expect_item("library", item, state="available", rental=None)


def test_reply_of_another_ledger_is_not_believed(tmp_path):
    """Authorized, says one that nobody asked; the bank waits for the one that it asked."""
    with Town(tmp_path, sandbox={"delay": "1500 ms", "spread": "0 ms"}) as town, \
            Client(town.broker, OTHER_LEDGER) as other:
        item = town.thing("library")
        rental = town.mina.reserve("library", item)
        since = town.messages.mark()
        topic = f"{town.top}/kiosk/library"
        pay = {"expires_at": timestamp(30), "rental": rental.id, "method": "tok-declined"}
        town.mina.client.publish(f"{topic}/request/mina/pay", pay, content_type="application/json",
                                 response_topic=f"{topic}/reply/mina", correlation=b"paying")
        asked = town.messages.wait_for(lambda m: m.topic.endswith("/request/library/authorize"), since)
        payment = {**{key: asked.json[key] for key in ("payment", "rental", "amount", "currency")},
                   "ledger": OTHER_LEDGER, "state": "authorized"}
        for ledger in (OTHER_LEDGER, LEDGER):
            reply = {"id": f"{payment['payment']}:authorize", "operation": "authorize", "code": "ok",
                     "payment": {**payment, "ledger": ledger}}
            other.publish(f"{town.top}/payment/{OTHER_LEDGER}/reply/library", reply,
                          content_type="application/json", correlation=reply["id"].encode())
        answer = town.mina.client.wait_for(lambda m: m.correlation == b"paying").json
        assert answer["code"] == "declined", answer
        rental.update(answer)
        town.expect_rental(town.mina, rental, "held", "declined")
        town.expect_money(rental)


@pytest.mark.parametrize("name", ["library", HUB, LEDGER])
def test_nobody_takes_over_the_session_of_a_daemon(town, name):
    """A broker gives a session to whoever shows its client id, whatever their user is."""
    daemon = next(daemon for daemon in town.daemons if daemon.folder.name == name)
    mark = daemon.log.mark()
    with Client(town.broker, "mina", client_id=name):
        town.boss.ask_hub("banks")
        town.mina.ask("library", "rentals")
    assert not [line for line in daemon.log.items(mark) if "connection lost" in line]
