"""An MQTT 5 client that remembers all it got. Works with python3-paho-mqtt 1.6 and 2.x."""

import datetime
import json
import socket
import uuid

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from broker import password_of
from recorder import TIMEOUT, Recorder


class Message:
    """One that came."""

    def __init__(self, message):
        properties = message.properties
        self.topic = message.topic
        self.payload = message.payload
        self.qos = message.qos
        self.retain = bool(message.retain)
        self.expiry = getattr(properties, "MessageExpiryInterval", None)
        self.content_type = getattr(properties, "ContentType", None)
        self.response_topic = getattr(properties, "ResponseTopic", None)
        self.correlation = getattr(properties, "CorrelationData", None)

    @property
    def json(self):
        return json.loads(self.payload)

    def __repr__(self):
        return f"<{self.topic}{' (retained)' if self.retain else ''}: {self.payload[:500]!r}>"


def timestamp(seconds_ahead):
    """RFC 3339 in UTC, as payloads have it."""
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds_ahead)
    return when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Client:
    """Connects to a Broker as a user and subscribes, all acknowledged when the constructor
    returns. Does not come back by itself when the broker goes: see reconnect(). as_published: the
    retain flag of what comes is that of what was published. qos: of subscriptions."""

    def __init__(self, broker, user, subscribe=(), client_id=None, password=None,
                 as_published=False, qos=1):
        self.broker = broker
        self.user = user
        self.client_id = client_id or f"{user}-{uuid.uuid4()}"
        self.password = password or password_of(user)
        self.messages = Recorder(f"messages to {user}")
        self._options = paho.SubscribeOptions(qos=qos, retainAsPublished=as_published)
        self._filters = []
        self._connect()
        self.subscribe(*subscribe)

    def _connect(self):
        self._news = Recorder(f"acknowledgements to {self.user}")
        self._client = self._make()
        self._client.username_pw_set(self.user, self.password)
        self._client.connect(self.broker.address, self.broker.port, keepalive=60)
        # A small message need not wait for the acknowledgement of the one before.
        self._client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        self._client.loop_start()
        answer = self._news.wait_for(lambda news: news[0] == "connected")
        if answer[1] != 0:
            self.close()
            raise PermissionError(f"{self.user} was not let in: {answer[1]}")

    def _make(self):
        kinds = getattr(paho, "CallbackAPIVersion", None)  # since 2.0
        first = (kinds.VERSION2,) if kinds else ()
        client = paho.Client(*first, client_id=self.client_id, protocol=paho.MQTTv5,
                             reconnect_on_failure=False)
        client.max_inflight_messages_set(1000)
        client.on_message = lambda c, data, message: self.messages.add(Message(message))
        # (client, data, flags, reason, properties)
        client.on_connect = lambda c, data, *rest: self._news.add(("connected", rest[1].value))
        # (client, data, mid, reasons, properties)
        client.on_subscribe = lambda c, data, mid, reasons, *rest: self._news.add(
            ("subscribed", mid, [reason.value for reason in reasons]))
        return client

    def reconnect(self):
        """After the broker has gone and come back: a new session with the same subscriptions."""
        self.close()
        self._connect()
        filters, self._filters = self._filters, []
        self.subscribe(*filters)

    def subscribe(self, *filters):
        if not filters:
            return
        result, mid = self._client.subscribe([(f, self._options) for f in filters])
        assert result == paho.MQTT_ERR_SUCCESS
        answer = self._news.wait_for(lambda news: news[:2] == ("subscribed", mid))
        assert max(answer[2]) < 0x80, answer
        self._filters += filters

    def subscribe_again(self):
        """All that is retained comes once more."""
        filters, self._filters = self._filters, []
        self.subscribe(*filters)

    def publish(self, topic, payload, qos=1, retain=False, wait=True, expiry=None,
                content_type=None, response_topic=None, correlation=None):
        """payload: bytes, text, or what becomes JSON. With QoS 1 waits for the acknowledgement,
        which the broker gives to messages that it throws away, too."""
        if not isinstance(payload, (bytes, str)):
            payload = json.dumps(payload)
        properties = Properties(PacketTypes.PUBLISH)
        for name, value in (("MessageExpiryInterval", expiry), ("ContentType", content_type),
                            ("ResponseTopic", response_topic), ("CorrelationData", correlation)):
            if value is not None:
                setattr(properties, name, value)
        info = self._client.publish(topic, payload, qos, retain, properties)
        assert info.rc == paho.MQTT_ERR_SUCCESS, info.rc
        if wait:
            info.wait_for_publish(TIMEOUT)
            assert info.is_published()

    def wait_for(self, predicate, since=0, timeout=TIMEOUT):
        return self.messages.wait_for(predicate, since, timeout)

    def wait_for_topic(self, topic, predicate=lambda message: True, since=0, timeout=TIMEOUT):
        return self.wait_for(lambda m: m.topic == topic and predicate(m), since, timeout)

    def request(self, topic, operation, args=None, timeout=10, request_id=None, reply_topic=None):
        """Asks the responder at topic (lendlock/v1/SITE/kiosk/NAME or .../hub) and returns its
        reply as a dictionary. args may set its own expires_at; else it is timeout seconds ahead.
        To repeat a request, give the request_id and the same args with expires_at."""
        request_id = request_id or str(uuid.uuid4())
        reply_topic = reply_topic or f"{topic}/reply/{self.user}"
        if reply_topic not in self._filters:
            self.subscribe(reply_topic)
        since = self.messages.mark()
        payload = {"expires_at": timestamp(timeout), **(args or {})}
        self.publish(f"{topic}/request/{self.user}/{operation}", payload, expiry=timeout,
                     content_type="application/json", response_topic=reply_topic,
                     correlation=request_id.encode())
        reply = self.wait_for_topic(
            reply_topic, lambda m: m.correlation == request_id.encode(), since, timeout)
        return reply.json

    def vanish(self):
        """Goes without DISCONNECT, so that the broker publishes the will, if there is one."""
        self._client.socket().shutdown(socket.SHUT_RDWR)
        self._client.loop_stop()

    def close(self):
        self._client.disconnect()
        self._client.loop_stop()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()
