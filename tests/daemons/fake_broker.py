"""A broker that misbehaves by script. Speaks just enough of MQTT 5.0 (OASIS, 2019-03-07)."""

import socket
import struct
import threading

from broker import private_address
from recorder import Recorder

CONNECT, PUBLISH, SUBSCRIBE, DISCONNECT = 1, 3, 8, 14

CONNACK_OK = bytes([0x20, 3, 0, 0, 0])
CONNACK_NOT_AUTHORIZED = bytes([0x20, 3, 0, 0x87, 0])
DISCONNECT_TAKEN_OVER = bytes([0xE0, 2, 0x8E, 0])


def connack(receive_maximum):
    return bytes([0x20, 6, 0, 0, 3, 0x21]) + struct.pack(">H", receive_maximum)


def suback(subscribe, reasons):
    """The answer to the body of a SUBSCRIBE."""
    return bytes([0x90, 3 + len(reasons)]) + subscribe[:2] + bytes([0, *reasons])


def publish(topic, payload):
    """With QoS 0 and no properties; short."""
    body = struct.pack(">H", len(topic)) + topic.encode() + b"\0" + payload
    return bytes([0x30, len(body)]) + body


class Reader:
    """Takes fields off the front of some bytes."""

    def __init__(self, data):
        self.data = data

    def take(self, size):
        taken, self.data = self.data[:size], self.data[size:]
        return taken

    def number(self, size):
        return int.from_bytes(self.take(size), "big")

    def counted(self):
        return self.take(self.number(2))

    def variable_size(self):
        size = shift = 0
        while True:
            byte = self.number(1)
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return self.take(size)


def parse_connect(body):
    """What is in a CONNECT (3.1), as a dictionary; will_... only if there is a will."""
    reader = Reader(body)
    assert reader.counted() == b"MQTT" and reader.number(1) == 5
    flags = reader.number(1)
    connect = {"clean_start": bool(flags & 2), "keep_alive": reader.number(2),
               "properties": reader.variable_size(), "client_id": reader.counted().decode()}
    if flags & 4:
        connect.update(will_properties=reader.variable_size(), will_topic=reader.counted().decode(),
                       will=reader.counted(), will_qos=flags >> 3 & 3,
                       will_retain=bool(flags & 0x20))
    if flags & 0x80:
        connect["user"] = reader.counted().decode()
    if flags & 0x40:
        connect["password"] = reader.counted().decode()
    return connect


class Connection:
    """One client, from the broker's side."""

    def __init__(self, connection, broker):
        self._socket = connection
        self._broker = broker

    def _receive(self, size):
        data = b""
        while len(data) < size:
            more = self._socket.recv(size - len(data))
            if not more:
                raise ConnectionError("the client has gone")
            data += more
        return data

    def _receive_packet(self):
        first = self._receive(1)[0]
        size = shift = 0
        while True:
            byte = self._receive(1)[0]
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return first, self._receive(size)

    def expect(self, kind):
        """The body of the next packet of that type. Others are skipped, but acknowledged."""
        while True:
            first, body = self._receive_packet()
            if first >> 4 == CONNECT:
                self._broker.connects.add(parse_connect(body))
            if first >> 4 == PUBLISH and first & 6:
                reader = Reader(body)
                reader.counted()
                self.send(bytes([0x40, 2]) + reader.take(2))
            if first >> 4 == kind:
                return body

    def send(self, data):
        self._socket.sendall(data)

    def serve(self):
        """As a broker should: accepts, subscribes, and holds the line until the client goes."""
        self.expect(CONNECT)
        self.send(CONNACK_OK)
        self.accept_subscriptions()
        self.hold()

    def accept_subscriptions(self, reasons=None):
        body = self.expect(SUBSCRIBE)
        filters = Reader(body[2:])
        filters.variable_size()
        count = 0
        while filters.data:
            filters.counted()
            filters.take(1)
            count += 1
        self.send(suback(body, reasons or [1] * count))

    def hold(self):
        """Until the client goes."""
        self.expect(DISCONNECT)


class FakeBroker:
    """scripts: functions of a Connection, one for each connection to come; the line is closed when
    one returns. Connections beyond them are served as they should be."""

    def __init__(self, *scripts):
        self.connects = Recorder("CONNECTs at the fake broker")
        self._scripts = list(scripts)
        self._listener = socket.create_server((private_address(), 0))
        address, port = self._listener.getsockname()
        self.uri = f"mqtt://{address}:{port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # closed
            script = self._scripts.pop(0) if self._scripts else Connection.serve
            threading.Thread(target=self._run, args=(connection, script), daemon=True).start()

    def _run(self, connection, script):
        with connection:
            try:
                script(Connection(connection, self))
            except OSError:
                pass  # the client has gone

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._listener.close()
