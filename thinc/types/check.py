"""Check batches against the annotations of a layer's forward function."""

# ruff: noqa: UP007 (these unions are read at run time)

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import (
    Any,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from confection.typechecker import check_type

from ..errors import DTypeError, ShapeError
from ._record import Record
from .arrays import Shape

DATA_VALIDATION: ContextVar[bool] = ContextVar("DATA_VALIDATION", default=False)


class DataValidationError(ValueError):
    """The data does not fit what a layer's forward function says it takes or returns."""

    def __init__(self, name: str, X: Any, Y: Any, errors: Sequence[dict[str, Any]] = ()):
        self.name, self.X, self.Y, self.errors = name, X, Y, list(errors)
        lines = [f"Data validation error in '{name}'", f"X: {type(X)} Y: {type(Y)}"]
        lines += [
            f"{' -> '.join(str(part) for part in error.get('loc', ()))}\t{error.get('msg')}" for error in self.errors
        ]
        super().__init__("\n\n" + "\n".join(lines) + "\n")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.name, self.X, self.Y, self.errors)


@dataclass(init=False, repr=False, eq=False)
class ArrayInfo(Record):
    """What a layer remembers of an array, to recognise the matching gradient."""

    shape: Shape
    dtype: Any

    def __init__(self, shape: Shape, dtype: Any):
        self.shape, self.dtype = shape, dtype

    @classmethod
    def from_array(cls, arr: Any) -> ArrayInfo:
        return cls(shape=arr.shape, dtype=arr.dtype)

    def check_consistency(self, arr: Any) -> None:
        """Raise ValueError if `arr` has another shape or dtype."""
        if arr.shape != self.shape:
            raise ShapeError(f"Shape mismatch in backprop. Y: {self.shape}, dY: {arr.shape}. Give the gradient of Y.")
        if arr.dtype != self.dtype:
            raise DTypeError(f"Type mismatch in backprop. Y: {self.dtype}, dY: {arr.dtype}. Give dY.astype(Y.dtype).")


@contextmanager
def data_validation(validation: bool) -> Iterator[None]:
    """Switch the validation in `Model.initialize` on or off inside the block."""
    token = DATA_VALIDATION.set(validation)
    try:
        yield
    finally:
        DATA_VALIDATION.reset(token)


def validate_fwd_input_output(name: str, func: Callable[..., Any], X: Any, Y: Any) -> None:
    """Check X and Y against the annotations of `func(model, X, is_train) -> (Y, backprop)`.

    X, Y: a batch or None, which is not checked. Lists are checked on their first five items.
    Raises DataValidationError.
    """
    parameters = list(inspect.signature(func).parameters.values())
    if len(parameters) != 3:
        names = ", ".join(parameter.name for parameter in parameters)
        problem = (
            f"The forward function must take 3 arguments (model, X, is_train), but takes {len(parameters)}: {names}"
        )
        raise DataValidationError(name, X, Y, [{"loc": ("forward",), "msg": problem}])
    hints = _hints(func)
    errors = []
    X_hint = hints.get(parameters[1].name, Any)
    if X is not None and not _fits(X, X_hint):
        errors.append({"loc": ("X",), "msg": _message(X, X_hint)})
    Y_hint = hints.get("return", Any)
    if Y is not None and not _fits((_head(Y), _any_callable), Y_hint):
        errors.append({"loc": ("Y",), "msg": _message(Y, Y_hint)})
    if errors:
        raise DataValidationError(name, X, Y, errors)


def input_hint(func: Callable[..., Any], X: Any) -> tuple[Any, bool]:
    """The annotation of X in a forward function, and whether this X fits it."""
    names = list(inspect.signature(func).parameters)
    while isinstance(func, partial):
        func = func.func
    hint = _hints(func).get(names[1], Any) if len(names) > 1 else Any
    return hint, _fits(X, hint)


def describe(value: Any) -> str:
    """What came, in a few words: `float32[2, 3]`, `list of 5 float32[2, 3]`, `Ragged of float32[9, 3]`."""
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return f"{value.dtype}{list(value.shape)}"
    if hasattr(value, "data") and hasattr(value, "lengths"):
        return f"{type(value).__name__} of {describe(value.data)}"
    if isinstance(value, (list, tuple)) and len(value):
        return f"{type(value).__name__} of {len(value)} {describe(value[0])}"
    is_empty = isinstance(value, (list, tuple, dict, str)) and not value
    return f"an empty {type(value).__name__}" if is_empty else type(value).__name__


def _hints(func: Callable[..., Any]) -> dict[str, Any]:
    """The resolved annotations; one that can't be resolved stays as it is written."""
    try:
        return get_type_hints(func)
    except (NameError, TypeError, AttributeError):
        return _hints_one_by_one(func)


def _hints_one_by_one(func: Callable[..., Any]) -> dict[str, Any]:
    names = vars(sys.modules.get(func.__module__, sys))
    hints: dict[str, Any] = {}
    for key, hint in getattr(func, "__annotations__", {}).items():
        holder = type("Holder", (), {"__annotations__": {key: hint}})
        try:
            hints[key] = get_type_hints(holder, globalns=dict(names))[key]
        except (NameError, TypeError, AttributeError):
            hints[key] = Any
    return hints


def _fits(value: Any, hint: Any) -> bool:
    return bool(check_type(_head(value), _without_variables(hint)))


def _head(value: Any) -> Any:
    """Enough of a long list: checking all of it would take as long as the training."""
    return value[:5] if isinstance(value, list) else value


def _without_variables(hint: Any) -> Any:
    """`hint` with each type variable replaced by what it may stand for.

    isinstance can't answer for a variable bound to array types: no array is an
    instance of them.
    """
    if isinstance(hint, TypeVar):
        options: tuple[Any, ...] = hint.__constraints__ or ((hint.__bound__,) if hint.__bound__ else (Any,))
        return Union[tuple(_without_variables(option) for option in options)]
    origin, args = get_origin(hint), get_args(hint)
    if origin in (list, tuple) or origin is Union:
        inner = tuple(arg if arg is Ellipsis else _without_variables(arg) for arg in args)
        return {list: list, tuple: tuple}.get(origin, Union)[inner if origin is not list else inner[0]]
    return hint


def _message(value: Any, hint: Any) -> str:
    return f"expected {_text(hint)}, but got {_describe(value)}"


def _text(hint: Any) -> str:
    return (
        hint.__name__ if isinstance(hint, type) else str(hint).replace("typing.", "").replace("thinc.types.arrays.", "")
    )


def _describe(value: Any) -> str:
    dtype, shape = getattr(value, "dtype", None), getattr(value, "shape", None)
    if dtype is not None and shape is not None:
        return f"{type(value).__name__} of {dtype} {list(shape)}"
    if isinstance(value, (list, tuple)) and len(value):
        return f"{type(value).__name__} of {_describe(value[0])}"
    return type(value).__name__


def _any_callable(*args: Any, **kwargs: Any) -> Any | None:
    """Stands for the backprop callback, which does not exist before the layer runs."""
