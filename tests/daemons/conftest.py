"""Fixtures that several files share."""

import pytest

from broker import Broker
from probe import Probe


@pytest.fixture
def broker(tmp_path):
    """The broker of the site "town" with the product's access list: hub, ledger-1, kiosk-1,
    kiosk-2, manager-1 and the renters ann and bob."""
    with Broker(tmp_path / "broker", hub="hub", ledgers=["ledger-1"],
                kiosks=["kiosk-1", "kiosk-2"], managers=["manager-1"],
                users=["ann", "bob"]) as started:
        yield started


@pytest.fixture
def open_broker(tmp_path):
    """A broker where everybody may do everything."""
    with Broker(tmp_path / "broker", anonymous=True) as started:
        yield started


@pytest.fixture
def start_probe(tmp_path):
    """Starts a probe at a broker; it must stop cleanly at the end, unless the test ended it. What
    it logged is shown when the test fails."""
    probes = []

    def start(uri, connected=True, **options):
        probe = Probe(tmp_path / f"probe-{len(probes)}", uri, **options)
        probes.append(probe)
        probe.start()
        if connected:
            probe.wait_for_event("connected")
        return probe

    yield start
    for probe in probes:
        if probe.process:
            probe.stop()
        print(*probe.log.items(), sep="\n")
