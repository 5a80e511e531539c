"""Fixtures that several files share."""

import pytest

from broker import Broker


@pytest.fixture
def broker(tmp_path):
    """The broker of the site "town" with the product's access list: hub, ledger-1, kiosk-1,
    kiosk-2, manager-1 and the renters ann and bob."""
    with Broker(tmp_path / "broker", hub="hub", ledgers=["ledger-1"],
                kiosks=["kiosk-1", "kiosk-2"], managers=["manager-1"],
                users=["ann", "bob"]) as started:
        yield started
