"""Every shim keeps the contract of all shims."""

import pytest
from shims.contract import ShimContract
from shims.samples import SAMPLES


@pytest.fixture(params=SAMPLES, ids=lambda sample: sample.name)
def sample(request):
    if not request.param.is_installed():
        pytest.skip(f"{request.param.module} is not installed")
    return request.param


class TestShims(ShimContract):
    """The suite, with the fixture above."""
