"""The one door for arrays: every array that enters or leaves goes through DLPack here."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy

from .._optional import missing_message
from ..errors import BorderError, MissingFrameworkError

# Booleans, integers, floats, complex numbers: what other libraries know too.
_NUMERIC = "biufc"
_REFUSALS = (BufferError, TypeError, ValueError, RuntimeError, SystemError)


def _itself(value: Any) -> Any:
    return value


class Framework:
    """What a foreign array library must tell us beyond the DLPack protocol itself.

    name:      top-level module, "torch"; also how its arrays are recognised.
    receive:   dotted name of the function that accepts a DLPack producer.
    release:   array -> array without autograd history, still a DLPack producer.
    dense:     the library only accepts C-contiguous memory.
    capsule:   `receive` wants the bare capsule, not the producer (TensorFlow, MXNet).
    alignment: bytes that the address must be a multiple of (TensorFlow aborts below 64).

    A library with a better way than the protocol overrides `take` or `give`; one whose arrays
    have no `astype`, or whose 8- and 16-bit floats don't become arrays of ml_dtypes, overrides
    `cast`, `bits` and `from_bits`.
    """

    __slots__ = ("name", "receive", "release", "dense", "capsule", "alignment")

    def __init__(
        self,
        name: str,
        receive: str,
        release: Callable[[Any], Any] = _itself,
        dense: bool = False,
        capsule: bool = False,
        alignment: int = 1,
    ):
        self.name, self.receive, self.release = name, receive, release
        self.dense, self.capsule, self.alignment = dense, capsule, alignment

    def owns(self, value: Any) -> bool:
        """Whether `value` is an array of this library."""
        return _comes_from(type(value), self.name) and hasattr(value, "shape") and hasattr(value, "dtype")

    def take(self, array: Any) -> Any:
        """Our array -> theirs, sharing memory where that is safe.

        Raises BorderError if the library can't hold such an array.
        """
        receive = self._receiver()
        array = shareable(array, dense=self.dense, alignment=self.alignment)
        try:
            return receive(_bare_capsule(array) if self.capsule else array)
        except _REFUSALS as error:
            raise BorderError(
                f"{self.name} can't take an array of {array.dtype} {list(array.shape)}: {error}. Convert it first, "
                "for instance with .astype('float32')."
            ) from error

    def take_copy(self, array: Any) -> Any:
        """Our array -> theirs, in memory that nobody else has.  Raises BorderError."""
        return self.take(aligned_copy(array, self.alignment) if array.dtype.kind in _NUMERIC else array)

    def give(self, value: Any, xp: Any = numpy) -> Any:
        """Their array -> ours, sharing memory; xp: numpy or cupy.

        Raises BorderError if `xp` can't hold such an array.
        """
        try:
            return xp.from_dlpack(self.release(value))
        except _REFUSALS as error:
            dtype, shape = getattr(value, "dtype", type(value)), list(getattr(value, "shape", ()))
            raise BorderError(
                f"{xp.__name__} can't take {self.name}'s array of {dtype} {shape}: {error}. Convert it first, "
                "to float32 in the memory of the host."
            ) from error

    def cast(self, value: Any, like: Any) -> Any:
        """Their array in the dtype, and on the device, of another one of theirs."""
        return value if value.dtype == like.dtype else value.astype(like.dtype)

    def bits(self, value: Any) -> Any:
        """The memory of an array that NumPy has no dtype for, as unsigned integers."""
        array = numpy.asarray(value)
        return array.view(f"u{array.dtype.itemsize}")

    def from_bits(self, bits: Any, like: Any) -> Any:
        """What `bits` gave, as an array of the dtype of `like`."""
        return self.cast(self.take(bits.view(numpy.asarray(like).dtype).astype("f")), like)

    def _receiver(self) -> Callable[[Any], Any]:
        module, _, function = self.receive.rpartition(".")
        try:
            return getattr(importlib.import_module(module), function)
        except ImportError as error:
            raise MissingFrameworkError(missing_message(self.name)) from error


@lru_cache(1024)
def _comes_from(kind: type, name: str) -> bool:
    """Is the class, or one that it inherits from, defined in the library?"""
    roots = {base.__module__.partition(".")[0] for base in kind.__mro__}
    return name in roots or name + "lib" in roots


def _bare_capsule(array: Any) -> Any:
    """The array without its stream: on a GPU, what writes it must have ended.

    Objects are handed over with the stream of the receiver, which then waits on the device.
    """
    if not isinstance(array, numpy.ndarray):
        sys.modules["cupy"].cuda.get_current_stream().synchronize()
    return array.__dlpack__()


def dtype_name(value: Any) -> str:
    """The name of the dtype of an array of any library: "float32", "bfloat16", "bool"."""
    dtype = value.dtype
    if isinstance(dtype, type):  # MXNet's are NumPy's scalar classes
        dtype = numpy.dtype(dtype)
    return getattr(dtype, "name", None) or str(dtype).rpartition(".")[2]


def is_floating(value: Any) -> bool:
    """Can an array of any library have a gradient?"""
    return dtype_name(value).lstrip("b").startswith(("float", "complex"))


def shareable(array: Any, *, dense: bool = False, alignment: int = 1) -> Any:
    """Return `array` itself, or a copy if a consumer could misread or corrupt it.

    Copies: negative strides (torch 2.13 aborts the process), elements that share
    memory and read-only memory (consumers write through), foreign byte order and
    misplaced elements (BufferError), addresses below `alignment`.
    Raises BorderError for values that are no numbers.
    """
    if array.dtype.kind not in _NUMERIC:
        raise BorderError(
            f"An array of {array.dtype} {list(array.shape)} can't cross into another framework: it does not hold "
            "plain numbers. Convert it with .astype first."
        )
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="), order="C")
    if _is_safe(array) and not (dense and not array.flags.c_contiguous):
        return array if _is_aligned(array, alignment) else aligned_copy(array, alignment)
    return aligned_copy(array, alignment)


def _is_safe(array: Any) -> bool:
    """Whether each element is a place of its own that may be written."""
    flags = array.flags
    if not getattr(flags, "writeable", True) or not getattr(flags, "aligned", True):
        return False
    if flags.c_contiguous and all(step >= 0 for step in array.strides):
        return True
    return not _overlaps(array)


def _overlaps(array: Any) -> bool:
    """Whether elements might share memory, lie between the grid, or run backwards."""
    end = array.itemsize
    for step, size in sorted(zip(array.strides, array.shape)):
        if step < 0 or step % array.itemsize:
            return True
        if size > 1:
            if step < end:
                return True
            end += step * (size - 1)
    return False


def _is_aligned(array: Any, alignment: int) -> bool:
    return alignment == 1 or _address(array) % alignment == 0


def _address(array: Any) -> int:
    return array.__array_interface__["data"][0] if isinstance(array, numpy.ndarray) else array.data.ptr


def aligned_copy(array: Any, alignment: int) -> Any:
    """A dense copy whose address is a multiple of `alignment`, on the device of the array."""
    if alignment == 1 or not isinstance(array, numpy.ndarray):
        return array.copy(order="C")  # the allocators of devices align by 256 bytes
    space = numpy.empty(array.nbytes + alignment, dtype=numpy.uint8)
    start = -_address(space) % alignment
    copy = numpy.ndarray(array.shape, array.dtype, buffer=space, offset=start)
    copy[...] = array
    return copy
