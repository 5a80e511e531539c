"""A liar between the daemons and their broker. It understands as much of MQTT 5.0 (OASIS, 2019-03-07) as it
needs to drop, repeat, delay and keep back whole messages, to acknowledge what never arrived, to tear
packets apart and to cut connections, and all stay connected otherwise. What it does to which message is
drawn from a seed."""

import asyncio
import contextlib
import itertools
import struct
import threading

from broker import free_port, private_address
from recorder import TIMEOUT

CONNECT, PUBLISH, PUBACK = 1, 3, 4
FIRST_OWN_ID = 60000  # of packets that the proxy sends late; nobody else counts as far as that
KINDS = ("event", "ack", "desired", "status", "request", "reply", "payment request", "payment reply")
FAULTS = {"dropped": 0.05, "repeated": 0.07, "delayed": 0.08, "late": 0.04}
CUTS = ("torn", "cut")
CUT_EVERY = 2.5  # s, about, and of all connections
UNSEEN = 0.5  # how likely a message meets what none of its kind has met yet
DELAY, LATE = 0.6, 3.0  # s, at most


def kind_of(topic):
    levels = topic.split("/")
    for kind in ("request", "reply"):
        if kind in levels:
            return f"payment {kind}" if "payment" in levels else kind
    return levels[-1] if levels[-1] in KINDS else "other"


class Packet:
    """One packet as it came. topic and id are those of a PUBLISH; id is None with QoS 0."""

    def __init__(self, first, body):
        self.first = first
        self.body = body
        self.kind = first >> 4
        self.topic = self.id = None
        if self.kind == PUBLISH:
            self._end = 2 + int.from_bytes(body[:2], "big")
            self.topic = body[2:self._end].decode()
            if first & 6:
                self.id = int.from_bytes(body[self._end:self._end + 2], "big")
        elif self.kind == PUBACK:
            self.id = int.from_bytes(body[:2], "big")

    def data(self, id=None, again=False):
        """id: instead of its own. again: as a duplicate."""
        body = self.body
        if id is not None and self.id is not None:
            body = body[:self._end] + struct.pack(">H", id) + body[self._end + 2:]
        size, left = b"", len(body)
        while True:
            left, part = divmod(left, 128)
            size += bytes([part | (128 if left else 0)])
            if not left:
                return bytes([self.first | (8 if again and self.id is not None else 0)]) + size + body


async def read_packet(reader):
    first = (await reader.readexactly(1))[0]
    size = shift = 0
    while True:
        byte = (await reader.readexactly(1))[0]
        size |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return Packet(first, await reader.readexactly(size))


def client_id(connect):
    """Of the body of a CONNECT: protocol, version, flags, keep alive, properties, client id."""
    end = 2 + 4 + 1 + 1 + 2
    end += 1 + connect[end]  # properties are short here
    size = int.from_bytes(connect[end:end + 2], "big")
    return connect[end + 2:end + 2 + size].decode()


class Way:
    """One direction of one connection; back is the other one."""

    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer
        self.back = None
        self.hushed = {}  # {id: how many acknowledgements on this way are not passed on}

    def send(self, data):
        if not self.writer.is_closing():
            self.writer.write(data)

    def hush(self, id):
        """One acknowledgement on this way answers what its receiver never sent."""
        self.hushed[id] = self.hushed.get(id, 0) + 1


class Proxy:
    """told: called with (kind, fault) of each fault, from a thread of its own. Lies while lying is set."""

    def __init__(self, random, told):
        self.random = random
        self.told = told
        self.lying = threading.Event()
        self.address = private_address()
        self.port = free_port(self.address)
        self.messages = 0
        self.target = None  # (address, port)
        self._unseen = {(kind, fault) for kind in KINDS for fault in FAULTS}
        self._cuts = 0
        self._next_cut = 0
        self._ways = {}  # {(client, to the broker?): the way of its present connection}
        self._ids = itertools.cycle(range(FIRST_OWN_ID, 65536))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def uri(self):
        return f"mqtt://{self.address}:{self.port}"

    def start(self, address, port):
        self.target = (address, port)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, self.address, self.port), self._loop).result(TIMEOUT)

    def cut_all(self):
        """Each connection there is, without a word."""
        self._loop.call_soon_threadsafe(
            lambda: [way.writer.close() for way in list(self._ways.values())])

    def stop(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(TIMEOUT)

    # --- connections ---

    async def _serve(self, reader, writer):
        try:
            other_reader, other_writer = await asyncio.open_connection(*self.target)
        except OSError:
            writer.close()
            return
        up, down = Way(reader, other_writer), Way(other_reader, writer)
        up.back, down.back = down, up
        tasks = [asyncio.ensure_future(self._pump(way, way is up)) for way in (up, down)]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        for way in (up, down):
            way.writer.close()

    async def _pump(self, way, to_broker):
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while True:
                packet = await read_packet(way.reader)
                if packet.kind == CONNECT:
                    client = client_id(packet.body)
                    self._ways[client, True], self._ways[client, False] = way, way.back
                    way.client = way.back.client = client
                if not self._pass(way, to_broker, packet):
                    return

    def _pass(self, way, to_broker, packet):
        """False: the connection is over."""
        if packet.kind == PUBACK and way.hushed.get(packet.id):
            way.hushed[packet.id] -= 1
        elif packet.kind == PUBLISH:
            self.messages += 1
            return self._treat(way, to_broker, packet)
        else:
            way.send(packet.data())
        return True

    # --- messages ---

    def _draw(self, kind):
        if not self.lying.is_set():
            return None
        if self._loop.time() > self._next_cut:
            self._next_cut = self._loop.time() + self.random.uniform(0, 2 * CUT_EVERY)
            self._cuts += 1
            return CUTS[self._cuts % 2]
        unseen = sorted(fault for seen, fault in self._unseen if seen == kind)
        if unseen and self.random.random() < UNSEEN:
            return self.random.choice(unseen)
        drawn = self.random.random()
        for fault, share in FAULTS.items():
            if drawn < share:
                return fault
            drawn -= share
        return None

    def _treat(self, way, to_broker, packet):
        kind = kind_of(packet.topic)
        fault = self._draw(kind)
        if fault:
            self._unseen.discard((kind, fault))
            self.told(kind, fault)
        if fault == "torn":
            way.send(packet.data()[:self.random.randrange(1, len(packet.data()))])
        if fault in CUTS:
            return False
        if fault in ("dropped", "late") and packet.id is not None:
            way.back.send(bytes([PUBACK << 4, 2]) + struct.pack(">H", packet.id))
        if fault == "late":
            self._loop.call_later(
                self.random.uniform(DELAY, LATE), self._send_late, way.client, to_broker, packet)
        elif fault == "delayed":
            self._loop.call_later(self.random.uniform(0, DELAY), way.send, packet.data())
        elif fault != "dropped":
            way.send(packet.data())
        if fault == "repeated":
            if packet.id is not None:
                way.back.hush(packet.id)
            self._loop.call_later(
                self.random.choice((0, self.random.uniform(0, DELAY))), way.send, packet.data(again=True))
        return True

    def _send_late(self, client, to_broker, packet):
        """On whatever connection the client has by now."""
        way = self._ways[client, to_broker]
        own = next(self._ids)
        if packet.id is not None:
            way.back.hush(own)
        way.send(packet.data(id=own))
