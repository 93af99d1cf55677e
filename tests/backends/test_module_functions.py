"""The functions beside the classes of operations: each has a record, and passes it."""

import copy
import importlib
import inspect

import numpy
import pytest
from contracts.function_records import NUMPY_OPS, RECORDS
from contracts.op import MUTATIONS, spoil
from contracts.op_suite import check_value, compare

from thinc.backends import Ops
from thinc.errors import ShapeError

RANDOM = {"add_gradient_noise"}  # tested below: its values can't be foretold


@pytest.mark.parametrize("module", ["thinc.backends.ops", NUMPY_OPS])
def test_every_function_has_a_record(module):
    found = importlib.import_module(module)
    public = {
        name
        for name, value in vars(found).items()
        if not name.startswith("_") and inspect.isfunction(value) and value.__module__.startswith("thinc.backends")
    }
    helpers = {"check_window_lengths"} if module == NUMPY_OPS else set()
    assert public - helpers == {r.name for r in RECORDS if r.module == module} | (RANDOM & public)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("record", RECORDS, ids=str)
def test_value_and_dtype(record, dtype):
    check_value(record, Ops(), dtype)


@pytest.mark.parametrize("record", RECORDS, ids=str)
def test_a_wrong_result_is_noticed(record):
    args, expected = record.case("float64")
    found, wanted = record.run(Ops(), copy.deepcopy(args)), expected()
    for name, change in MUTATIONS.items():
        wrong, differs = spoil(found, change)
        if differs:
            with pytest.raises(AssertionError):
                compare(record, wrong, wanted, "float64")
                print(f"{record} passes with a wrong {name}")


@pytest.mark.parametrize("name", ["sigmoid", "dsigmoid", "dtanh"])
def test_out_is_filled_and_returned(name):
    function = getattr(importlib.import_module("thinc.backends.ops"), name)
    X = numpy.linspace(-30, 30, 7, dtype="f")
    out = numpy.empty_like(X)

    assert function(X, out=out) is out
    assert numpy.array_equal(out, function(X)) and X[0] == -30


def test_windows_refuse_lengths_of_other_rows():
    from thinc.backends.numpy_ops import check_seq2col_lengths

    for lengths in ([2, 2], [-2, 7]):
        with pytest.raises(ShapeError, match="sum up to the 5 rows"):
            check_seq2col_lengths(Ops(), numpy.array(lengths, "int32"), 5)


def test_noise_has_the_variance_of_its_formula():
    from thinc.backends.numpy_ops import add_gradient_noise

    numpy.random.seed(0)
    gradient = numpy.full(20_000, 3.0, "f")
    add_gradient_noise(gradient, 0.5, 7)

    expected = (0.5 / 8**0.55) ** 0.5
    # Five standard errors of the mean and of the standard deviation.
    assert abs(gradient.mean() - 3) < 5 * expected / 20_000**0.5
    assert abs(gradient.std() - expected) < 5 * expected / 40_000**0.5


def test_blis_is_named_but_not_needed():
    from thinc.backends import numpy_ops

    assert numpy_ops.has_blis == (numpy_ops.blis is not None)
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = numpy_ops.no_such_name
