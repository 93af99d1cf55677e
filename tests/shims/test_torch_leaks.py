"""Steps, failures and conversions leave nothing behind."""

import pytest
from shims.growth import growth
from shims.leaks import CASES


@pytest.mark.parametrize("name", CASES)
def test_nothing_stays(name):
    python, objects, _ = growth(CASES[name](), 300)
    assert python < 100 and objects < 0.1
