"""Turn every sequence of a Ragged into one row: what the reduce_* layers share."""

from collections.abc import Callable
from functools import partial

from ..model import Model
from ..model.border import locate_gradient
from ..types import ArrayInfo, Floats2d, Ragged


def pool(name, reduce) -> Model[Ragged, Floats2d]:
    """`reduce(ops, X, lengths) -> Y, backprop` is the only thing the layers differ in."""
    return Model(name, partial(forward, reduce))


def forward(reduce, model: Model, Xr: Ragged, is_train: bool) -> tuple[Floats2d, Callable]:
    lengths = model.ops.asarray1i(Xr.lengths)
    Y, backprop_reduce = reduce(model.ops, Xr.data, lengths)
    expected = ArrayInfo(Y.shape, Y.dtype)

    def backprop(dY: Floats2d) -> Ragged:
        try:
            expected.check_consistency(dY)
            return Xr._like(backprop_reduce(dY), Xr.lengths)
        except Exception as error:
            locate_gradient(error, model, dY)
            raise

    return Y, backprop
