"""Find and convert the arrays inside nested lists, tuples, dicts and ArgsKwargs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

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
        return _rebuilt(obj, converted)
    if isinstance(obj, (list, tuple)):
        return _rebuilt(obj, [convert_recursive(is_match, convert_item, item) for item in obj])
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


def _rebuilt(original: Any, contents: Any) -> Any:
    """`contents` in a container of the type of `original`."""
    kind = type(original)
    if kind in (list, dict):
        return contents
    if hasattr(original, "_make"):  # a namedtuple takes its fields one by one
        return kind._make(contents)
    if hasattr(original, "default_factory"):
        return kind(original.default_factory, contents)
    return kind(contents)
