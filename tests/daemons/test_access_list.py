"""scripts/access-list: every user tries every topic at a real broker."""

import pathlib
import re
import subprocess

import pytest

from broker import ACCESS_LIST
from client import Client

ALL = {"hub", "ledger-1", "kiosk-1", "kiosk-2", "manager-1", "ann", "bob"}

# topic: who may publish, who then gets it
EXPECTED = {
    "kiosk/kiosk-1/event": ({"kiosk-1"}, {"hub", "manager-1"}),
    "kiosk/kiosk-1/ack": ({"hub"}, {"kiosk-1", "manager-1"}),
    "kiosk/kiosk-1/desired": ({"hub"}, {"kiosk-1"}),
    "kiosk/kiosk-1/status": ({"kiosk-1"}, ALL),
    "kiosk/kiosk-1/offer": ({"kiosk-1"}, ALL),
    "kiosk/kiosk-1/request/ann/reserve": ({"ann"}, {"kiosk-1"}),
    "kiosk/kiosk-1/request/ann/resolve": (set(), set()),
    "kiosk/kiosk-1/request/manager-1/resolve": ({"manager-1"}, {"kiosk-1"}),
    "kiosk/kiosk-1/reply/ann": ({"kiosk-1"}, {"ann"}),
    "kiosk/kiosk-1/reply/manager-1": ({"kiosk-1"}, {"manager-1"}),
    "hub/request/manager-1/register": ({"manager-1"}, {"hub"}),
    "hub/request/ann/register": (set(), set()),
    "hub/reply/manager-1": ({"hub"}, {"manager-1"}),
    "hub/reply/ann": ({"hub"}, set()),
    "payment/ledger-1/request/kiosk-1/authorize": ({"kiosk-1"}, {"ledger-1"}),
    "payment/ledger-1/request/ann/authorize": (set(), set()),
    "payment/ledger-1/reply/kiosk-1": ({"ledger-1"}, {"kiosk-1"}),
    "payment/ledger-1/status": ({"ledger-1"}, ALL),
    "view/kiosk-1": ({"hub"}, {"manager-1"}),
    "something/else": (set(), set()),
    # Readable by all, so the last one to come shows that nothing else is on its way.
    "hub/status": ({"hub"}, ALL),
}


@pytest.fixture
def clients(broker):
    made = {user: Client(broker, user, ["#"]) for user in sorted(ALL)}
    yield made
    for client in made.values():
        client.close()


def test_every_user_on_every_topic(broker, clients):
    top = f"lendlock/v1/{broker.site}/"
    for topic in EXPECTED:
        for user, client in clients.items():
            client.publish(top + topic, user)
            client.publish(f"lendlock/v1/other-site/{topic}", user)
            client.publish(topic, user)
    clients["hub"].publish(top + "hub/status", "end")

    for user, client in clients.items():
        client.wait_for(lambda message: message.payload == b"end")
        got = {(m.topic, m.payload.decode()) for m in client.messages.items()[:-1]}
        wanted = {(top + topic, writer) for topic, (writers, readers) in EXPECTED.items()
                  for writer in writers if user in readers}
        assert got == wanted, user


def test_nobody_without_a_password(broker):
    with pytest.raises(PermissionError):
        Client(broker, "ann", password="wrong")
    with pytest.raises(PermissionError):
        Client(broker, "nobody")


def run(*arguments):
    return subprocess.run([ACCESS_LIST, *arguments], capture_output=True, text=True)


@pytest.mark.parametrize("arguments, why", [
    (["--site", "town", "--hub", "hub", "--kiosk", "Kiosk"], "not a name"),
    (["--site", "town/+", "--hub", "hub"], "not a name"),
    (["--site", "town", "--hub", "hub", "--kiosk", "a" * 33], "not a name"),
    (["--site", "town", "--hub", "same", "--kiosk", "same"], "names stand for two"),
    (["--site", "town"], "--hub"),
])
def test_bad_arguments_print_no_list(arguments, why):
    result = run(*arguments)
    assert result.returncode != 0
    assert result.stdout == ""
    assert why in result.stderr


def test_renters_may_ask_for_what_is_not_for_managers():
    """The list's operations are those of the kiosk's table."""
    source = (pathlib.Path(__file__).resolve().parents[2] / "kiosk" / "request.c").read_text()
    entries = re.split(r"\bOPERATION\(", source.split("kiosk_operations[] = {")[1])[1:]
    renters = [entry.split('"')[1] for entry in entries if "MANAGER" not in entry]
    assert len(renters) > 5
    granted = re.findall(r"pattern write .*/request/%u/(.*)", run("--site", "s", "--hub", "h").stdout)
    assert sorted(granted) == sorted(renters)
