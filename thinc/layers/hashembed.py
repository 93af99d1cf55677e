"""Look up learned vectors for ids from an open vocabulary."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ..config import registry
from ..errors import ShapeError
from ..initializers import uniform_init
from ..model import Model
from ..model.gradients import add_to_grad
from ..types import Floats2d, Ints1d
from .array_getitem import ints_getitem
from .chain import chain
from .dropout import multiply


@registry.layers("HashEmbed.v1")
def HashEmbed(
    nO: int,
    nV: int,
    *,
    seed: int | None = None,
    column: int | None = None,
    initializer: Callable | None = None,
    dropout: float | None = None,
) -> Model[Any, Floats2d]:
    """Y[n] = Σ E[hashₖ(X[n]) mod nV] over four hashes k, times a dropout mask (nO,).

    X: (n,) ids, any integer, or (n, columns) with `column`; Y: (n, nO).
    Parameter E: (nV, nO).  Svenstrup et al. 2017, arXiv:1709.03933.
    """
    attrs: dict[str, Any] = {"column": column, "seed": seed}
    if dropout is not None:
        attrs["dropout_rate"] = dropout
    model: Model = Model(
        "hashembed",
        forward,
        init=partial(init, initializer or uniform_init),
        attrs=attrs,
        dims={"nO": nO, "nV": nV, "nI": None},
        params={"E": None},
    )
    if seed is None:
        model.attrs["seed"] = model.id
    if column is not None:
        model = chain(ints_getitem((slice(0, None), column)), model)
        model.attrs["column"] = column
    return model


def forward(model: Model, X: Ints1d, is_train: bool) -> tuple[Floats2d, Callable]:
    if X.ndim != 1:
        raise ShapeError(
            f"{model.name}: ids must be 1-d, got {X.dtype}{list(X.shape)}. "
            f"Select a column with HashEmbed(..., column=k)."
        )
    ops, E = model.ops, model.get_param("E")
    Y, rows = ops.hash_embed(E, X, model.attrs["seed"])
    rate = model.attrs.get("dropout_rate")
    mask = ops.get_dropout_mask((E.shape[1],), rate) if is_train and rate else None

    def backprop(dY: Floats2d) -> Ints1d:
        d_rows = dY if mask is None else multiply(ops, dY, mask)
        add_to_grad(model, "E", lambda dE: ops.backprop_hash_embed(d_rows, rows, dE))
        return ops.alloc(X.shape, dtype="int32")

    return (Y if mask is None else multiply(ops, Y, mask)), backprop


def init(initializer: Callable, model: Model, X: Any = None, Y: Any = None) -> None:
    shape = (model.get_dim("nV"), model.get_dim("nO"))
    model.set_param("E", initializer(model.ops, shape))
