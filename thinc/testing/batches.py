"""Reach every array of a batch, whatever container it comes in."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from ..interop.structures import rebuilt
from ..types import ArgsKwargs, Padded, Pairs, Ragged


def each_array(change: Callable[[Any], Any], batch: Any) -> Any:
    """The batch with each array replaced by `change(array)`; everything else is kept."""
    again = partial(each_array, change)
    if isinstance(batch, Ragged):
        return Ragged(change(batch.dataXd), change(batch.lengths))
    if isinstance(batch, Padded):
        return Padded(*map(change, (batch.data, batch.size_at_t, batch.lengths, batch.indices)))
    if isinstance(batch, Pairs):
        return Pairs(again(batch.one), again(batch.two))
    if isinstance(batch, ArgsKwargs):
        return ArgsKwargs(again(batch.args), again(batch.kwargs))
    if isinstance(batch, (list, tuple)):
        return rebuilt(batch, [again(item) for item in batch])
    if isinstance(batch, dict):
        return {key: again(item) for key, item in batch.items()}
    return change(batch) if is_array(batch) else batch


def is_array(value: Any) -> bool:
    return hasattr(value, "dtype") and hasattr(value, "shape")


def is_float(array: Any) -> bool:
    return getattr(array.dtype, "kind", "") == "f"


def named_arrays(batch: Any, name: str) -> Iterator[tuple[str, Any]]:
    """(name, array) for each array: `X`, `X[0]`, `X.data`, `X.lengths`."""
    if isinstance(batch, Ragged):
        yield from ((f"{name}.data", batch.dataXd), (f"{name}.lengths", batch.lengths))
    elif isinstance(batch, Padded):
        for field in ("data", "size_at_t", "lengths", "indices"):
            yield f"{name}.{field}", getattr(batch, field)
    elif isinstance(batch, Pairs):
        yield from named_arrays(batch.one, f"{name}.one")
        yield from named_arrays(batch.two, f"{name}.two")
    elif isinstance(batch, ArgsKwargs):
        yield from named_arrays(batch.args, f"{name}.args")
        yield from named_arrays(batch.kwargs, f"{name}.kwargs")
    elif isinstance(batch, (list, tuple)):
        for i, item in enumerate(batch):
            yield from named_arrays(item, f"{name}[{i}]")
    elif isinstance(batch, dict):
        for key, item in batch.items():
            yield from named_arrays(item, f"{name}[{key!r}]")
    elif is_array(batch):
        yield name, batch


def named_floats(batch: Any, name: str) -> list[tuple[str, Any]]:
    """The arrays of floats: those that can have a gradient."""
    return [(path, array) for path, array in named_arrays(batch, name) if is_float(array)]
