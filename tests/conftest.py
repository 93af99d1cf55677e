"""What all tests share: asserts of the contracts show their values."""

import pytest

pytest.register_assert_rewrite("contracts", "shims")
