"""Which of the interesting paths were taken, as the logs, the network and the databases tell."""

import re

from check import rows

STEP = re.compile(r"(rental|payment) ([0-9a-f-]{36}): (\S+) -> (\S+)(?: \((\S+)\))?")


def steps(daemon):
    """(what, id, before, after, fact) of each step of a machine that the log tells of."""
    for line in daemon.log.items():
        found = STEP.search(line)
        if found:
            yield found.groups()


def count_steps(town, census):
    for daemon in town.banks.values():
        for _, _, before, after, fact in steps(daemon):
            if fact == "interrupted":
                census.count("an opening was interrupted")
            elif (before, after) == ("sent", "void-owed"):
                census.count("void before authorize was answered")
            elif after == "expired":
                census.count("a hold or a pickup ran out")
            elif after == "declined":
                census.count("a card was declined")
            elif fact == "payment-cancelled":
                census.count("a payment was taken back")


def count_money(town, census):
    for bank in town.banks:
        for row in rows(
                town.database(bank), "SELECT r.reason, p.state FROM rental r JOIN payment p"
                " ON p.payment = r.payment WHERE r.state = 'failed'"):
            if row["state"] not in ("voided", "refunded"):
                continue
            what = "a door jammed" if row["reason"] == "door-jammed" else "a thing was reported"
            census.count(f"{what}, and the money went back")
    census.count("the provider was asked again", rows(
        town.provider, "SELECT count(*) FROM asked WHERE count > 1")[0][0])
    census.count("an answer of the provider was lost", rows(
        town.provider, "SELECT count(*) FROM account WHERE method LIKE 'tok-lost%'")[0][0])


def count_messages(town, census):
    """What the auditor heard, who was away while the broker was."""
    asked, sent, born, session = set(), {}, 0, None
    for message in town.messages.items():
        if message.topic.endswith("/authorize"):
            if message.correlation in asked:
                census.count("a payment was asked for again")
            asked.add(message.correlation)
        elif message.topic.endswith("/hub/status") and message.json["state"] == "online":
            born += message.json["session"] != session
            session = message.json["session"]
        elif message.topic.endswith("/event"):
            before = {sent[event["id"]] for event in message.json if event["id"] in sent}
            if before:
                census.count("events were sent again")
            if before and min(before) < born:
                census.count("events were sent again after the hub's birth")
            sent.update({event["id"]: born for event in message.json})


def count_answers(people, census):
    """One that was answered when its time was over had been done before, and was not done then."""
    for person in people:
        for request, answers in person.answers():
            if len(answers) > 1 or request.late:
                census.count("a request was answered out of the store")
            if request.late and len(set(request.processes)) > 1:
                census.count(
                    "a request was answered out of the store of a kiosk that had died meanwhile")


def count_paths(town, people, census):
    count_steps(town, census)
    count_money(town, census)
    count_messages(town, census)
    count_answers(people, census)
