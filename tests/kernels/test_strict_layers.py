"""Layers, losses and optimizers give the numbers of the CPU on arrays that refuse what CuPy's refuse."""

import pytest
from contracts.device_suite import DeviceSuite

from thinc.backends import CupyOps

from .emulator import why_not
from .on_stand_in import OnStandIn
from .test_strict_cupy import cupy  # noqa: F401  (a fixture)

pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))


@pytest.fixture
def ops(cupy, monkeypatch):  # noqa: F811
    monkeypatch.setattr(CupyOps, "_cuda", OnStandIn())
    return CupyOps()


class TestOnStandIn(DeviceSuite):
    """The suite, with the fixture above."""
