"""lib/ports/mqtt_paho.c against a broker that misbehaves by script, at each step of a connection."""

import json

import pytest

import fake_broker
from fake_broker import FakeBroker
from probe import STATUS


def test_low_receive_maximum_is_told(start_probe):
    def script(connection):
        connection.expect(fake_broker.CONNECT)
        connection.send(fake_broker.connack(receive_maximum=20))
        connection.accept_subscriptions()
        connection.hold()
    with FakeBroker(script) as fake:
        start_probe(fake.uri).wait_for_log("takes only 20 messages at a time")


def test_connect_asks_for_a_new_session_with_a_will(start_probe):
    with FakeBroker() as fake:
        start_probe(fake.uri, keep_alive=77)
        connect = fake.connects.items()[0]
    assert connect["clean_start"]
    assert connect["client_id"] == "probe"
    assert connect["keep_alive"] == 77
    assert connect["properties"] == b"\x27" + (2 << 20).to_bytes(4, "big")  # Maximum Packet Size
    assert connect["will_topic"] == STATUS
    assert json.loads(connect["will"]) == {"state": "lost", "session": 1}
    assert connect["will_qos"] == 1
    assert connect["will_retain"]
    assert connect["will_properties"] == b"\x03\0\x10application/json"  # Content Type
    assert "user" not in connect


def test_message_before_the_suback_comes_after_connected(start_probe):
    def script(connection):
        connection.expect(fake_broker.CONNECT)
        connection.send(fake_broker.CONNACK_OK)
        connection.send(fake_broker.publish("to/probe", b"1") + fake_broker.publish("to/probe", b"2"))
        connection.accept_subscriptions()
        connection.send(fake_broker.publish("to/probe", b"3"))
        connection.hold()
    with FakeBroker(script) as fake:
        probe = start_probe(fake.uri)
        probe.wait_for_event("message", payload="3")
        assert probe.events() == ["attempt", "connected", "message", "message", "message"]
        assert [json.loads(line)["payload"] for line in probe.output.items()[2:]] == ["1", "2", "3"]


def accept_then_close(connection):
    connection.expect(fake_broker.CONNECT)
    connection.send(fake_broker.CONNACK_OK)


def refuse(connection):
    connection.expect(fake_broker.CONNECT)
    connection.send(fake_broker.CONNACK_NOT_AUTHORIZED)
    connection.hold()


def close_before_suback(connection):
    accept_then_close(connection)
    connection.expect(fake_broker.SUBSCRIBE)


def refuse_one_of_two_filters(connection):
    accept_then_close(connection)
    connection.accept_subscriptions([1, 0x87])
    connection.hold()


def send_disconnect_before_suback(connection):
    accept_then_close(connection)
    connection.send(fake_broker.DISCONNECT_TAKEN_OVER)
    connection.hold()


def never_answer(connection):
    connection.hold()


def never_answer_subscribe(connection):
    accept_then_close(connection)
    connection.hold()


def send_garbage(connection):
    connection.expect(fake_broker.CONNECT)
    connection.send(bytes(range(256)))
    connection.hold()


def close_at_once(connection):
    del connection


def close_after_connect(connection):
    connection.expect(fake_broker.CONNECT)


@pytest.mark.parametrize("fault, told", [
    (close_at_once, "cannot connect"),
    (close_after_connect, "cannot connect"),
    (refuse, "cannot connect: Not authorized"),
    (never_answer, "cannot connect"),
    (send_garbage, "cannot connect"),
    (accept_then_close, "connection lost"),
    (close_before_suback, "cannot subscribe: connection lost"),
    (refuse_one_of_two_filters, "cannot subscribe: Not authorized"),
    (never_answer_subscribe, "cannot subscribe: no answer"),
    (send_disconnect_before_suback, "the broker ended the session (Session taken over)"),
])
def test_attempt_that_fails_is_followed_by_the_next(start_probe, fault, told):
    with FakeBroker(fault, fault) as fake:
        probe = start_probe(fake.uri, subscribe=["to/#", "also/#"])
        assert probe.wait_for_event("connected")["session"] == 3
        assert [json.loads(c["will"])["session"] for c in fake.connects.items()][-1] == 3
        assert "disconnected" not in probe.events()
        probe.wait_for_log(told)


def test_one_filter_that_is_refused(start_probe):
    def fault(connection):
        accept_then_close(connection)
        connection.accept_subscriptions([0x87])
        connection.hold()
    with FakeBroker(fault) as fake:
        probe = start_probe(fake.uri, subscribe=["to/#"])
        probe.wait_for_log("cannot subscribe: Not authorized")


def test_session_that_the_broker_ends(start_probe):
    def script(connection):
        accept_then_close(connection)
        connection.accept_subscriptions()
        connection.send(bytes([0xE0, 2, 0x8B, 0]))  # server shutting down
        connection.hold()  # and does not close the line
    with FakeBroker(script) as fake:
        probe = start_probe(fake.uri)
        probe.wait_for_event("disconnected")
        probe.wait_for_event("connected", session=2)
        assert "taken-over" not in probe.events()


def test_session_taken_over_by_a_broker_that_says_so(start_probe):
    def script(connection):
        accept_then_close(connection)
        connection.accept_subscriptions()
        connection.send(fake_broker.DISCONNECT_TAKEN_OVER)
    with FakeBroker(script) as fake:
        probe = start_probe(fake.uri)
        probe.wait_for_event("connected", session=2)
        assert probe.events() == ["attempt", "connected", "disconnected", "taken-over", "attempt",
                                  "connected"]
        probe.wait_for_log("Session taken over")
