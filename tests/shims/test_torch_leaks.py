"""Steps, failures and conversions leave nothing behind."""

import pytest
from shims.leaks import CASES, growth


@pytest.mark.parametrize("name", CASES)
def test_nothing_stays(name):
    python, objects, _ = growth(CASES[name](), 300)
    assert python < 100 and objects < 0.1
