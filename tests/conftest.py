"""What all tests share: asserts of the contracts show their values; without torch, what needs it is skipped."""

import importlib.util

import pytest

pytest.register_assert_rewrite("contracts", "shims")

# `make test-versions` runs the native tests in environments without torch.
HAS_TORCH = importlib.util.find_spec("torch") is not None
REASON = "torch is not installed"


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    if not HAS_TORCH and report.failed and "No module named 'torch'" in str(report.longrepr):
        report.outcome, report.longrepr = "skipped", (str(collector.path), 0, f"Skipped: {REASON}")
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    try:
        return (yield)
    except Exception as error:
        if HAS_TORCH or not _lacks_torch(error):
            raise
    pytest.skip(REASON)


def _lacks_torch(error):
    """Whether this error, or one it came from, is a missing torch."""
    while error is not None:
        if isinstance(error, ModuleNotFoundError) and error.name == "torch":
            return True
        error = error.__cause__ or error.__context__
    return False
