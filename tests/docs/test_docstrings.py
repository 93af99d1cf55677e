"""The examples in docstrings run and print what they say."""

import doctest
import importlib
import pkgutil

import pytest

import thinc

SKIPPED = ("thinc.shims", "thinc.extra", "thinc.mypy")  # what they need is not there always
MODULES = [
    name for _, name, _ in pkgutil.walk_packages(thinc.__path__, "thinc.")
    if not name.startswith(SKIPPED) and not name.rpartition(".")[2].startswith("_")
]  # fmt: skip
FINDER = doctest.DocTestFinder(exclude_empty=True)


def examples_of(name):
    module = importlib.import_module(name)
    return [test for test in FINDER.find(module) if test.examples]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    for test in examples_of(name):
        failures, _ = doctest.DocTestRunner().run(test)
        assert not failures, f"the example of {test.name} prints something else"


def test_examples_are_found():
    assert [test.name for test in examples_of("thinc.layers.rmsnorm")] == ["thinc.layers.rmsnorm.RMSNorm"]
