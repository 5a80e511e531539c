"""Somebody with all the patience in the world: carries one rental through whatever happens, and asks
again until there is an answer."""

import json
import time
import uuid

from client import timestamp
from person import Asker, Request

DOORS = ("open", "return")
AGAIN = 0.4  # s without an answer until the same is asked again
REFUSED = 0.7  # s until somebody tries again; who asks too often is answered no more for minutes
WAIT = 2  # s until somebody who may not have a thing asks for it anew
LOOK = 0.03  # s between two looks at what goes on
# s; how long one rental may take whatever happens, never how long it should: a bank asks a ledger that
# was not sure of its clock again after five minutes at the latest.
PATIENCE = 360

# What brings a rental to its end, state by state; in other states it goes on by itself.
NEXT = {
    "held": ("pay", {"method": "tok-ok"}), "paid": ("open", {}), "rented": ("return", {}),
    "overdue": ("return", {}), "lost": ("return", {}), "unconfirmed": ("confirm", {"taken": True}),
}
WORTH_ANOTHER_TRY = ("not-available", "busy", "clock", "limit", "returns-only")
PAYMENT_FINAL = ("declined", "captured", "voided", "refunded")
FINAL = ("returned", "cancelled", "expired", "failed", "resolved")


class Late(Exception):
    """It did not come to its end in time."""


class Customer(Asker):
    """mend: called again and again while there is nothing to do; true if something was mended just
    now, and it is time to ask again."""

    def __init__(self, town, name, random, census, mend=lambda: False):
        super().__init__(town, name, random, census)
        self.mend = mend
        self._deadline = 0
        self.doing = "nothing was asked yet"

    def rent(self, bank, item, wanted=lambda: True):
        """Returns the rental at its end, the money at its end, too. None: while the thing could not be
        had, it was not wanted any more."""
        self.expect()
        rental = self._reserve(bank, item, wanted)
        if not rental:
            return None
        while rental["state"] not in FINAL:
            operation, args = NEXT.get(rental["state"], (None, {}))
            reply = operation and self.insist(bank, operation, rental=rental["rental"], **args)
            if not reply:
                self.idle()
            elif reply["code"] != "ok":
                self.idle(REFUSED)
            rental = self.insist(bank, "rental", rental=rental["rental"]).get("rental", rental)
        while not self._settled(bank, rental):
            self.idle()
        return rental

    def _settled(self, bank, rental):
        reply = self.insist(bank, "rental", rental=rental["rental"])
        return reply["code"] == "ok" and (
            "payment" not in reply or reply["payment"]["state"] in PAYMENT_FINAL)

    def _reserve(self, bank, item, wanted):
        while wanted():
            reply = self.insist(bank, "reserve", item=item)
            if reply["code"] == "ok":
                return reply["rental"]
            if reply["code"] not in WORTH_ANOTHER_TRY:
                raise Late(f"reserve: {reply}")
            self.idle(WAIT)
        return None

    def expect(self):
        """From now on, what is to happen may take so long."""
        self._deadline = time.monotonic() + PATIENCE

    def idle(self, seconds=LOOK):
        if time.monotonic() > self._deadline:
            raise Late(f"nothing more happened within {PATIENCE} s; {self.doing}")
        self.mend()
        time.sleep(seconds)

    def insist(self, whom, operation, **args):
        """Asks a bank, or "hub", until there is an answer; the same request for as long as it may be
        done."""
        while True:
            ttl = 9 if operation in DOORS else 20
            request_id = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
            request = Request(whom if whom == "hub" else f"kiosk/{whom}", operation,
                              json.dumps({"expires_at": timestamp(ttl), **args}))
            self._note(request_id, request)
            reply = self._persist(request_id, request, time.monotonic() + ttl)
            self.doing = f"{operation} of {args}: {reply}"
            if reply and reply["code"] != "expired":
                return reply
            if time.monotonic() > self._deadline:
                raise Late(f"no good answer within {PATIENCE} s; {self.doing}")

    def _persist(self, request_id, request, end):
        since = self.client.messages.mark()
        again = 0
        while time.monotonic() < end:
            if time.monotonic() >= again:
                self._repeat(request_id, request)
                again = time.monotonic() + AGAIN
            try:
                return self.client.wait_for(
                    lambda message: message.correlation == request_id.encode(), since, LOOK).json
            except AssertionError:
                pass  # not yet
            if time.monotonic() > self._deadline:
                raise Late(f"no answer to {request.operation} within {PATIENCE} s; {self.doing}")
            if self.mend():
                again = 0
        return None
