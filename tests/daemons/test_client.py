"""The tests' own client: a request finds its reply, and no other."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from client import Client

TOP = "lendlock/v1/town/kiosk/kiosk-1"


@pytest.fixture
def kiosk(broker):
    with Client(broker, "kiosk-1", [f"{TOP}/request/+/+"]) as client:
        yield client


def test_request_and_reply(broker, kiosk):
    with Client(broker, "ann") as ann, ThreadPoolExecutor() as pool:
        reply = pool.submit(ann.request, TOP, "reserve", {"item": "drill"}, 10)
        request = kiosk.wait_for_topic(f"{TOP}/request/ann/reserve")
        assert request.json["item"] == "drill"
        assert request.json["expires_at"].endswith("Z")
        assert 0 < request.expiry <= 10
        assert request.response_topic == f"{TOP}/reply/ann"
        kiosk.publish(request.response_topic, {"id": "other"}, correlation=b"other")
        kiosk.publish(request.response_topic, {"id": request.correlation.decode()},
                      correlation=request.correlation)
        assert reply.result()["id"] == request.correlation.decode()


def test_no_reply_fails(broker, kiosk):
    with Client(broker, "ann") as ann:
        with pytest.raises(AssertionError, match="timed out"):
            ann.request(TOP, "reserve", timeout=1)
    assert json.loads(kiosk.messages.items()[0].payload).keys() == {"expires_at"}


def test_reconnect_subscribes_again(broker, kiosk):
    broker.lose_everything()
    kiosk.reconnect()
    with Client(broker, "ann") as ann:
        ann.publish(f"{TOP}/request/ann/open", {})
    kiosk.wait_for_topic(f"{TOP}/request/ann/open")
