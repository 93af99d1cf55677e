"""Attributes: save, load, check and change them."""

import math
from collections.abc import Iterable
from functools import singledispatch
from typing import Any

import numpy

from .. import serialization
from .checks import check_rate
from .tree import walk

# Values outside of these kill a process (windows, padding) or the numbers (rates, temperatures).
_RANGES: dict[str, tuple[float, float]] = {
    "dropout_rate": (0.0, 1.0),
    "window_size": (0, 100_000),
    "pad": (0, 100_000),
    "softmax_temperature": (1e-30, 1e30),
    "column": (-(2**31), 2**31 - 1),
    "seed": (0, 2**32 - 1),
}
OF_TABLES = 16  # memory for each byte of an attr: a table of a million words takes that much
_WHOLE = {"window_size", "pad", "column", "seed"}


@singledispatch
def serialize_attr(_: Any, value: Any, name: str, model: Any) -> bytes:
    """The bytes of an attr; register other types of `value` with `.register`."""
    return serialization.dumps(value)


@singledispatch
def deserialize_attr(_: Any, value: Any, name: str, model: Any) -> Any:
    """The attr from its bytes; dispatches on the type of the model's present value."""
    return serialization.loads(value, per_byte=OF_TABLES)


def set_dropout_rate(model: Any, drop: float, attrs: Iterable[str] = ("dropout_rate",)) -> Any:
    """Set the rate (a probability in [0, 1], else ValueError) wherever the tree has one of the attrs."""
    check_rate(drop)
    for node in walk(model):
        for name in attrs:
            if name in node.attrs:
                node.attrs[name] = drop
    return model


def change_attr_values(model: Any, mapping: dict[str, dict[str, Any]]) -> Any:
    """Set attrs that exist, by {name of node: {attr: value}}."""
    for node in walk(model):
        for name, value in mapping.get(node.name, {}).items():
            if name in node.attrs:
                node.attrs[name] = value
    return model


def find_fault(name: str, value: Any, default: Any) -> str | None:
    """Why a loaded value can't take the place of the present one, or None.

    Only plain types are compared: what a registered deserializer makes is its own affair.
    """
    low, high = _RANGES.get(name, (-math.inf, math.inf))
    if name in _RANGES and (_is_number(default) or default is None and _is_number(value)):
        if not _is_number(value) or not low <= value <= high:
            return f"expected a number from {low} to {high}, got {value!r:.80}"
        if name in _WHOLE and not _is_int(value):
            return f"expected a whole number, got {value!r:.80}"
        return None
    for kind, accepts in _KINDS:
        if kind(default):
            if not accepts(value):
                return f"expected {type(default).__name__}, got {value!r:.80}"
            if _is_number(value) and value != value and default == default:  # only NaN differs from itself
                return "the value is not a number (NaN)"
            return None
    return None


def _is_bool(value: Any) -> bool:
    return isinstance(value, (bool, numpy.bool_))


def _is_int(value: Any) -> bool:
    return isinstance(value, (int, numpy.integer)) and not _is_bool(value)


def _is_number(value: Any) -> bool:
    return _is_int(value) or isinstance(value, (float, numpy.floating))


def _is_text(value: Any) -> bool:
    return type(value) is str


def _is_bytes(value: Any) -> bool:
    return type(value) is bytes


def _is_sequence(value: Any) -> bool:
    return type(value) in (list, tuple)


def _is_dict(value: Any) -> bool:
    return type(value) is dict


def _is_array(value: Any) -> bool:
    return isinstance(value, numpy.ndarray)


# Does the default belong to the kind; does the value. A float may be saved as an int.
_KINDS = (
    (_is_bool, _is_bool),
    (_is_int, _is_int),
    (_is_number, _is_number),
    (_is_text, _is_text),
    (_is_bytes, _is_bytes),
    (_is_sequence, _is_sequence),
    (_is_dict, _is_dict),
    (_is_array, _is_array),
)
