"""Find and convert the arrays inside nested lists, tuples, dicts, dataclasses and ArgsKwargs."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from ..errors import ContainerError
from ..types import ArgsKwargs


def convert_recursive(is_match: Callable[[Any], bool], convert_item: Callable[[Any], Any], obj: Any) -> Any:
    """`obj` with each matching leaf converted; the containers keep their types.

    Keys of dicts are converted too. Values that neither match nor contain any are kept.
    """
    if is_match(obj):
        return convert_item(obj)
    if isinstance(obj, ArgsKwargs):
        items = convert_recursive(is_match, convert_item, list(obj.items()))
        return type(obj).from_items(items)
    if isinstance(obj, dict):
        converted = {
            convert_recursive(is_match, convert_item, key): convert_recursive(is_match, convert_item, value)
            for key, value in obj.items()
        }
        return rebuilt(obj, converted)
    if isinstance(obj, (list, tuple)):
        return rebuilt(obj, [convert_recursive(is_match, convert_item, item) for item in obj])
    if is_dataclass(obj) and not isinstance(obj, type):
        old = dict(_fields_of(obj))
        new = {name: convert_recursive(is_match, convert_item, value) for name, value in old.items()}
        return _refilled(obj, new) if any(new[name] is not old[name] for name in old) else obj
    return obj


def iterate_recursive(is_match: Callable[[Any], bool], obj: Any) -> Iterator[Any]:
    """Yield the matching leaves, in order; of a dict, each key before its value."""
    if is_match(obj):
        yield obj
    elif isinstance(obj, (dict, ArgsKwargs)):
        for key, value in obj.items():
            yield from iterate_recursive(is_match, key)
            yield from iterate_recursive(is_match, value)
    elif isinstance(obj, (list, tuple)):
        for item in obj:
            yield from iterate_recursive(is_match, item)
    elif is_dataclass(obj) and not isinstance(obj, type):
        for _, value in _fields_of(obj):
            yield from iterate_recursive(is_match, value)


def pair_recursive(
    is_match: Callable[[Any], bool], pair: Callable[[Any, Any, str], Any], obj: Any, other: Any, path: str = ""
) -> Any:
    """`obj` with each matching leaf replaced by `pair(leaf, its partner in other, path)`.

    other: has the structure of obj; None anywhere stands for None at every leaf below.
    path: what `obj` is called; its parts are `{path}[1].hidden['mask']`.
    What does not match is kept; keys of dicts are never replaced.

    Raises ContainerError where the structures part.
    """
    if is_match(obj):
        return pair(obj, other, path)
    parts = _parts(obj)
    if not parts:
        return obj
    found = _partners(obj, other)
    if found is None or not set(parts) >= set(found):
        came = f"{type(other).__name__}{list(_parts(other)) or ''}"
        raise ContainerError(
            f"{path}: got {came} for {type(obj).__name__}{list(parts)}. Give it one value, or None, for each part."
        )
    new = {
        key: pair_recursive(is_match, pair, value, found.get(key), path + _step(obj, key))
        for key, value in parts.items()
    }
    if isinstance(obj, ArgsKwargs):
        return type(obj).from_items(new.items())
    if isinstance(obj, dict):
        return rebuilt(obj, new)
    return rebuilt(obj, list(new.values())) if isinstance(obj, (list, tuple)) else _refilled(obj, new)


def _parts(obj: Any) -> dict[Any, Any]:
    """The items of a container under their keys, positions or names; {} for a leaf."""
    if isinstance(obj, (dict, ArgsKwargs)):
        return dict(obj.items())
    if isinstance(obj, (list, tuple)):
        return dict(enumerate(obj))
    return dict(_fields_of(obj)) if is_dataclass(obj) and not isinstance(obj, type) else {}


def _partners(obj: Any, other: Any) -> dict[Any, Any] | None:
    """The parts of `other` if it is the same kind of container; a shorter sequence is not."""
    if other is None:
        return {}
    if isinstance(obj, (list, tuple)):
        fits = isinstance(other, (list, tuple)) and len(other) == len(obj)
    elif isinstance(obj, (dict, ArgsKwargs)):
        fits = isinstance(other, dict if isinstance(obj, dict) else ArgsKwargs)
    else:
        # The gradients of a dataclass may come in the same class or as a dict of its fields.
        fits = isinstance(other, (dict, type(obj)))
    return _parts(other) if fits else None


def _step(obj: Any, key: Any) -> str:
    return f".{key}" if is_dataclass(obj) and not isinstance(obj, (dict, ArgsKwargs)) else f"[{key!r}]"


def _fields_of(obj: Any) -> list[tuple[str, Any]]:
    return [(field.name, getattr(obj, field.name)) for field in fields(obj) if hasattr(obj, field.name)]


def _refilled(obj: Any, values: dict[str, Any]) -> Any:
    """A copy of a dataclass with other values, frozen or not, without its __post_init__."""
    new = copy.copy(obj)
    for name, value in values.items():
        object.__setattr__(new, name, value)
    return new


def rebuilt(original: Any, contents: Any) -> Any:
    """`contents` in a container of the type of `original`."""
    kind = type(original)
    if kind in (list, dict):
        return contents
    if hasattr(original, "_make"):  # a namedtuple takes its fields one by one
        return kind._make(contents)
    if hasattr(original, "default_factory"):
        return kind(original.default_factory, contents)
    if isinstance(original, dict) and is_dataclass(kind):
        return kind(**contents)  # a dict whose keys are fields, as model outputs of transformers
    return kind(contents)
