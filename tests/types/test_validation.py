"""Annotations of forward functions are checked against the data, while validation is on."""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import pytest

from thinc import types
from thinc.types import (
    DataValidationError,
    Floats2d,
    FloatsXd,
    FloatsXdT,
    Ints1d,
    Ragged,
    data_validation,
    validate_fwd_input_output,
)
from thinc.types.check import DATA_VALIDATION

LENGTHS = [2, 0, 3, 1]


@pytest.mark.parametrize("kind,dtypes", [("Floats", ["f4"]), ("Ints", ["i4", "i8", "u4", "u8"])])
@pytest.mark.parametrize("ndim", [1, 2, 3, 4])
def test_annotations_accept_their_rank_and_dtype_only(kind, dtypes, ndim):
    annotation = getattr(types, f"{kind}{ndim}d")
    check = annotation.__get_pydantic_core_schema__(annotation, None)["function"]["function"]
    for dtype in dtypes:
        for shape in ((2,) * ndim, (0,) * ndim):
            array = np.zeros(shape, dtype=dtype)
            assert check(array) is array
    other = np.zeros((1,) * ndim, dtype="i4" if kind == "Floats" else "f4")
    for wrong in (
        other,
        np.zeros((1,) * (ndim + 1), dtype=dtypes[0]),
        np.zeros((1,) * ndim, dtype="f8"),
        "a",
        1,
        None,
        [1.0],
    ):
        with pytest.raises(ValueError):
            check(wrong)


def test_annotation_reports_everything_that_is_wrong():
    with pytest.raises(ValueError, match=r"expected 2, got 1.*expected float32, got int32"):
        Floats2d.validate(np.zeros(3, dtype="i"))
    assert not isinstance(np.zeros((1, 1), dtype="f"), Floats2d)


AnyT = TypeVar("AnyT", bound=FloatsXd)


def takes_matrix(model, X: Floats2d, is_train: bool) -> tuple[Ints1d, Callable]: ...


def takes_list(model, X: list[Floats2d], is_train: bool) -> Any: ...


def takes_ragged(model, X: Ragged, is_train): ...


def takes_variable(model, X: AnyT, is_train: bool) -> tuple[AnyT, Callable]: ...


def takes_floats(model, X: FloatsXdT, is_train: bool) -> tuple[FloatsXdT, Callable]: ...


def takes_optional(model, X: "Floats2d | None", is_train: bool): ...


def takes_unknown(model, X: "NoSuchName", is_train: bool): ...  # noqa: F821


def takes_two(model, X): ...


MATRIX, VECTOR = np.zeros((2, 2), dtype="f"), np.zeros(2, dtype="i")
RAGGED = Ragged(MATRIX, np.ones(2, dtype="i"))


@pytest.mark.parametrize(
    "func,X,Y",
    [
        (takes_matrix, MATRIX, VECTOR),
        (takes_matrix, None, None),
        (takes_list, [MATRIX] * 9, 1),
        (takes_ragged, RAGGED, None),
        (takes_variable, MATRIX, MATRIX),
        (takes_floats, MATRIX, MATRIX),
        (takes_optional, MATRIX, None),
        (takes_unknown, 1, None),
    ],
)
def test_fitting_data_passes_validation(func, X, Y):
    validate_fwd_input_output("layer", func, X, Y)


@pytest.mark.parametrize(
    "func,X,Y",
    [
        (takes_matrix, VECTOR, None),
        (takes_matrix, [MATRIX], None),
        (takes_matrix, MATRIX, MATRIX),
        (takes_list, MATRIX, None),
        (takes_list, [VECTOR], None),
        (takes_ragged, MATRIX, None),
        (takes_variable, VECTOR, None),
        (takes_floats, VECTOR, None),
        (takes_floats, [MATRIX], None),
        (takes_floats, MATRIX, VECTOR),
        (takes_optional, VECTOR, None),
        (takes_two, None, None),
    ],
)
def test_data_that_does_not_fit_is_refused(func, X, Y):
    with pytest.raises(DataValidationError, match="Data validation error in 'layer'"):
        validate_fwd_input_output("layer", func, X, Y)


def test_validation_switch_is_restored_by_an_exception():
    with pytest.raises(KeyError):
        with data_validation(True):
            assert DATA_VALIDATION.get()
            raise KeyError
    assert not DATA_VALIDATION.get()
