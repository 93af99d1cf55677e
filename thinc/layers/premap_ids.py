"""Look integers up in a fixed table."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ..config import registry
from ..errors import DTypeError
from ..interop import is_xp_array
from ..model import Model
from ..types import Ints1d, Ints2d
from .remap_ids import select_ids


@registry.layers("premap_ids.v1")
def premap_ids(
    mapping_table: Mapping[int, int], default: int = 0, *, column: int | None = None
) -> Model[Sequence[int] | Ints1d | Ints2d, Ints2d]:
    """Y[i, 0] = table[X[i]], or the default.  Y: (n, 1) int32.

    column: which column of a 2d array to look up. The table is not saved with the model.
    """
    attrs = {
        "mapping_table": IdTable(mapping_table),
        "default": default,
        "column": column,
    }
    return Model("premap_ids", forward, attrs=attrs)


def forward(model: Model, X: Any, is_train: bool) -> tuple[Ints2d, Callable]:
    default, look_up = model.attrs["default"], model.attrs["mapping_table"].get
    values = [look_up(x, default) for x in map(int, select_ids(model, X))]
    Y = model.ops.xp.asarray(values, dtype="i").reshape((-1, 1))

    def backprop(dY: Any) -> Ints1d:
        return model.ops.alloc(X.shape if is_xp_array(X) else (len(X),), dtype="i")

    return Y, backprop


class IdTable(Mapping):
    """Integers by integers. It can't be changed, and no file takes it: every model makes its own."""

    def __init__(self, table: Mapping[int, int]):
        for item in (item for pair in table.items() for item in pair):
            if not isinstance(item, int):
                raise DTypeError(
                    f"The table of premap_ids contains {item!r}, a {type(item).__name__}. "
                    "Give it Python integers as keys and values."
                )
        self._values = dict(table)
        self.get = self._values.get  # Mapping's own runs through Python for each id

    def __getitem__(self, key: int) -> int:
        return self._values[key]

    def __iter__(self) -> Iterator[int]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"IdTable({self._values!r})"
