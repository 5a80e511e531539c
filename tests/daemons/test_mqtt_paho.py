"""lib/ports/mqtt_paho.c and loop.c, in the mqtt-probe, against a real broker that is killed, hangs
or is too fast. See test_mqtt_faults.py for one that misbehaves."""

import json
import subprocess
import time

from client import Client
from probe import STATUS

ENOTCONN, ENOBUFS, EINVAL = -107, -105, -22


def states(messages):
    return [(m.json["state"], m.json["session"]) for m in messages if m.topic == STATUS]


def test_message_arrives_with_all_its_properties(open_broker, start_probe):
    probe = start_probe(open_broker.uri)
    with Client(open_broker, "ann", [STATUS, "from/#"]) as ann:
        ann.publish("to/probe", "hällo\0!", expiry=4000000000, content_type="text/plain",
                    response_topic="from/probe", correlation=b"id-1")
        told = probe.wait_for_event("message")
        assert told["topic"] == "to/probe"
        assert told["payload"] == "hällo\0!"
        assert told["qos"] == 1
        assert not told["retain"]
        assert 3999999990 < told["expiry"] <= 4000000000
        assert told["content_type"] == "text/plain"
        assert told["response_topic"] == "from/probe"
        assert told["correlation"] == "id-1"

        probe.publish("from/probe", "hällo\0!", qos=1, retain=True, expiry=100,
                      content_type="text/plain", response_topic="to/probe", correlation="id-2")
        message = ann.wait_for_topic("from/probe")
        assert message.payload == "hällo\0!".encode()
        assert message.qos == 1
        assert 90 <= message.expiry <= 100
        assert message.content_type == "text/plain"
        assert message.response_topic == "to/probe"
        assert message.correlation == b"id-2"
        with Client(open_broker, "bob", ["from/#"]) as bob:
            assert bob.wait_for_topic("from/probe").retain


def test_message_without_properties(open_broker, start_probe):
    probe = start_probe(open_broker.uri)
    with Client(open_broker, "ann", ["from/#"]) as ann:
        ann.publish("to/probe", "", qos=0)
        told = probe.wait_for_event("message")
        assert (told["payload"], told["qos"], told["expiry"]) == ("", 0, 0)
        assert told["content_type"] is told["response_topic"] is told["correlation"] is None
        probe.publish("from/probe")
        message = ann.wait_for_topic("from/probe")
        assert (message.payload, message.qos) == (b"", 0)
        assert message.expiry is message.content_type is message.correlation is None


def test_bad_topic_is_refused_and_the_session_goes_on(open_broker, start_probe):
    probe = start_probe(open_broker.uri)
    for topic in ("to/+/everybody", "to/#", ""):
        assert probe.publish(topic)["result"] == EINVAL
    assert probe.publish("to/probe", "still here")["result"] == 0
    probe.wait_for_event("message", payload="still here")


def test_broker_that_lost_everything(open_broker, start_probe):
    """Reconnects, subscribes again, and the will bears the session of the birth."""
    probe = start_probe(open_broker.uri)
    with Client(open_broker, "ann", [STATUS]) as ann:
        first = probe.wait_for_event("connected")["session"]
        ann.wait_for(lambda m: m.json == {"state": "up", "session": first})
        mark = probe.output.mark()
        open_broker.lose_everything()
        number = probe.wait_for_event("connected", mark)["session"]
        assert probe.events(mark)[0] == "disconnected"
        assert number > first
        ann.reconnect()
        ann.wait_for(lambda m: m.json == {"state": "up", "session": number})
        ann.publish("to/probe", "after")
        probe.wait_for_event("message", mark, payload="after")
        probe.kill()
        ann.wait_for(lambda m: m.json == {"state": "lost", "session": number})


def test_broker_that_is_away_at_first(open_broker, start_probe):
    open_broker.kill()
    probe = start_probe(open_broker.uri, connected=False)
    for _ in range(3):
        probe.wait_for_event("attempt", probe.output.mark())
    assert "disconnected" not in probe.events()
    open_broker.start()
    assert probe.wait_for_event("connected")["session"] >= 3
    # A reason is told once, however often it comes.
    warnings = [line for line in probe.log.items() if line.startswith("<4>")]
    assert len(warnings) == len(set(warnings))
    assert "cannot connect" in warnings[0]


def test_broker_killed_again_and_again(open_broker, start_probe):
    """Wherever in an attempt that hits, the next one comes."""
    probe = start_probe(open_broker.uri)
    for _ in range(5):
        mark = probe.output.mark()
        open_broker.kill()
        probe.wait_for_event("attempt", mark)
        open_broker.start()
        probe.wait_for_event("connected", mark)
    told = [e for e in probe.events() if e in ("connected", "disconnected")]
    assert told == ["connected", "disconnected"] * 5 + ["connected"]


def test_broker_that_hangs(open_broker, start_probe):
    probe = start_probe(open_broker.uri, keep_alive=1)
    open_broker.freeze()
    probe.wait_for_event("disconnected")
    mark = probe.output.mark()
    open_broker.thaw()
    probe.wait_for_event("connected", mark)


def test_nothing_said_while_disconnected_is_sent_later(open_broker, start_probe):
    probe = start_probe(open_broker.uri)
    open_broker.kill()
    mark = probe.output.mark()
    probe.wait_for_event("disconnected")
    assert probe.publish("to/probe", "lost")["result"] == ENOTCONN
    open_broker.start()
    probe.wait_for_event("connected", mark)
    probe.publish("to/probe", "not lost", qos=1)
    probe.wait_for_event("message", payload="not lost")
    assert not [line for line in probe.output.items() if '"lost"' in line]


def test_what_the_old_session_had_not_sent_is_not_sent_in_the_next(open_broker, start_probe):
    probe = start_probe(open_broker.uri)
    open_broker.freeze()  # takes nothing off the line, so that most of these stay here
    taken = probe.publish("to/probe", "x" * 50000, qos=1, times=4000)["taken"]
    assert taken > 1000
    mark = probe.output.mark()
    open_broker.lose_everything()
    probe.wait_for_event("connected", mark)
    probe.publish("to/probe", "now", qos=1)
    probe.wait_for_event("message", mark, payload="now")
    assert probe.events(mark).count("message") == 1


def test_too_much_under_way_is_refused(open_broker, start_probe):
    probe = start_probe(open_broker.uri, quiet=True)
    open_broker.freeze()
    told = probe.publish("to/nobody", "x" * 1000, qos=1, times=10000)
    assert told["result"] == ENOBUFS
    open_broker.thaw()
    probe.count_until(lambda counts: counts["messages"] == told["taken"])
    assert probe.publish("to/probe")["result"] == 0


def test_clean_stop_sends_all_and_no_will(open_broker, start_probe):
    probe = start_probe(open_broker.uri, subscribe=[])
    session = probe.wait_for_event("connected")["session"]
    with Client(open_broker, "ann", [STATUS, "from/#"]) as ann:
        ann.wait_for(lambda m: m.topic == STATUS)
        probe.order("publish", topic="from/probe", payload="x", qos=1, times=2000)
        probe.wait_for_event("published")
        probe.stop()
        ann.publish("from/ann", "end")
        ann.wait_for_topic("from/ann")
        received = ann.messages.items()
        assert len([m for m in received if m.topic == "from/probe"]) == 2000
        assert states(received) == [("up", session), ("stopped", session)]


def test_stop_while_the_broker_is_away(open_broker, start_probe):
    probe = start_probe(open_broker.uri)
    open_broker.kill()
    probe.wait_for_event("disconnected")
    probe.stop()


def test_stop_while_the_broker_hangs(open_broker, start_probe):
    """It waits for what is under way, but not for ever."""
    probe = start_probe(open_broker.uri)
    open_broker.freeze()
    probe.publish("to/probe", "x", qos=1)
    probe.stop()
    open_broker.thaw()


def test_full_queue_drops_and_counts_and_goes_on(open_broker, start_probe):
    probe = start_probe(open_broker.uri, queue_max=100, quiet=True)
    with Client(open_broker, "ann") as ann:
        probe.hold()
        for _ in range(1000):
            ann.publish("to/probe", "x")
        probe.count_until(lambda counts: counts["dropped"] == 900)
        probe.order("go on")
        probe.count_until(lambda counts: counts["messages"] == 100)
        ann.publish("to/probe", "one more")
        counts = probe.count_until(lambda counts: counts["messages"] == 101)
        assert counts["dropped"] == 900


def test_large_messages(open_broker, start_probe):
    largest = 1 << 20
    probe = start_probe(open_broker.uri, quiet=True)
    with Client(open_broker, "ann") as ann:
        ann.publish("to/probe", b"x" * (3 * largest))  # the broker is told not to send that
        ann.publish("to/probe", b"x" * (largest + 4711))  # it is cut, and heard
        ann.publish("to/probe", b"x" * largest)
        counts = probe.count_until(lambda counts: counts["messages"] == 2)
        assert counts["dropped"] == 0


def test_queue_is_bounded_in_bytes(open_broker, start_probe):
    probe = start_probe(open_broker.uri, quiet=True)
    with Client(open_broker, "ann") as ann:
        probe.hold()
        for _ in range(40):
            ann.publish("to/probe", b"x" * (1 << 20))
        counts = probe.count_until(lambda counts: counts["dropped"] >= 9)
        probe.order("go on")
        counts = probe.count_until(lambda counts: counts["messages"] + counts["dropped"] == 40)
        assert counts["messages"] == 31  # 32 MiB, less the topics


def test_twenty_thousand_messages_in(open_broker, start_probe):
    count = 20000
    probe = start_probe(open_broker.uri, queue_max=count, quiet=True)
    payload = "x" * 350
    start = time.monotonic()
    subprocess.run(
        ["mosquitto_pub", "-h", open_broker.address, "-p", str(open_broker.port), "-V", "5",
         "-t", "to/probe", "-q", "1", "-l"],
        input=f"{payload}\n" * count, text=True, check=True)
    counts = probe.count_until(lambda counts: counts["messages"] + counts["dropped"] >= count)
    print(f"{count / (time.monotonic() - start):.0f} messages/s")
    assert counts["messages"] == count
    assert counts["dropped"] == 0


def test_session_taken_over(open_broker, start_probe):
    """mosquitto before 2.0.15 (Debian 12) does not say why it ends a session that was taken over."""
    probe = start_probe(open_broker.uri)
    mark = probe.output.mark()
    with Client(open_broker, "ann", client_id="probe"):
        probe.wait_for_event("disconnected", mark)
        probe.wait_for_event("connected", mark)


def test_refused_messages_are_logged_once(broker, start_probe):
    """By the access list of the product: a renter may not publish as somebody else."""
    probe = start_probe(broker.uri, username="ann", password="ann-password", status=None,
                        client_id="ann")
    probe.publish("lendlock/v1/town/kiosk/kiosk-1/request/bob/reserve", qos=1, times=3)
    probe.publish("lendlock/v1/town/kiosk/kiosk-1/request/ann/reserve", qos=1)
    probe.wait_for_log("refuses messages of ours: Not authorized")
    probe.stop()
    assert len([line for line in probe.log.items() if "refuses messages" in line]) == 1


def test_wrong_password_is_told(broker, start_probe):
    probe = start_probe(broker.uri, username="ann", password="wrong", connected=False)
    probe.wait_for_log("Not authorized")
    probe.wait_for_event("attempt", session=2)
