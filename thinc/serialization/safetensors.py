"""Read and write the safetensors format: a JSON header, then the bytes of the tensors.

Source: the format description of huggingface/safetensors.  The header is a map from the name of
a tensor to its dtype, shape and place; tensors are little-endian, in C order, without gaps.
Nothing in such a file is ever run.
"""

import json
import math
from typing import Any, NamedTuple

from ..errors import DTypeError, LoadError

MAX_HEADER = 100_000_000  # bytes, the limit of the format
MAX_AXES = 32
# A list costs 56 bytes in memory and two in the file; a tensor needs three brackets in 50 bytes.
BYTES_PER_BRACKET = 4
_DTYPES = {  # the format's name -> (ours, bytes of one element)
    "BOOL": ("bool", 1),
    "U8": ("uint8", 1), "I8": ("int8", 1), "U16": ("uint16", 2), "I16": ("int16", 2),
    "U32": ("uint32", 4), "I32": ("int32", 4), "U64": ("uint64", 8), "I64": ("int64", 8),
    "F16": ("float16", 2), "F32": ("float32", 4), "F64": ("float64", 8), "C64": ("complex64", 8),
    "BF16": ("bfloat16", 2), "F8_E4M3": ("float8_e4m3fn", 1), "F8_E5M2": ("float8_e5m2", 1),
}  # fmt: skip
_CODES = {name: code for code, (name, _) in _DTYPES.items()}


class Tensor(NamedTuple):
    """dtype: "float32", "bfloat16".  data: the values in C order, little-endian."""

    dtype: str
    shape: list[int]
    data: bytes


def encode(tensors: dict[str, Tensor]) -> bytes:
    """The contents of a file with these tensors.

    Raises DTypeError for a dtype that the format lacks.
    """
    for name, tensor in tensors.items():
        if tensor.dtype not in _CODES:
            raise DTypeError(f"safetensors: '{name}' is of {tensor.dtype}. The format knows {', '.join(_CODES)}.")
    # Wide elements first: each tensor then starts at a multiple of its element.
    order = sorted(tensors, key=lambda name: (-_DTYPES[_CODES[tensors[name].dtype]][1], name))
    header, end = {}, 0
    for name in order:
        kind, shape, data = tensors[name]
        header[name] = {"dtype": _CODES[kind], "shape": shape, "data_offsets": [end, end + len(data)]}
        end += len(data)
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode("utf8")
    text += b" " * (-len(text) % 8)
    return b"".join([len(text).to_bytes(8, "little"), text, *(tensors[name].data for name in order)])


def decode(data: bytes) -> dict[str, Tensor]:
    """The tensors of a file.

    Raises LoadError for anything that is not exactly one well-formed file.
    """
    header, start = _read_header(data)
    tensors: dict[str, Tensor] = {}
    places: list[tuple[int, int, str]] = []
    for name, entry in header.items():
        if name == "__metadata__":
            _check_metadata(entry)
        else:
            kind, shape, begin, end = _check_entry(name, entry)
            tensors[name] = Tensor(kind, shape, data[start + begin : start + end])
            places.append((begin, end, name))
    _check_places(places, len(data) - start)
    return tensors


def _read_header(data: bytes) -> tuple[dict[str, Any], int]:
    """The header, and where the bytes of the tensors start."""
    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or size > min(MAX_HEADER, len(data) - 8):
        raise LoadError("header", f"{size} bytes promised, {max(0, len(data) - 8)} left, {MAX_HEADER} allowed")
    text = data[8 : 8 + size]
    if not text.startswith(b"{") or text.count(b"[") + text.count(b"{") > 64 + size // BYTES_PER_BRACKET:
        raise LoadError("header", "this is no map of tensors")
    try:
        header = json.loads(text.decode("utf8"), object_pairs_hook=_without_twins)
    except (ValueError, RecursionError) as error:
        raise LoadError("header", f"this is no JSON: {error!s:.200}") from error
    return header, 8 + size


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name comes twice")
    return found


def _check_metadata(entry: Any) -> None:
    """Strings alone, as in the reference implementation."""
    if not isinstance(entry, dict) or not all(isinstance(value, str) for value in entry.values()):
        raise LoadError("__metadata__", "expected a map from strings to strings")


def _check_entry(name: str, entry: Any) -> tuple[str, list[int], int, int]:
    """(dtype, shape, first byte, byte behind the last)"""
    path = f"tensors[{name!r:.80}]"
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise LoadError(path, "expected dtype, shape and data_offsets")
    if not isinstance(entry["dtype"], str) or entry["dtype"] not in _DTYPES:
        raise LoadError(path, f"unknown dtype {entry['dtype']!r:.80}")
    kind, width = _DTYPES[entry["dtype"]]
    shape, places = entry["shape"], entry["data_offsets"]
    if not _are_sizes(shape) or len(shape) > MAX_AXES:
        raise LoadError(path, f"impossible shape {shape!r:.80}")
    if not _are_sizes(places) or len(places) != 2 or places[0] > places[1]:
        raise LoadError(path, f"impossible place {places!r:.80}")
    size = width * math.prod(shape)
    if size != places[1] - places[0]:
        raise LoadError(path, f"{places[1] - places[0]} bytes for {size}")
    return kind, shape, places[0], places[1]


def _are_sizes(values: Any) -> bool:
    return isinstance(values, list) and all(type(value) is int and 0 <= value < 2**62 for value in values)


def _check_places(places: list[tuple[int, int, str]], size: int) -> None:
    """Every byte belongs to one tensor: none to two, none to nobody."""
    reached = 0
    for begin, end, name in sorted(places):
        if begin != reached:
            raise LoadError(f"tensors[{name!r:.80}]", f"it starts at byte {begin}, the one before ends at {reached}")
        reached = end
    if reached != size:
        raise LoadError("tensors", f"{reached} bytes of tensors promised, {size} in the file")
