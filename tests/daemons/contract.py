"""Holds what goes by on the network to schemas/asyncapi.json: topic, QoS, retain, content type, and the
payload's schema."""

import json
import pathlib
import re

import jsonschema

SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "schemas"


class Contract:
    def __init__(self):
        self._document = json.loads((SCHEMAS / "asyncapi.json").read_text())
        self._channels = [
            (re.compile(re.sub(r"\{\w+\}", "([a-z0-9-]{1,32})", channel["address"])),
             self._binding(name), list(channel["messages"]))
            for name, channel in self._document["channels"].items()]
        self._validators = {}

    def _binding(self, name):
        """All who send on a channel do it alike."""
        channel = f"#/channels/{name}"
        return next(operation["bindings"]["mqtt"]
                    for operation in self._document["operations"].values()
                    if operation["channel"]["$ref"] == channel and operation["action"] == "send")

    def _validator(self, name):
        if name not in self._validators:
            schema = json.loads((SCHEMAS / f"{name}.json").read_text())
            self._validators[name] = jsonschema.Draft202012Validator(schema)
        return self._validators[name]

    def check(self, message):
        """message: of a subscription that leaves the retain flag as it was published."""
        for address, binding, names in self._channels:
            if address.fullmatch(message.topic):
                break
        else:
            raise AssertionError(f"no channel of the contract: {message}")
        operation = message.topic.rsplit("/", 1)[-1]
        name = names[0] if len(names) == 1 else next(
            (n for n in names if n.split("-", 2)[2] == operation), None)
        assert name, f"no operation of the contract: {message}"
        assert message.qos == binding["qos"], message
        assert message.retain == binding["retain"], message
        described = self._document["components"]["messages"][name]
        assert message.content_type == described["contentType"], message
        self._validator(name).validate(message.json)
