"""Convolve every sequence with learnt windows."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy

from ..config import registry
from ..errors import ShapeError
from ..initializers import glorot_uniform_init, zero_init
from ..model import Model
from ..types import Floats2d, Padded, Ragged
from ._rows import Rows, as_rows, gradient_rows, sequences_of, set_widths, starts_of

Batch = Floats2d | Ragged | Padded | list[Floats2d]


class Window(NamedTuple):
    """Which rows an output sees: `size` rows, `dilation` apart, the first `left` before the output's place."""

    size: int
    stride: int
    dilation: int
    left: int
    right: int

    def n_outputs(self, lengths: numpy.ndarray) -> numpy.ndarray:
        """How many outputs sequences of these lengths have; none for an empty one."""
        span = self.dilation * (self.size - 1) + 1
        n = (lengths + self.left + self.right - span) // self.stride + 1
        return numpy.where(lengths > 0, numpy.maximum(0, n), 0)


@registry.layers("Conv1d.v1")
def Conv1d(
    nO: int | None = None,
    nI: int | None = None,
    *,
    kernel_size: int = 3,
    stride: int = 1,
    dilation: int = 1,
    padding: int | None = None,
    init_W: Callable | None = None,
    init_b: Callable | None = None,
) -> Model[Batch, Batch]:
    """Y[t] = b + Σ_k W_k X[stride · t + dilation · k − padding], zeros beyond the ends of the sequence.

    X: Ragged, Padded, a list of (length, nI), or one such array.  Y: the same with nO columns.
    A sequence of L rows has ⌊(L + 2 padding − dilation (kernel_size − 1) − 1) / stride⌋ + 1 of Y.
    padding: rows of zeros at both ends; None keeps L rows where stride is 1, with one more row
    at the end than at the start for even kernels.
    Parameters W: (nO, kernel_size · nI), the columns of the first row of the window first, b: (nO,).

    >>> import numpy
    >>> X = [numpy.ones((length, 3), dtype="f") for length in (5, 1)]
    >>> model = Conv1d(4, kernel_size=3, stride=2, padding=1).initialize(X=X)
    >>> [Y.shape for Y in model.predict(X)]
    [(3, 4), (1, 4)]
    """
    if min(kernel_size, stride, dilation) < 1 or (padding or 0) < 0:
        raise ShapeError(
            f"Conv1d got kernel_size={kernel_size}, stride={stride}, dilation={dilation}, padding={padding}. "
            "The first three must be at least 1, and padding at least 0."
        )
    reach = dilation * (kernel_size - 1)
    left, right = (reach // 2, reach - reach // 2) if padding is None else (padding, padding)
    return Model(
        "conv1d",
        partial(forward, Window(kernel_size, stride, dilation, left, right)),
        init=partial(init, init_W or glorot_uniform_init, init_b or zero_init),
        dims={"nO": nO, "nI": nI, "nK": kernel_size},
        params={"W": None, "b": None},
    )


def forward(window: Window, model: Model, X: Batch, is_train: bool) -> tuple[Batch, Callable]:
    ops, rows = model.ops, as_rows(model, X, "nI")
    W, nI = model.get_param("W"), model.get_dim("nI")
    lengths = window.n_outputs(rows.lengths)
    sights = _sights(window, rows, lengths)
    cols = ops.alloc((int(lengths.sum()), window.size * nI), dtype=rows.X.dtype)
    for k, (centers, seen) in enumerate(sights):
        cols[centers, k * nI : (k + 1) * nI] = rows.X[seen]

    def backprop(dY: Batch) -> Batch:
        d_rows = gradient_rows(model, dY, (len(cols), len(W)))
        model.inc_grad("b", d_rows.sum(axis=0))
        model.inc_grad("W", ops.gemm(d_rows, cols, trans1=True))
        d_cols = ops.gemm(d_rows, W)
        dX = ops.alloc(rows.X.shape, dtype=d_cols.dtype)
        for k, (centers, seen) in enumerate(sights):
            dX[seen] += d_cols[centers, k * nI : (k + 1) * nI]  # no row is seen twice at one place
        return rows.restore(dX)

    return rows.restore(ops.affine(cols, W, model.get_param("b")), lengths), backprop


def init(init_W: Callable, init_b: Callable, model: Model, X: Any = None, Y: Any = None) -> None:
    set_widths(model, nI=X, nO=Y)
    nO, nI, nK = (model.get_dim(name) for name in ("nO", "nI", "nK"))
    model.set_param("W", init_W(model.ops, (nO, nK * nI)))
    model.set_param("b", init_b(model.ops, (nO,)))


def _sights(window: Window, rows: Rows, lengths: numpy.ndarray) -> list[tuple[Any, Any]]:
    """For every place in the window: the outputs that see a row there, and these rows."""
    sequences, asarray = sequences_of(lengths), rows.ops.asarray
    times = numpy.arange(len(sequences)) - starts_of(lengths)[sequences]  # of the outputs
    first = times * window.stride - window.left
    starts, sizes = starts_of(rows.lengths)[sequences], rows.lengths[sequences]
    sights = []
    for k in range(window.size):
        seen = first + k * window.dilation
        centers = numpy.nonzero((seen >= 0) & (seen < sizes))[0]
        sights.append((asarray(centers), asarray((starts + seen)[centers])))
    return sights
