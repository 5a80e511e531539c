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
    base["FAIR"] = int("property" in limits)
    extra = {key: base.pop(key) for key in ("property", "large", "covers") if key in base}
    return Search("outbox: " + name, "outbox", base, **extra)


def payment(name, **limits):
    base = dict(LOSSES=0, LATES=0, TROUBLES=0, LATE_CALLS=0, CRASHES=0, EXPIRIES=0)
    base.update(limits)
    base["FAIR"] = int("property" in limits)
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
    outbox("new board, hub put back", BOARDS=2, NEW_BOARDS=1, SWAPS=1, FACTS=1, APPROVALS=2, HUB_RESTORES=1,
           EPOCHS=5, IDS=7, SEQS=7, covers=True),
    outbox("new board, hub put back, boards in turns", BOARDS=2, NEW_BOARDS=1, SWAPS=2, FACTS=1, APPROVALS=2,
           HUB_RESTORES=1, large=True, EPOCHS=5, IDS=7, SEQS=7),
    outbox("drains", FACTS=2, LOSSES=1, LATES=1, CRASHES=1, STRANGERS=1, property="drains"),
    outbox("drains, hub put back", FACTS=2, HUB_RESTORES=1, MONTHS=1, LOSSES=1, property="drains"),
    outbox("drains, old copy", FACTS=2, OLD_COPIES=1, LOSSES=1, APPROVALS=1, IDS=6, SEQS=6, property="drains"),
    outbox("drains, new board", BOARDS=2, NEW_BOARDS=1, SWAPS=1, FACTS=1, LOSSES=1, APPROVALS=1, EPOCHS=5, IDS=7,
           SEQS=7, property="drains"),
    outbox("drains, new board, hub put back", BOARDS=2, NEW_BOARDS=1, SWAPS=1, FACTS=1, APPROVALS=2, HUB_RESTORES=1,
           EPOCHS=5, IDS=7, SEQS=7, property="drains", large=True),
    payment("network", LOSSES=1, LATES=1, TROUBLES=1, EXPIRIES=1, covers=True),
    payment("crashes", TROUBLES=1, LATE_CALLS=1, CRASHES=1, EXPIRIES=1, covers=True),
    payment("ledger put back", LATE_CALLS=1, CRASHES=1, RESTORES=1, covers=True),
    payment("ledger put back, late requests", large=True, LATES=1, CRASHES=1, RESTORES=1, covers=True),
    payment("query", QUERIES=1, CRASHES=1, RESTORES=1, covers=True),
    payment("old key", LATE_CALLS=1, TROUBLES=1, AGES=2, EXPIRIES=1, covers=True),
    payment("twice", ATTEMPTS=2, LOSSES=1, CRASHES=1),
    payment("breaker", OUTAGES=1, TROUBLES=1, LATES=1, EXPIRIES=1, covers=True),
    payment("breaker, twice", ATTEMPTS=2, OUTAGES=1, TROUBLES=1, LOSSES=1, EXPIRIES=1, large=True),
    payment("new board", NEW_BOARDS=1, LOSSES=1, covers=True),
    payment("new board, twice", ATTEMPTS=2, NEW_BOARDS=1, large=True, covers=True),
    payment("new board, twice, late messages", ATTEMPTS=2, NEW_BOARDS=1, LATES=1, LOSSES=1, large=True),
    payment("new board, ledger put back", NEW_BOARDS=1, CRASHES=1, RESTORES=1, large=True, covers=True),
    payment("kiosk put back", OLD_COPIES=1, LOSSES=1, covers=True),
    payment("kiosk put back, twice", ATTEMPTS=2, OLD_COPIES=1, large=True),
    payment("ends, kiosk put back", OLD_COPIES=1, property="ends", large=True),
    payment("ends, kiosk put back, twice", ATTEMPTS=2, OLD_COPIES=1, property="ends", large=True),
    payment("ends", LOSSES=1, TROUBLES=1, EXPIRIES=1, property="ends"),
    payment("ends, crashes", CRASHES=1, LATE_CALLS=1, property="ends"),
    payment("ends, breaker", OUTAGES=1, TROUBLES=1, property="ends"),
    payment("ends, old key", AGES=2, TROUBLES=1, property="ends"),
    payment("ends, new board", NEW_BOARDS=1, property="ends"),
    payment("ends, twice", ATTEMPTS=2, CRASHES=1, TROUBLES=1, property="ends", large=True),
    payment("ends, ledger put back", CRASHES=1, RESTORES=1, LATES=1, property="ends", large=True),
    payment("ends, all faults of the network", LOSSES=1, LATES=1, TROUBLES=1, LATE_CALLS=1, CRASHES=1, EXPIRIES=1,
            property="ends", large=True),
    payment("ends, new board, twice", ATTEMPTS=2, NEW_BOARDS=1, property="ends", large=True),
]

# Lines that no search executes, and why.
UNREACHED = [
    "/* the provider lost it */",  # what is authorized or captured there stays known
]
