"""What must be true of a town's databases whatever happened there. Read when all daemons have ended."""

import collections
import contextlib
import sqlite3

NOT_DELIVERED = ("cancelled", "expired", "failed")
DELIVERED = ("rented", "overdue", "lost", "returning", "returned")
NOT_CHARGED = {"declined", "voided", "refunded"}


def rows(path, query):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        return database.execute(query).fetchall()


def audit_provider(path):
    """No money moved twice. Returns {payment: {call, ...}}."""
    moved = collections.defaultdict(set)
    for row in rows(path, "SELECT payment, call, count FROM money_moved"):
        assert row["count"] == 1, ("money moved twice", dict(row))
        moved[row["payment"]].add(row["call"])
    return moved


def audit_bank(path, moved):
    """Nobody stays charged for what they did not get, nobody gets a thing for nothing, and the bank
    and the provider agree."""
    payments = collections.defaultdict(list)
    for row in rows(path, "SELECT payment, rental, state FROM payment"):
        payments[row["rental"]].append(row)
        settled = {"captured": {"authorize", "capture"}, "voided": {"authorize", "void"},
                   "refunded": {"authorize", "capture", "refund"}, "declined": set()}
        if row["state"] in settled:
            there = moved[row["payment"]]
            never = row["state"] == "voided" and not there  # before the provider heard of it
            assert there == settled[row["state"]] or never, (dict(row), there)
    for row in rows(path, "SELECT rental, state, amount FROM rental"):
        states = [payment["state"] for payment in payments[row["rental"]]]
        if row["state"] in NOT_DELIVERED:
            assert NOT_CHARGED.issuperset(states), (dict(row), states)
        if row["state"] in DELIVERED and row["amount"] > 0:
            kept = [state for state in states if state in ("captured", "capture-owed")]
            assert len(kept) == 1, (dict(row), states)


def audit_hub(path):
    """The log has every number of each sender once, from 1 on."""
    numbers = collections.defaultdict(list)
    for row in rows(path, "SELECT epoch, seq FROM log ORDER BY seq"):
        numbers[row["epoch"]].append(row["seq"])
    for epoch, seen in numbers.items():
        assert seen == list(range(1, len(seen) + 1)), (epoch, seen)


def audit(hub, provider, banks):
    """All of them, by the paths of their databases."""
    moved = audit_provider(provider)
    for bank in banks:
        audit_bank(bank, moved)
    audit_hub(hub)
