"""Feed a layer of sequences from one array with its axes in any order."""

from collections.abc import Callable
from typing import Any

import numpy

from ..backends._known import as_host
from ..config import registry
from ..errors import ContainerError, ShapeError
from ..interop import is_xp_array
from ..model import Model, path_of
from ..types import ArrayXd, Ints1d, Ragged
from ._check import check_layers
from ._dims import copy_dims
from ._rows import longest_of, sequences_of, starts_of


@registry.layers("with_axes.v1")
def with_axes(layer: Model[Ragged, Ragged], axes: list[str]) -> Model[Any, ArrayXd]:
    """The layer sees Ragged, whose sequences are the entries of axis b.

    X: an array, with as many axes as one of the words in `axes` has letters: b is the batch,
    t the time, w the width, in the order in which they stand. Without b it is one sequence,
    without t every sequence has one row. Or a pair (X, lengths): rows from the length of
    their sequence on are not read, and zero in Y.
    Y: an array in the same order, as long as X, or as its longest sequence if the layer
    changes lengths.

    >>> import numpy
    >>> from thinc.api import Conv1d
    >>> X = numpy.ones((2, 3, 7), dtype="f")  # batch, channels, time
    >>> model = with_axes(Conv1d(5, kernel_size=3, padding=0), ["bwt", "wt"]).initialize(X=X)
    >>> model.predict(X).shape, model.predict(X[0]).shape
    ((2, 5, 5), (5, 5))
    """
    check_layers("with_axes", layer)
    for word in axes:
        if "w" not in word or len(set(word)) != len(word) or set(word) - set("btw"):
            raise ShapeError(f"with_axes got {word!r}. Give it words of the letters b, t and w, with w in each.")
    # Elsewhere the width is taken to be the last axis; where it is another one there are no dims.
    names = ("nO", "nI") if all(word.endswith("w") for word in axes) else ()
    dims = {name: layer.maybe_get_dim(name) for name in names}
    return Model(
        f"with_axes({layer.name})", forward, init=init, layers=[layer], dims=dims, attrs={"axes": list(axes)}
    )  # fmt: skip


def forward(model: Model, X: Any, is_train: bool) -> tuple[ArrayXd, Callable]:
    (layer,) = model.layers
    inner, _, restore = view(model, X)
    Yr, backprop_layer = layer(inner, is_train)
    Y = restore(Yr)

    def backprop(dY: ArrayXd) -> Any:
        d_inner = to_ragged(model.ops, dY, _word(model, dY), Yr.lengths)[0]
        dX = restore(backprop_layer(d_inner))
        return (dX, model.ops.xp.zeros_like(X[1])) if isinstance(X, tuple) else dX

    return Y, backprop


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    (layer,) = model.layers
    layer.initialize(X=None if X is None else view(model, X)[0], Y=None if Y is None else view(model, Y)[0])
    copy_dims(model, layer)


def view(model: Model, X: Any) -> tuple[Ragged, str, Callable]:
    """X as Ragged, the order of its axes, and the way back.  ContainerError: X is something else."""
    array, lengths = X if isinstance(X, tuple) and len(X) == 2 else (X, None)
    if not is_xp_array(array):
        raise ContainerError(
            f"Layer {path_of(model, model)!r} got {type(X).__name__}. Give it one array, or a pair (array, lengths); "
            "its own layer, `layers[0]`, takes lists, Ragged and Padded."
        )
    word = _word(model, array)
    inner, restore = to_ragged(model.ops, array, word, lengths)
    return inner, word, restore


def to_ragged(ops: Any, X: ArrayXd, word: str, lengths: Ints1d | None = None) -> tuple[Ragged, Callable]:
    """The entries of axis b one after the other, and the way from Ragged to an array like X."""
    cube = _to_btw(X, word)
    nB, nT = cube.shape[:2]
    old = numpy.full(nB, nT) if lengths is None else as_host(lengths)
    is_whole = old.dtype.kind in "iu" or not old.size
    if old.shape != (nB,) or not is_whole or (nB and (old.min() < 0 or old.max() > nT)):
        what = old.tolist() if old.ndim == 1 else f"of the shape {list(old.shape)}"
        raise ShapeError(f"got the lengths {what} for {nB} sequences of {nT} rows; give one in [0, {nT}] for each")
    old = old.astype("int64", copy=False)  # sums of unsigned ones would make floats of places
    rows = cube.reshape((nB * nT, cube.shape[2]))
    if not (old == nT).all():
        rows = rows[_cells(ops, old, nT)]

    def restore(Y: Ragged) -> ArrayXd:
        new, data = as_host(Y.lengths).astype("int64", copy=False), Y.dataXd
        longest = nT if numpy.array_equal(new, old) else longest_of(new)
        if not (nB and (new == longest).all()):
            packed, data = data, ops.alloc((nB * longest, data.shape[-1]), dtype=data.dtype)
            data[_cells(ops, new, longest)] = packed
        return _from_btw(ops, data.reshape((nB, longest, data.shape[-1])), word)

    return Ragged(ops.as_contig(rows), ops.asarray1i(old)), restore


def _word(model: Model, X: ArrayXd) -> str:
    words = model.attrs["axes"]
    for word in words:
        if len(word) == X.ndim:
            return word
    raise ShapeError(
        f"Layer {path_of(model, model)!r} got {X.dtype}{list(X.shape)}. "
        f"Give it an array with the axes {' or '.join(words)}."
    )


def _to_btw(X: ArrayXd, word: str) -> Any:
    """(batch, time, width), with 1 for the axes that X doesn't have."""
    ordered = X.transpose([word.index(axis) for axis in "btw" if axis in word])
    index = tuple(slice(None) if axis in word else None for axis in "btw")
    return ordered[index]


def _from_btw(ops: Any, Y: ArrayXd, word: str) -> ArrayXd:
    """The reverse of `_to_btw`."""
    squeezed = Y[tuple(slice(None) if axis in word else 0 for axis in "btw")]
    order = [axis for axis in "btw" if axis in word]
    return ops.as_contig(squeezed.transpose([order.index(axis) for axis in word]))


def _cells(ops: Any, lengths: numpy.ndarray, nT: int) -> Ints1d:
    """Where the rows stand in (batch · nT, width)."""
    sequences = sequences_of(lengths)
    return ops.asarray(numpy.arange(len(sequences)) + (numpy.arange(len(lengths)) * nT - starts_of(lengths))[sequences])
