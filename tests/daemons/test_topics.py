"""What topics.md says to type works as it stands, against real daemons."""

import json
import pathlib
import re
import shlex
import subprocess

from town import Town

PAGE = pathlib.Path(__file__).resolve().parents[2] / "topics.md"


def commands(broker, item):
    """The commands of "By hand", with this broker and a thing that there is."""
    block = PAGE.read_text().split("### By hand")[1].split("```sh\n")[1].split("```")[0]
    block = block.replace("\\\n", " ")
    block = block.replace("-h broker -u mina -P secret",
                          f"-h {broker.address} -p {broker.port} -u mina -P mina-password")
    block = block.replace("drill-18v", item)
    found = [line for line in block.splitlines() if line and not line.startswith("#")]
    assert [shlex.split(line)[0] for line in found] == [
        "mosquitto_rr", "mosquitto_sub", "mosquitto_pub", "mosquitto_sub"]
    return found


def run(command):
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout


def test_by_hand(tmp_path):
    with Town(tmp_path) as town:
        item = town.thing("library")
        ask, listen, tell, offers = commands(town.broker, item)
        for operation in ("reserve", "rentals"):  # without Content Type, which nobody looks at
            town.tampered.add(f"{town.top}/kiosk/library/request/mina/{operation}")

        reply = json.loads(run(ask))
        assert reply["code"] == "ok"
        assert reply["rental"]["item"] == item

        listening = listen.removesuffix("&").replace("mosquitto_sub", "mosquitto_sub -C 1 -W 20")
        mark = town.broker.lines.mark()
        listener = subprocess.Popen(["bash", "-c", f"exec {listening}"], stdout=subprocess.PIPE,
                                    text=True)
        town.broker.lines.wait_for(lambda line: "Sending SUBACK" in line, mark)
        run(tell)
        out, _ = listener.communicate(timeout=30)
        topic, answer = out.split(" ", 1)
        assert topic == f"{town.top}/kiosk/library/reply/mina"
        assert json.loads(answer)["id"] == "my-4th-request"
        assert [r["item"] for r in json.loads(answer)["rentals"]] == [item]

        town.wait_latest(f"{town.top}/kiosk/library/offer", lambda offer: offer["items"])
        seen = run(offers.replace("mosquitto_sub", "mosquitto_sub -C 2 -W 20"))
        assert set(re.findall(r"kiosk/(\w+)/offer", seen)) == {"library", "station"}
        assert item in seen
