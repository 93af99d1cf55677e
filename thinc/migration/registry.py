"""Which function converts which class of torch modules."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_converters: dict[Any, Callable] = {}


class CantConvert(Exception):
    """Raised by a converter: the module is wrapped, and the text says why."""


@dataclass(frozen=True)
class Place:
    """Where a converter stands.

    path: of the module below the one that was given, "encoder.0" for instance.
    sequences: what the native model takes, "arrays" or "ragged".
    child: name -> Part, converts the submodule of that name.
    """

    path: str
    sequences: str
    child: Callable[[str], Any]


def converts(*classes: Any) -> Callable:
    """Decorate `convert(module, place) -> Part` for classes of modules.

    classes: the classes themselves, or names like "torch.nn.Linear" for those that are not to
    be imported yet. A subclass with a `forward` of its own needs a converter of its own.
    """

    def register(convert: Callable) -> Callable:
        _converters.update(dict.fromkeys(classes, convert))
        return convert

    return register


def find_converter(cls: type) -> Callable | None:
    """The converter of the first class in the line of ancestors that computes what `cls` does."""
    for ancestor in cls.__mro__:
        if getattr(ancestor, "forward", None) is not getattr(cls, "forward", None):
            return None
        for key in (ancestor, f"{ancestor.__module__}.{ancestor.__qualname__}", _public_name(ancestor)):
            if key in _converters:
                return _converters[key]
    return None


def _public_name(cls: type) -> str:
    return f"torch.nn.{cls.__name__}" if cls.__module__.startswith("torch.nn.modules.") else ""
