"""What the kernel says of a process."""

import os
import pathlib


def resident(process):
    """MiB."""
    # The wrapper that ends a daemon with us has become the daemon by exec.
    for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) // 1024
    return 0


def processor_time(process):
    """Seconds that all its threads have computed so far."""
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Flushes:
    """Counts the fsyncs of a process that is started in this environment."""

    def __init__(self, path, library):
        self.path = pathlib.Path(path)
        self.path.write_bytes(bytes(8))
        self.environment = {"LD_PRELOAD": str(library), "LENDLOCK_SYNCS": str(self.path)}

    def count(self):
        return int.from_bytes(self.path.read_bytes(), "little")
