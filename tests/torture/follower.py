"""What the auditor has heard, followed as it comes."""


class Follower:
    def __init__(self, town):
        self.town = town
        self.sent = {}  # {bank: the last number of an event}
        self.views = {}  # {bank: the latest view}
        self.acked = {}  # {bank: the last number of an event of which the hub said that it has it}
        self.status = {}  # {topic: the latest payload}
        self._mark = 0

    def follow(self):
        for message in self.town.messages.items(self._mark):
            self._mark += 1
            if not message.payload:
                continue
            level = message.topic.split("/")
            if level[-1] == "event":
                last = int(message.json[-1]["sequence"])
                self.sent[level[4]] = max(self.sent.get(level[4], 0), last)
            elif level[-1] == "ack":
                self.acked[level[4]] = max(self.acked.get(level[4], 0), message.json["seq"])
            elif level[3] == "view":
                self.views[level[4]] = message.json
            elif level[-1] == "status":
                self.status[message.topic] = message.json
        return self

    def item(self, bank, item):
        """(state, rental's or None) of the latest view."""
        for entry in self.views.get(bank, {}).get("contents", []):
            if entry["item"] == item:
                return entry["state"], entry.get("rental")
        return None, None

    def caught_up(self, bank):
        """Whether the hub has all that was sent, as far as one hears."""
        return self.views.get(bank, {}).get("seq", 0) >= self.sent.get(bank, 0) > 0
