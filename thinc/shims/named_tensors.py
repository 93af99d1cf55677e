"""Named tensors of any framework as rows of plain data, and back.

A row is [name, dtype, shape, bytes], the bytes in C order and little-endian.  A tensor that
does not fit into one msgpack bin has a list of chunks in place of its bytes.
"""

import math
import re
import sys
from typing import Any

import numpy

from ..errors import LoadError
from ..interop import Framework, dtype_name

CHUNK = 2**31  # bytes; one msgpack bin holds less than 4 GiB
# Not `numpy.dtype(kind)`: once ml_dtypes is imported, that knows bfloat16 too.
_PLAIN = r"bool|u?int(8|16|32|64)|float(16|32|64)|complex(64|128)"


def pack_tensors(framework: Framework, values: dict[str, Any]) -> list[list[Any]]:
    """One row for each tensor."""
    rows = []
    for name, value in values.items():
        kind = dtype_name(value)
        array = _little_endian(framework.give(value, numpy) if _in_numpy(kind) else framework.bits(value))
        data = array.tobytes()
        chunks = [data[i : i + CHUNK] for i in range(0, len(data), CHUNK)]
        rows.append([name, kind, list(value.shape), chunks if len(chunks) > 1 else data])
    return rows


def unpack_tensors(framework: Framework, rows: Any, mine: dict[str, Any]) -> dict[str, Any]:
    """The tensors of the rows, after each has been found to fit into the one of its name.

    mine: name -> the tensor that the model has now.

    Raises LoadError with the path of the first row that does not fit.
    """
    if not isinstance(rows, list):
        raise LoadError("tensors", "expected a list")
    found: dict[str, Any] = {}
    for i, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != 4 or not isinstance(row[0], str):
            raise LoadError(f"tensors[{i}]", "expected [name, dtype, shape, bytes]")
        name, path = row[0], f"tensors[{row[0]!r:.80}]"
        if name in found:
            raise LoadError(path, "this name comes twice")
        if name not in mine:
            raise LoadError(path, "the model has no such tensor")
        check_fit(path, row[1], row[2], mine[name])
        # `pop`, so that a large file is not in memory twice when all rows are done.
        found[name] = _unpack(framework, path, row.pop(), mine[name])
    for name in mine:
        if name not in found:
            raise LoadError(f"tensors[{name!r:.80}]", "the file has no such tensor")
    return found


def check_fit(path: str, kind: Any, shape: Any, mine: Any) -> None:
    """Raises LoadError unless dtype and shape are those of `mine`."""
    wanted = list(mine.shape)
    if not isinstance(shape, list) or shape != wanted or not all(type(n) is int for n in shape):
        raise LoadError(path, f"shape {shape!r:.80} in the file, {wanted} in the model")
    if kind != dtype_name(mine):
        raise LoadError(path, f"dtype {kind!r:.80} in the file, {dtype_name(mine)} in the model")


def _unpack(framework: Framework, path: str, data: Any, like: Any) -> Any:
    chunks = data if isinstance(data, list) else [data]
    if not all(isinstance(chunk, bytes) for chunk in chunks):
        raise LoadError(path, "the values are not bytes")
    kind, shape = dtype_name(like), tuple(like.shape)
    dtype = numpy.dtype(kind if _in_numpy(kind) else f"u{_width(framework, like)}").newbyteorder("<")
    size, came = dtype.itemsize * math.prod(shape), sum(map(len, chunks))
    if came != size:
        raise LoadError(path, f"{came} bytes for {size}")
    # A bytearray is writable: the tensor may keep this memory, which nobody else has.
    array = numpy.frombuffer(bytearray().join(chunks), dtype).reshape(shape)
    array = array.astype(dtype.newbyteorder("="), copy=False)
    if not _in_numpy(kind):
        return framework.from_bits(array, like)
    return framework.cast(framework.take(array), like)


def _in_numpy(kind: str) -> bool:
    return re.fullmatch(_PLAIN, kind) is not None


def _width(framework: Framework, like: Any) -> int:
    """Bytes of one element of a dtype that NumPy lacks."""
    return framework.bits(like[:0] if len(like.shape) else like).dtype.itemsize


def _little_endian(array: Any) -> Any:
    swap = sys.byteorder == "big" or array.dtype.byteorder == ">"
    return array.astype(array.dtype.newbyteorder("<")) if swap else array
