"""Look values up in a table."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy

from ..backends._known import known
from ..config import registry
from ..errors import ShapeError, UnsetError
from ..interop import is_xp_array, to_numpy
from ..model import Model
from ..types import Array2d, Ints1d, Ints2d


@registry.layers("remap_ids.v1")
def remap_ids(
    mapping_table: dict[Any, int] | None = None, default: int = 0, dtype: str = "i"
) -> Model[Sequence[Hashable], Any]:
    """Y[i, 0] = table[X[i]], or the default.  Y: (n, 1) of `dtype`."""
    table = {} if mapping_table is None else mapping_table
    return Model("remap_ids", forward, attrs={"mapping_table": table, "dtype": dtype, "default": default})


@registry.layers("remap_ids.v2")
def remap_ids_v2(
    mapping_table: dict[int, int] | None = None,
    default: int = 0,
    *,
    column: int | None = None,
) -> Model[Sequence[Any] | Ints1d | Ints2d, Ints2d]:
    """Y[i, 0] = table[X[i]], or the default.  Y: (n, 1) int32.

    column: which column of a 2d array to look up. The table may be set later, in the attrs.
    """
    attrs = {"mapping_table": mapping_table, "default": default, "column": column}
    return Model("remap_ids", forward_v2, attrs=attrs)


def forward(model: Model, X: Sequence[Hashable], is_train: bool) -> tuple[Array2d, Callable]:
    table, default = model.attrs["mapping_table"], model.attrs["default"]
    values = [table.get(x, default) for x in X]
    Y = model.ops.xp.asarray(values, dtype=model.attrs["dtype"]).reshape((-1, 1))
    return Y, lambda dY: []


def forward_v2(model: Model, X: Any, is_train: bool) -> tuple[Ints2d, Callable]:
    table, default = model.attrs["mapping_table"], model.attrs["default"]
    if table is None:
        raise UnsetError(f"Layer {model.name!r} has no mapping table. Set model.attrs['mapping_table'].")
    ids = select_ids(model, X)
    Y = model.ops.xp.asarray([table.get(x, default) for x in ids], dtype="i").reshape((-1, 1))

    def backprop(dY: Any) -> Any:
        return model.ops.alloc(X.shape, dtype="i") if is_xp_array(X) else []

    return Y, backprop


def select_ids(model, X):
    """The ids to look up as Python values, from the column of a 2d array or from a sequence."""
    if not isinstance(X, numpy.ndarray):
        if not is_xp_array(X):
            return X
        host = known(X).host  # ids that came from the host are not read back
        X = X if host is None else host
    column = model.attrs["column"]
    ids = X if column is None or X.ndim == 1 else X[:, column]
    ids = ids if isinstance(ids, numpy.ndarray) else to_numpy(ids)
    if ids.ndim != 1:
        raise _TwoColumns(f"Layer {model.name!r} got ids of shape {ids.shape}. Say which `column` to look up.")
    return ids.tolist()


class _TwoColumns(ShapeError, TypeError):
    """Rows can't be looked up; upstream fails with a TypeError here."""
