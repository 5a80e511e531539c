"""What is searched: each model with so many faults of each kind, all orders of them, to the end."""

import dataclasses


@dataclasses.dataclass
class Search:
    name: str
    model: str
    limits: dict
    property: str = ""  # an ltl property, with weak fairness; else assertions and deadlocks
    large: bool = False  # only with --full
    covers: bool = False  # counts for what is executed


def outbox(name, **limits):
    base = dict(LOSSES=0, LATES=0, CRASHES=0)
    base.update(limits)
    extra = {key: base.pop(key) for key in ("property", "large", "covers") if key in base}
    return Search("outbox: " + name, "outbox", base, **extra)


def payment(name, **limits):
    base = dict(LOSSES=0, LATES=0, TROUBLES=0, LATE_CALLS=0, CRASHES=0, EXPIRIES=0)
    base.update(limits)
    extra = {key: base.pop(key) for key in ("property", "large", "covers") if key in base}
    return Search("payment: " + name, "payment", base, **extra)


SEARCHES = [
    outbox("network", FACTS=3, IDS=3, SEQS=3, LOSSES=2, LATES=1, CRASHES=2, STRANGERS=1, covers=True),
    outbox("hub put back", FACTS=2, HUB_RESTORES=1, LOSSES=1, LATES=1, CRASHES=1, MONTHS=1, covers=True),
    outbox("old copy", FACTS=3, IDS=6, SEQS=6, OLD_COPIES=1, LOSSES=1, CRASHES=1, APPROVALS=1),
    outbox("old copy, late messages", FACTS=3, IDS=5, SEQS=5, OLD_COPIES=1, LATES=1, CRASHES=1, APPROVALS=1,
           large=True, covers=True),
    outbox("two copies", BOARDS=2, OLD_COPIES=1, SWAPS=3, FACTS=2, APPROVALS=1, EPOCHS=5, IDS=7, SEQS=7,
           covers=True),
    outbox("new board", BOARDS=2, NEW_BOARDS=1, SWAPS=3, FACTS=1, APPROVALS=1, EPOCHS=5, IDS=7, SEQS=7),
    outbox("new board, hub put back", BOARDS=2, NEW_BOARDS=1, SWAPS=2, FACTS=1, APPROVALS=2, HUB_RESTORES=1, large=True,
           EPOCHS=5, IDS=7, SEQS=7),
    outbox("drains", FACTS=2, LOSSES=1, LATES=1, CRASHES=1, STRANGERS=1, property="drains"),
    outbox("drains, hub put back", FACTS=2, HUB_RESTORES=1, MONTHS=1, LOSSES=1, property="drains"),
    payment("network", LOSSES=1, LATES=1, TROUBLES=1, EXPIRIES=1, covers=True),
    payment("crashes", TROUBLES=1, LATE_CALLS=1, CRASHES=1, EXPIRIES=1, covers=True),
    payment("ledger put back", LATE_CALLS=1, CRASHES=1, RESTORES=1),
    payment("ledger put back, late requests", large=True, LATES=1, CRASHES=1, RESTORES=1, covers=True),
    payment("old key", LATE_CALLS=1, TROUBLES=1, AGES=2, EXPIRIES=1, covers=True),
    payment("twice", ATTEMPTS=2, LOSSES=1, CRASHES=1),
]

# Lines that no search executes, and why.
UNREACHED = [
    "/* the provider lost it */",  # what is authorized or captured there stays known
]
