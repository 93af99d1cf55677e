"""Check that batches agree in container, dtype, axes and rows; small models and folders for tests."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..interop.modules import is_xp_array
from ..layers.linear import Linear
from ..model import Model
from ..types import ArgsKwargs, Padded, Ragged


def get_data_checker(inputs: Any) -> Callable[[Any, Any], bool]:
    """The function of this file that compares batches of the kind of `inputs`."""
    if isinstance(inputs, Ragged):
        return assert_raggeds_match
    if isinstance(inputs, Padded):
        return assert_paddeds_match
    if isinstance(inputs, list):
        return assert_lists_match
    if isinstance(inputs, tuple) and len(inputs) == 4:
        return assert_padded_data_match
    if isinstance(inputs, tuple) and len(inputs) == 2:
        return assert_ragged_data_match
    return assert_arrays_match


def assert_arrays_match(X: Any, Y: Any) -> bool:
    """X and Y have the same dtype, number of axes and rows; True, or AssertionError."""
    assert X.dtype == Y.dtype, f"{X.dtype} against {Y.dtype}"
    assert X.ndim == Y.ndim and X.shape[:1] == Y.shape[:1], f"{X.shape} against {Y.shape}"
    return True


def assert_lists_match(X: Any, Y: Any) -> bool:
    """Both are lists of arrays that match."""
    assert isinstance(X, list) and isinstance(Y, list), f"{type(X)} against {type(Y)}"
    return _all_match(X, Y)


def assert_raggeds_match(X: Ragged, Y: Ragged) -> bool:
    """Both are Ragged, with data and lengths that match."""
    assert isinstance(X, Ragged) and isinstance(Y, Ragged), f"{type(X)} against {type(Y)}"
    return _all_match((X.data, X.lengths), (Y.data, Y.lengths))


def assert_paddeds_match(X: Padded, Y: Padded) -> bool:
    """Both are Padded, with four arrays that match."""
    assert isinstance(X, Padded) and isinstance(Y, Padded), f"{type(X)} against {type(Y)}"
    return _all_match(_parts(X), _parts(Y))


def assert_ragged_data_match(X: Any, Y: Any) -> bool:
    """Both are tuples (data, lengths) that match."""
    assert len(X) == len(Y) == 2, f"{len(X)} against {len(Y)} arrays"
    return _all_match(X, Y)


def assert_padded_data_match(X: Any, Y: Any) -> bool:
    """Both are tuples (data, size_at_t, lengths, indices) that match."""
    assert len(X) == len(Y) == 4, f"{len(X)} against {len(Y)} arrays"
    return _all_match(X, Y)


def check_input_converters(
    Y: Any, backprop: Callable, data: Any, n_args: int, kwargs_keys: Any, type_: type | tuple[type, ...]
) -> None:
    """A converter of inputs gave arguments of this number and these names, and its way back arrays in a `type_`.

    Y, backprop: what the converter gave for `data`.
    """
    assert isinstance(Y, ArgsKwargs), f"{type(Y)} is no ArgsKwargs"
    assert len(Y.args) == n_args, f"{len(Y.args)} arguments, expected {n_args}"
    assert sorted(Y.kwargs) == sorted(kwargs_keys), f"{sorted(Y.kwargs)}, expected {sorted(kwargs_keys)}"
    dX = backprop(Y)
    assert isinstance(dX, type_), f"{type(dX)} came back for {type(data)}"
    parts = dX.values() if isinstance(dX, (dict, ArgsKwargs)) else dX if isinstance(dX, (list, tuple)) else [dX]
    assert all(is_xp_array(part) for part in parts), "not all that came back are arrays"


def get_model(W_b_input: Any, cls: Callable[..., Model] = Linear) -> Model:
    """A layer with copies of the first two of (W, b, input) as parameters."""
    W, b, _ = W_b_input
    nO, nI = W.shape
    model = cls(nO, nI)
    model.set_param("W", model.ops.asarray(W).copy())
    model.set_param("b", model.ops.asarray(b).copy())
    return model


def get_shape(W_b_input: Any) -> tuple[int, int, int]:
    """(rows of the input, nO, nI)."""
    W, _, X = W_b_input
    return X.shape[0], W.shape[0], W.shape[1]


@contextmanager
def make_tempdir() -> Iterator[Path]:
    """A folder that is removed at the end, whatever lies in it."""
    folder = Path(tempfile.mkdtemp())
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _parts(X: Padded) -> tuple[Any, ...]:
    return X.data, X.size_at_t, X.lengths, X.indices


def _all_match(X: Any, Y: Any) -> bool:
    assert len(X) == len(Y), f"{len(X)} against {len(Y)} arrays"
    return all(assert_arrays_match(x, y) for x, y in zip(X, Y))
