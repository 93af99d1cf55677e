"""Carriers for calls: arguments, sized generators, values that are not saved."""

# ruff: noqa: UP007 (these unions are read at run time)

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ._record import Record

ItemT = TypeVar("ItemT")

# These two only steer the mypy plugin: the result of chain, and of add and concatenate.
XY_YZ_OutT = TypeVar("XY_YZ_OutT")
XY_XY_OutT = TypeVar("XY_XY_OutT")


@dataclass(init=False, repr=False, eq=False)
class ArgsKwargs(Record):
    """The positional and keyword arguments of a call: `f(*args, **kwargs)`."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def __init__(self, args: tuple[Any, ...], kwargs: dict[str, Any]):
        self.args, self.kwargs = args, kwargs

    @classmethod
    def from_items(cls, items: Iterable[tuple[int | str, Any]]) -> ArgsKwargs:
        """Build from `(key, value)` pairs: integer keys are positional, in the order they come."""
        args, kwargs = [], {}
        for key, value in items:
            if isinstance(key, int):
                args.append(value)
            else:
                kwargs[key] = value
        return cls(args=tuple(args), kwargs=kwargs)

    def keys(self) -> Iterable[int | str]:
        """The positions, then the names."""
        yield from range(len(self.args))
        yield from self.kwargs

    def values(self) -> Iterable[Any]:
        """The positional values, then the named ones."""
        yield from self.args
        yield from self.kwargs.values()

    def items(self) -> Iterable[tuple[int | str, Any]]:
        """`(position, value)` pairs, then `(name, value)` pairs."""
        yield from enumerate(self.args)
        yield from self.kwargs.items()


@dataclass(init=False, repr=False, eq=False)
class SizedGenerator(Record, Generic[ItemT]):
    """An iterable with a length, which begins anew each time it is iterated.

    get_items: returns a fresh iterator. length: the number of items it yields.
    """

    get_items: Callable[[], Iterator[ItemT]]
    length: int

    def __init__(self, get_items: Callable[[], Iterator[ItemT]], length: int):
        self.get_items, self.length = get_items, length

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[ItemT]:
        yield from self.get_items()


@dataclass(init=False, repr=False, eq=False)
class Unserializable(Record):
    """Wrap an attribute's value so that it is skipped when the model is saved."""

    obj: Any

    def __init__(self, obj: Any):
        self.obj = obj


def partial(func: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """As `functools.partial`, with the docstring of `func`; picklable where `func` is."""
    bound = functools.partial(func, *args, **kwargs)
    bound.__doc__ = func.__doc__
    return bound


class Generator(Iterator):
    """Annotation for arguments that are iterators; a config does not consume them."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any = None, handler: Any = None) -> dict[str, Any]:
        return {"type": "function-plain", "function": {"type": "no-info", "function": cls.validate}}

    @classmethod
    def __get_validators__(cls) -> Iterator[Callable[[Any], Any]]:
        yield cls.validate

    @classmethod
    def validate(cls, obj: Any) -> Any:
        """Return `obj` if it can be iterated; TypeError otherwise."""
        if not hasattr(obj, "__iter__") and not hasattr(obj, "__next__"):
            raise TypeError("not a valid iterator")
        return obj
