"""Look up a learned vector for each id."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ..backends._known import remember
from ..config import registry
from ..errors import DTypeError, ShapeError
from ..initializers import uniform_init
from ..model import Model
from ..model.border import locate_gradient
from ..model.gradients import add_to_grad
from ..types import Floats2d, Ints1d, get_width
from .array_getitem import ints_getitem
from .chain import chain


@registry.layers("Embed.v1")
def Embed(
    nO: int | None = None,
    nV: int | None = None,
    *,
    column: int | None = None,
    initializer: Callable | None = None,
    dropout: float | None = None,
    padding_idx: int | None = None,
) -> Model[Any, Floats2d]:
    """Y[n] = E[X[n]], times one dropout mask (nO,) for all rows in training.

    X: (n,) ids in [0, nV), or (n, columns) with `column`; Y: (n, nO).  More axes are kept.
    padding_idx: the id of a row that stays as it is: its gradient is zero.
    Parameter E: (nV, nO).
    """
    attrs: dict[str, Any] = {} if dropout is None else {"dropout_rate": dropout}
    if padding_idx is not None:
        attrs["padding_idx"] = padding_idx
    model: Model = Model(
        "embed",
        forward,
        init=partial(init, initializer or uniform_init),
        attrs=attrs,
        dims={"nO": nO, "nV": nV},
        params={"E": None},
    )
    if column is not None:
        model = chain(ints_getitem((slice(0, None), column)), model)
    model.attrs["column"] = column
    return model


def forward(model: Model, X: Ints1d, is_train: bool) -> tuple[Floats2d, Callable]:
    ops, E = model.ops, model.get_param("E")
    rate, Y = model.attrs.get("dropout_rate"), look_up(model, E, X)
    mask = ops.get_dropout_mask((E.shape[1],), rate) if is_train and rate else None
    if mask is not None:
        Y = Y * mask

    def backprop(dY: Floats2d) -> Ints1d:
        try:
            if mask is not None:
                dY = dY * mask
            (nV, nO), padding = E.shape, model.attrs.get("padding_idx")
            rows = remember((X.reshape((-1,)) % nV).astype("int32"), low=0, high=nV)
            d_rows = ops.as_contig(dY.reshape((X.size, nO)))
            if padding is not None:
                d_rows = d_rows * (rows != padding % nV)[:, None].astype(d_rows.dtype)
            add_to_grad(model, "E", lambda dE: ops.scatter_add(dE, rows, d_rows))
            return ops.alloc(X.shape, dtype="int32")
        except Exception as error:
            locate_gradient(error, model, dY)
            raise

    return Y, backprop


def init(initializer: Callable, model: Model, X: Any = None, Y: Any = None) -> None:
    if Y is not None:
        model.set_dim("nO", get_width(Y))
    shape = (model.get_dim("nV"), model.get_dim("nO"))
    model.set_param("E", initializer(model.ops, shape))


def look_up(model: Model, E: Floats2d, X: Ints1d) -> Floats2d:
    """E[X], or an error that says which ids there are."""
    try:
        return E[X]
    except IndexError:
        if X.size == 0:  # a batch without sequences has the dtype of no ids
            return E[X.astype("int32")]
        if X.dtype.kind not in "iu":
            raise DTypeError(f"{model.name}: the ids are {X.dtype}") from None
        raise IdsError(
            f"{model.name}: the ids go from {X.min()} to {X.max()}, but nV is {len(E)}. Set nV above the largest id."
        ) from None


class IdsError(ShapeError, IndexError):
    """An id that the table has no row for."""
