"""Somebody who asks by MQTT, and copes with silence: it means that nobody knows."""

import collections
import json
import time
import uuid

from client import timestamp

LOOKING = ("rental", "rentals")  # changes nothing, and the answer may change
REFUSALS = ("busy", "clock", "expired", "conflict")  # it was not done, and left no trace


# A node keeps the answers to so many requests of one user at most, and keeps them so long; see
# lib/requests/desk.h. What has begun must find room to come to its end.
KEPT_FOR = 700  # s
ROOM = 150  # of 256


class Request:
    def __init__(self, whom, operation, payload):
        self.whom = whom
        self.operation = operation
        self.payload = payload
        self.late = False  # asked again when its time was over
        self.processes = []  # that were asked


class Asker:
    """town: a Town that has begun. random: its own, seeded. census: what happened."""

    def __init__(self, town, name, random, census):
        self.town = town
        self.name = name
        self.random = random
        self.census = census
        self.client = town.people[name].client
        self._requests = {}
        self._asked = collections.defaultdict(collections.deque)  # {whom: the times}

    def has_room(self, whom):
        """Whether there is room to begin something; else others of their name would do well to ask."""
        asked = self._asked[whom]
        while asked and asked[0] < time.monotonic() - KEPT_FOR:
            asked.popleft()
        return len(asked) < ROOM

    def _note(self, request_id, request):
        self._requests[request_id] = request
        if request.operation not in LOOKING:
            self._asked[request.whom].append(time.monotonic())

    def subscribe(self):
        self.client.subscribe(
            f"{self.town.top}/kiosk/+/reply/{self.name}", f"{self.town.top}/hub/reply/{self.name}")

    def ask(self, whom, operation, patient=True, **args):
        """whom: kiosk/NAME or hub. The reply as a dictionary, or None: there was none in time, or
        nobody was patient enough to wait for it. Now and then it is asked a second time, which
        changes nothing."""
        ttl = self.random.uniform(1.5, 4)
        request_id = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
        request = Request(whom, operation, json.dumps({"expires_at": timestamp(ttl), **args}))
        self._note(request_id, request)
        again, late = self.random.random() < 0.3, self.random.random() < 0.6
        since = self.client.messages.mark()
        try:
            self._send(request_id, request)
            if not patient:
                return None
            reply = self.client.wait_for(
                lambda message: message.correlation == request_id.encode(), since, ttl).json
        except (AssertionError, ValueError):
            reply, again = None, late
            request.late = late
        if again:
            self._repeat(request_id, request)
        return reply

    def _send(self, request_id, request):
        kiosk = self.town.banks.get(request.whom.removeprefix("kiosk/"))
        process = kiosk.process if kiosk else None
        request.processes.append(process.pid if process else None)
        topic = f"{self.town.top}/{request.whom}"
        self.client.publish(
            f"{topic}/request/{self.name}/{request.operation}", request.payload, wait=False,
            expiry=10, content_type="application/json",
            response_topic=f"{topic}/reply/{self.name}", correlation=request_id.encode())

    def _repeat(self, request_id, request):
        """The same once more; nobody waits for the answer, but it must be the same one."""
        try:
            self._send(request_id, request)
        except (AssertionError, ValueError):
            pass  # the broker is away

    # --- afterwards ---

    def answers(self):
        """(request, [reply, ...]) of each that was done and answered."""
        there = {}
        for message in self.client.messages.items():
            if "/reply/" in message.topic:
                there.setdefault(message.correlation.decode(), []).append(message.json)
        for request_id, replies in there.items():
            request = self._requests.get(request_id)
            if not request:
                continue  # asked before the trouble began
            done = [reply for reply in replies if reply["code"] not in REFUSALS]
            if done and request.operation not in LOOKING:
                yield request, done
