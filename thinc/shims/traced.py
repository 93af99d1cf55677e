"""Take the arrays out of nested inputs, and put others in: compilers take flat lists."""

import threading
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

from ..errors import ContainerError
from ..interop import convert_recursive, is_floating
from ..types import ArgsKwargs


class Slot:
    """The place of an array in a structure, and whether it can have a gradient."""

    def __init__(self, index: int, is_float: bool):
        self.index, self.is_float = index, is_float


class Structure:
    """Containers with slots in place of their arrays, and where the arrays go.

    floats, others: the arrays that can have a gradient, and the rest.
    """

    def __init__(self, value: Any, is_array: Callable[[Any], bool]):
        self.floats: list[Any] = []
        self.others: list[Any] = []
        self.skeleton = convert_recursive(is_array, self._slot, value)

    def _slot(self, array: Any) -> Slot:
        kind = self.floats if is_floating(array) else self.others
        kind.append(array)
        return Slot(len(kind) - 1, kind is self.floats)

    def forget(self) -> "Structure":
        """Without the arrays, which are tracers or large."""
        self.floats, self.others = [], []
        return self

    def filled(self, floats: Any, others: Any) -> Any:
        """The containers with these arrays; None for all of a kind where that is None."""

        def fill(slot: Slot) -> Any:
            kind = floats if slot.is_float else others
            return None if kind is None else kind[slot.index]

        return convert_recursive(_is_slot, fill, self.skeleton)


class Latest:
    """What was made for the keys used last, at most `most` of them; safe in threads."""

    def __init__(self, most: int):
        self._most = most
        self._kept: dict[Any, Any] = {}
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Any, make: Callable[[], Any]) -> Any:
        with self._lock:
            found = self._kept.pop(key, None)
            if found is None:
                found = make()
            self._kept[key] = found  # the last in the order
            if len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]
            return found


def signature(value: Any, is_array: Callable[[Any], bool], describe: Callable[[Any], Any]) -> Any:
    """What a compiled program depends on: containers, plain values, and what `describe` says of the arrays.

    Raises ContainerError for a value that can't be compared.
    """
    if is_array(value):
        return describe(value)
    if isinstance(value, (list, tuple)):
        return type(value), tuple(signature(each, is_array, describe) for each in value)
    if isinstance(value, (dict, ArgsKwargs)):
        return type(value), tuple((key, signature(each, is_array, describe)) for key, each in value.items())
    if is_dataclass(value) and not isinstance(value, type):
        parts = ((field.name, getattr(value, field.name)) for field in fields(value))
        return type(value), tuple((name, signature(each, is_array, describe)) for name, each in parts)
    try:
        hash(value)
    except TypeError as error:
        raise ContainerError(
            f"A wrapped model can't be compiled for an input of {type(value).__name__}: it has no hash. Give arrays, "
            "numbers and strings."
        ) from error
    return type(value), value


def _is_slot(value: Any) -> bool:
    return type(value) is Slot
