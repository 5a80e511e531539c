"""A broker in a network namespace of its own, and a wire from there to each who wants one. A wire can be
cut as a whole, or in one direction; nobody is told."""

import os
import shutil
import subprocess

PORT = 1883


class Refused(Exception):
    """This machine does not let us make networks."""


def ip(*words):
    done = subprocess.run(["ip", *words], capture_output=True, text=True)
    if done.returncode != 0:
        raise Refused(f"ip {' '.join(words)}: {done.stderr.strip()}")


class Wires:
    """names: who gets a wire. The far ends are in the namespace; so is what is run by the wrapper. As a
    context it removes all of it at the end."""

    def __init__(self, names):
        if not shutil.which("ip"):
            raise Refused("there is no ip")
        self.names = list(names)
        self.namespace = f"lendlock-{os.getpid()}"
        # 198.18.0.0/15 is for tests of networks.
        self._prefix = f"198.18.{os.getpid() % 256}"

    @property
    def wrapper(self):
        return ("ip", "netns", "exec", self.namespace)

    def near(self, name):
        return f"{self._prefix}.{4 * self.names.index(name) + 2}"

    def far(self, name):
        return f"{self._prefix}.{4 * self.names.index(name) + 1}"

    def _wire(self, name):
        return f"ll{os.getpid() % 10 ** 7}n{self.names.index(name)}"

    def __enter__(self):
        ip("netns", "add", self.namespace)
        try:
            ip("-n", self.namespace, "link", "set", "lo", "up")
            for name in self.names:
                self._lay(name)
        except Refused:
            self.__exit__()
            raise
        return self

    def _lay(self, name):
        near = self._wire(name)
        far = f"{near}f"
        ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", self.namespace)
        ip("addr", "add", f"{self.near(name)}/30", "dev", near)
        ip("-n", self.namespace, "addr", "add", f"{self.far(name)}/30", "dev", far)
        ip("link", "set", near, "up")
        ip("-n", self.namespace, "link", "set", far, "up")

    def __exit__(self, *error):
        # The wires' near ends go with their far ends.
        subprocess.run(["ip", "netns", "del", self.namespace], capture_output=True)
        for name in self.names:
            subprocess.run(["ip", "link", "del", self._wire(name)], capture_output=True)

    # --- trouble ---

    def cut(self, name, how):
        """cut: nothing passes; deaf: the near end hears nothing; mute: the far end hears nothing."""
        if how == "cut":
            ip("link", "set", self._wire(name), "down")
        elif how == "deaf":
            ip("-n", self.namespace, "route", "add", "blackhole", f"{self.near(name)}/32")
        else:
            ip("route", "add", "blackhole", f"{self.far(name)}/32")

    def heal(self, name, how):
        if how == "cut":
            ip("link", "set", self._wire(name), "up")
        elif how == "deaf":
            ip("-n", self.namespace, "route", "del", "blackhole", f"{self.near(name)}/32")
        else:
            ip("route", "del", "blackhole", f"{self.far(name)}/32")
