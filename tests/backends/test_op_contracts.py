"""Every operation keeps its contract on the reference, on the CPU, and on the GPU's code over numpy."""

import pytest
from contracts.op import HostCupyOps
from contracts.op_suite import OpSuite

from thinc.backends import NumpyOps, Ops


@pytest.fixture(params=[Ops, NumpyOps, HostCupyOps], ids=["base", "numpy", "cupy-on-host"])
def ops(request):
    return request.param()


class TestOps(OpSuite):
    """The suite, with the fixture above."""
