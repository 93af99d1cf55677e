"""Encode to msgpack with arrays; decode it within bounds.

Source: the msgpack specification, plus the array maps of the upstream file format.
An array is a map with five binary keys: nd (True), type (`dtype.str`), kind (empty),
shape and data (C order).
"""

import re
import struct
from collections.abc import Callable
from typing import Any

import numpy

from ..errors import DTypeError, LoadError

MAX_DEPTH = 500
# What one object takes in CPython, its place in a list included; in the file it is one byte or more.
# A budget that grows with the file keeps 8 MB of empty lists from taking 1 GB.
COST_OF_CONTAINER, COST_OF_TEXT, COST_OF_NUMBER = 88, 72, 40
FREE_MEMORY = 24 << 20
PER_BYTE = 3
MAX_AXES = 32
_DTYPE = r"[<>|=](?:b1|[iu][1248]|f(?:2|4|8|16)|c(?:8|16|32)|[SU][1-9]\d{0,5}|[mM]8(?:\[\w{1,8}\])?)"
_ARRAY_KEYS = {b"nd", b"type", b"kind", b"shape", b"data"}


def dumps(obj: Any) -> bytes:
    """The msgpack bytes of plain data and arrays.

    Raises TypeError for anything else, OverflowError for ints beyond 64 bits.
    """
    import msgpack  # only who saves pays for it

    data: Any = msgpack.packb(obj, default=_encode, use_bin_type=True)
    return data


def loads(data: Any, *, per_byte: int = PER_BYTE) -> Any:
    """The one object that `data` holds; arrays are read-only.

    per_byte: memory that its objects may take for each byte of data, beside 24 MB.
    Raises LoadError for anything that is not exactly one well-formed document within it.
    """
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError(f"loads: expected bytes, got {type(data).__name__}")
    data = bytes(data)
    return _Reader(data, FREE_MEMORY + per_byte * len(data)).read_document()


def _encode(obj: Any) -> Any:
    """What msgpack should write in place of an object it does not know."""
    if hasattr(obj, "get") and type(obj).__module__.split(".")[0] == "cupy":
        obj = obj.get()
    if isinstance(obj, numpy.ndarray):
        _check_dtype(obj.dtype)
        if obj.nbytes >= 2**32:
            raise DTypeError(f"msgpack: an array of {obj.nbytes} bytes is beyond the format's 4 GiB; save it in parts")
        return {
            b"nd": True,
            b"type": obj.dtype.str,
            b"kind": b"",
            b"shape": obj.shape,
            b"data": obj.tobytes(),
        }
    if isinstance(obj, (numpy.bool_, numpy.number)):
        return {b"nd": False, b"type": obj.dtype.str, b"data": obj.tobytes()}
    if isinstance(obj, complex):
        return {b"complex": True, b"data": repr(obj)}
    if isinstance(obj, int):
        raise OverflowError(f"msgpack: an int of {obj.bit_length()} bits is beyond the format's 64; use a string")
    raise TypeError(f"msgpack: can't serialize {type(obj).__name__}; use plain data or arrays")


def _check_dtype(dtype: numpy.dtype) -> None:
    """Refuse what could not be loaded again: objects would be written as addresses."""
    if dtype.kind in "OV" or not re.fullmatch(_DTYPE, dtype.str):
        raise DTypeError(f"msgpack: can't serialize an array of dtype {dtype}; use plain numbers")


class _Frame:
    """A container that waits for its items; `key` waits for its value."""

    __slots__ = ("items", "left", "key", "is_map")

    def __init__(self, is_map: bool, left: int):
        self.is_map, self.left, self.key = is_map, left, _NO_KEY
        self.items: Any = {} if is_map else []


_NO_KEY = object()


class _Reader:
    """Read one document with a stack of our own, so that depth costs no recursion."""

    def __init__(self, data: bytes, memory: int):
        self.data, self.at = data, 0
        self.memory = self.left = memory  # bytes that the objects may take

    def read_document(self) -> Any:
        stack: list[_Frame] = []
        while True:
            value = self.read_value()
            if isinstance(value, _Frame):
                if value.left:
                    stack.append(value)
                    if len(stack) > MAX_DEPTH:
                        raise self.error(f"more than {MAX_DEPTH} levels deep")
                    continue
                value = value.items
            while stack:
                frame = stack[-1]
                self.add(frame, value)
                if frame.left:
                    break
                stack.pop()
                value = self.finish(frame)
            else:
                if self.at != len(self.data):
                    raise self.error(f"{len(self.data) - self.at} bytes after the end")
                return value

    def read_value(self) -> Any:
        """A scalar, or the frame of a container whose items follow."""
        tag = self.take(1)[0]
        if tag < 0x80:
            return tag
        if tag >= 0xE0:
            return tag - 0x100
        if tag < 0x90:
            return self.open(True, tag & 0x0F)
        if tag < 0xA0:
            return self.open(False, tag & 0x0F)
        if tag < 0xC0:
            return self.text(tag & 0x1F)
        if tag in _CONSTANTS:
            return _CONSTANTS[tag]
        if tag in _NUMBERS:
            form, size = _NUMBERS[tag]
            self.charge(COST_OF_NUMBER)
            return struct.unpack(form, self.take(size))[0]
        if tag in _SIZED:
            method, size = _SIZED[tag]
            return method(self, int.from_bytes(self.take(size), "big"))
        raise self.error(f"0x{tag:02x} starts no value that we know")

    def take(self, size: int) -> bytes:
        end = self.at + size
        if end > len(self.data):
            raise self.error(f"{size} bytes promised, {len(self.data) - self.at} left")
        taken, self.at = self.data[self.at : end], end
        return taken

    def open(self, is_map: bool, length: int) -> _Frame:
        if length * (1 + is_map) > len(self.data) - self.at:
            raise self.error(f"{length} items promised, {len(self.data) - self.at} bytes left")
        self.charge(COST_OF_CONTAINER)
        return _Frame(is_map, length)

    def open_list(self, length: int) -> _Frame:
        return self.open(False, length)

    def open_map(self, length: int) -> _Frame:
        return self.open(True, length)

    def text(self, size: int) -> str:
        self.charge(COST_OF_TEXT)
        try:
            return self.take(size).decode("utf8")
        except UnicodeDecodeError as error:
            raise self.error("a string is not UTF-8") from error

    def binary(self, size: int) -> bytes:
        self.charge(COST_OF_TEXT)
        return self.take(size)

    def charge(self, cost: int) -> None:
        self.left -= cost
        if self.left < 0:
            raise self.error(f"its objects would take more than {self.memory >> 20} MB of memory")

    def add(self, frame: _Frame, value: Any) -> None:
        if not frame.is_map:
            frame.items.append(value)
        elif frame.key is _NO_KEY:
            if not isinstance(value, (str, bytes, int, float, type(None))):
                raise self.error(f"a map has a key of type {type(value).__name__}")
            if value in frame.items:
                raise self.error(f"a map has the key {value!r:.80} twice")
            frame.key = value
            return
        else:
            frame.items[frame.key] = value
            frame.key = _NO_KEY
        frame.left -= 1

    def finish(self, frame: _Frame) -> Any:
        """The complete container; the maps that stand for arrays become arrays."""
        items = frame.items
        if not frame.is_map:
            return items
        try:
            if b"nd" in items:
                return _decode_array(items)
            if b"complex" in items:
                return complex(items[b"data"])
        except LoadError as error:
            raise self.error(error.reason) from None
        except (KeyError, TypeError, ValueError) as error:
            raise self.error(f"a number or array is malformed ({error})") from error
        return items

    def error(self, reason: str) -> LoadError:
        return LoadError(f"byte {self.at}", reason)


def _decode_array(items: dict[bytes, Any]) -> Any:
    """An array or numpy scalar; the size is computed before anything is allocated."""
    if not set(items) <= _ARRAY_KEYS or type(items[b"nd"]) is not bool:
        raise LoadError("array", "an array has unknown keys")
    name, data = items.get(b"type"), items.get(b"data")
    if not isinstance(name, str) or len(name) > 16 or not re.fullmatch(_DTYPE, name):
        raise LoadError("array", f"an array has the dtype {name!r:.80}, which is not plain numbers")
    if items.get(b"kind", b"") not in (b"", "") or not isinstance(data, bytes):
        raise LoadError("array", "an array is structured, or its data are no bytes")
    dtype = numpy.dtype(name)
    if not items[b"nd"]:
        shape: tuple[int, ...] = ()
    else:
        shape = _check_shape(items.get(b"shape"))
    size = dtype.itemsize
    for length in shape:
        size *= length
    if size != len(data) or any(length >= 2**62 for length in shape):
        raise LoadError("array", f"shape {shape} of {name} takes {size} bytes, got {len(data)}")
    array = numpy.ndarray(shape, dtype, buffer=data)
    return array if items[b"nd"] else array[()]


def _check_shape(shape: Any) -> tuple[int, ...]:
    if not isinstance(shape, list) or len(shape) > MAX_AXES:
        raise LoadError("array", "the shape of an array is not a short list")
    if any(type(length) is not int or length < 0 for length in shape):
        raise LoadError("array", f"the shape {shape!r:.80} of an array has an impossible length")
    if 0 in shape and max(shape) > 2**31:
        raise LoadError("array", f"the shape {shape!r:.80} of an empty array is too long")
    return tuple(shape)


_CONSTANTS = {0xC0: None, 0xC2: False, 0xC3: True}
_NUMBERS: dict[int, tuple[str, int]] = {
    0xCA: (">f", 4), 0xCB: (">d", 8),
    0xCC: (">B", 1), 0xCD: (">H", 2), 0xCE: (">I", 4), 0xCF: (">Q", 8),
    0xD0: (">b", 1), 0xD1: (">h", 2), 0xD2: (">i", 4), 0xD3: (">q", 8),
}  # fmt: skip
_SIZED: dict[int, tuple[Callable, int]] = {
    0xC4: (_Reader.binary, 1), 0xC5: (_Reader.binary, 2), 0xC6: (_Reader.binary, 4),
    0xD9: (_Reader.text, 1), 0xDA: (_Reader.text, 2), 0xDB: (_Reader.text, 4),
    0xDC: (_Reader.open_list, 2), 0xDD: (_Reader.open_list, 4),
    0xDE: (_Reader.open_map, 2), 0xDF: (_Reader.open_map, 4),
}  # fmt: skip
