"""What happens, in short lines that a person can read."""

import time


class Transcript:
    """Prints "12.34 s  mina       reserves drill: ok". The clock starts with it."""

    def __init__(self):
        self._started = time.monotonic()
        self._headings = 0

    def heading(self, text):
        self._headings += 1
        print(f"\n{self._headings}. {text}", flush=True)

    def quote(self, text):
        """What a program printed."""
        for line in text.splitlines():
            print(f"{'':23}{line}", flush=True)

    def tell(self, who, text):
        print(f"{time.monotonic() - self._started:7.2f} s  {who:<10} {text}", flush=True)
