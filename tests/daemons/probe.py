"""The mqtt-probe (tests/lib/ports/mqtt_probe.c), and what one says to it and hears of it."""

import json
import time

from daemon import Daemon

STATUS = "probe/status"
HURRY = 20  # the port's own waits and limits pass so many times as fast


class Probe(Daemon):
    """options: see read_options() in mqtt_probe.c."""

    def __init__(self, folder, uri, **options):
        options = {"uri": uri, "client_id": "probe", "status": STATUS, "subscribe": ["to/#"],
                   "hurry": HURRY, **options}
        super().__init__("tests/lib/mqtt-probe", folder, args=[json.dumps(options)], pipes=True)

    def order(self, what, **more):
        self.process.stdin.write(json.dumps({"do": what, **more}) + "\n")
        self.process.stdin.flush()

    def wait_for_event(self, event, since=0, **fields):
        def matches(line):
            told = json.loads(line)
            return told["event"] == event and fields.items() <= told.items()
        return json.loads(self.output.wait_for(matches, since))

    def ask(self, what, answer, **more):
        since = self.output.mark()
        self.order(what, **more)
        return self.wait_for_event(answer, since)

    def publish(self, topic, payload="", **more):
        return self.ask("publish", "published", topic=topic, payload=payload, **more)

    def count_until(self, test):
        """Asks for the counts again and again until they are as they should be."""
        end = time.monotonic() + 60
        while not test(counts := self.ask("count", "count")):
            assert time.monotonic() < end, counts
        return counts

    def hold(self):
        """From here on, until "go on", it takes nothing from the port."""
        self.order("hold")
        self.ask("count", "count")

    def events(self, since=0):
        return [json.loads(line)["event"] for line in self.output.items(since)]
