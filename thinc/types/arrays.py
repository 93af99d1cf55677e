"""Name arrays by kind and rank: Floats2d is a two-dimensional float array.

Type checkers read them as NumPy's shape-typed arrays. At run time they are classes that are
never instantiated, and that the config's argument validation reads.
"""

# ruff: noqa: UP007 (these unions are read at run time)

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence, Sized
from types import EllipsisType
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, TypeVar, Union

import numpy

DeviceTypes: TypeAlias = Literal["cpu", "gpu", "tpu"]
DTypesFloat: TypeAlias = Literal["f", "float32", "float16", "float64"]
DTypesInt: TypeAlias = Literal["i", "int32", "int64", "uint32", "uint64"]
DTypes: TypeAlias = Literal["f", "i", "float16", "float32", "float64", "int32", "int64", "uint32", "uint64"]
Shape: TypeAlias = tuple[int, ...]
Xp: TypeAlias = Any  # the module numpy or cupy

ArrayT = TypeVar("ArrayT", bound="_Array")
SelfT = TypeVar("SelfT")
T = TypeVar("T")

_ACCEPTED = {"f": ("float32",), "i": ("int32", "int64", "uint32", "uint64")}


def is_array(obj: Any) -> bool:
    """Whether `obj` is an array of numpy or cupy."""
    return isinstance(obj, numpy.ndarray) or _is_cupy(obj)


def array_module(obj: Any) -> Any:
    """The module an array belongs to: cupy for cupy arrays, otherwise numpy."""
    if _is_cupy(obj):
        import sys

        return sys.modules["cupy"]
    return numpy


def validate_array(obj: Any, ndim: int | None = None, dtype: str | None = None) -> Any:
    """Return `obj` if it is an array of that rank and kind.

    ndim: the number of axes. dtype: "f" for float32, "i" for the integers of 32 and 64 bits.
    Raises ValueError that names everything that is wrong.
    """
    if not is_array(obj):
        raise ValueError(f"expected a numpy or cupy array, but got {type(obj)}")
    problems = []
    if ndim is not None and obj.ndim != ndim:
        problems.append(f"wrong array dimensions (expected {ndim}, got {obj.ndim})")
    if dtype is not None and obj.dtype.name not in _ACCEPTED[dtype]:
        problems.append(f"wrong array data type (expected {' or '.join(_ACCEPTED[dtype])}, got {obj.dtype.name})")
    if problems:
        raise ValueError(", ".join(problems))
    return obj


def _is_cupy(obj: Any) -> bool:
    return type(obj).__module__.partition(".")[0] == "cupy" and hasattr(obj, "dtype")


if TYPE_CHECKING:
    # NumPy's own types know rank and dtype, so mypy and pyright find a wrong one without
    # a plugin. CuPy publishes none, and behaves the same.
    _F: TypeAlias = numpy.dtype[numpy.floating[Any]]
    _I: TypeAlias = numpy.dtype[numpy.integer[Any]]
    _Array: TypeAlias = numpy.ndarray[Any, Any]
    _Floats: TypeAlias = numpy.ndarray[Any, _F]
    _Ints: TypeAlias = numpy.ndarray[Any, _I]
    _Array1d: TypeAlias = numpy.ndarray[tuple[int], Any]
    _Array2d: TypeAlias = numpy.ndarray[tuple[int, int], Any]
    _Array3d: TypeAlias = numpy.ndarray[tuple[int, int, int], Any]
    _Array4d: TypeAlias = numpy.ndarray[tuple[int, int, int, int], Any]
    Floats1d: TypeAlias = numpy.ndarray[tuple[int], _F]
    Floats2d: TypeAlias = numpy.ndarray[tuple[int, int], _F]
    Floats3d: TypeAlias = numpy.ndarray[tuple[int, int, int], _F]
    Floats4d: TypeAlias = numpy.ndarray[tuple[int, int, int, int], _F]
    Ints1d: TypeAlias = numpy.ndarray[tuple[int], _I]
    Ints2d: TypeAlias = numpy.ndarray[tuple[int, int], _I]
    Ints3d: TypeAlias = numpy.ndarray[tuple[int, int, int], _I]
    Ints4d: TypeAlias = numpy.ndarray[tuple[int, int, int, int], _I]
    FloatsXd: TypeAlias = numpy.ndarray[tuple[int, ...], _F]
    IntsXd: TypeAlias = numpy.ndarray[tuple[int, ...], _I]
else:

    class _Array(Sized, Container):
        """A mark that config and argument checks read; what type checkers see is numpy.ndarray."""

        _ndim: int | None = None
        _dtype: str | None = None

        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any = None, handler: Any = None) -> dict[str, Any]:
            """The hook of confection and pydantic 2: one plain function that checks the array."""
            return {"type": "function-plain", "function": {"type": "no-info", "function": cls.validate}}

        @classmethod
        def __get_validators__(cls) -> Iterator[Callable[[Any], Any]]:
            """The hook of pydantic 1."""
            yield cls.validate

        @classmethod
        def validate(cls, obj: Any) -> Any:
            """Return `obj` if this annotation describes it; ValueError otherwise."""
            return validate_array(obj, ndim=cls._ndim, dtype=cls._dtype)

    class _Floats(_Array):
        _dtype = "f"

    class _Ints(_Array):
        _dtype = "i"

    class _Array1d(_Array):
        _ndim = 1

    class _Array2d(_Array):
        _ndim = 2

    class _Array3d(_Array):
        _ndim = 3

    class _Array4d(_Array):
        _ndim = 4

    class Floats1d(_Array1d, _Floats):
        """A vector of float32."""

    class Ints1d(_Array1d, _Ints):
        """A vector of integers."""

    class Floats2d(_Array2d, _Floats):
        """A matrix of float32."""

    class Ints2d(_Array2d, _Ints):
        """A matrix of integers."""

    class Floats3d(_Array3d, _Floats):
        """An array of float32 with three axes."""

    class Ints3d(_Array3d, _Ints):
        """An array of integers with three axes."""

    class Floats4d(_Array4d, _Floats):
        """An array of float32 with four axes."""

    class Ints4d(_Array4d, _Ints):
        """An array of integers with four axes."""

    FloatsXd = Union[Floats1d, Floats2d, Floats3d, Floats4d]
    IntsXd = Union[Ints1d, Ints2d, Ints3d, Ints4d]

Array1d: TypeAlias = Union[Floats1d, Ints1d]
Array2d: TypeAlias = Union[Floats2d, Ints2d]
Array3d: TypeAlias = Union[Floats3d, Ints3d]
Array4d: TypeAlias = Union[Floats4d, Ints4d]
ArrayXd: TypeAlias = Union[FloatsXd, IntsXd]
if TYPE_CHECKING:
    # A list[Floats2d] is no list[FloatsXd] to a type checker, because lists can be written to.
    List1d: TypeAlias = list[Floats1d] | list[Ints1d]
    List2d: TypeAlias = list[Floats2d] | list[Ints2d]
    List3d: TypeAlias = list[Floats3d] | list[Ints3d]
    List4d: TypeAlias = list[Floats4d] | list[Ints4d]
    ListXd: TypeAlias = List1d | List2d | List3d | List4d | list[FloatsXd] | list[IntsXd]
else:
    List1d = Union[list[Floats1d], list[Ints1d]]
    List2d = Union[list[Floats2d], list[Ints2d]]
    List3d = Union[list[Floats3d], list[Ints3d]]
    List4d = Union[list[Floats4d], list[Ints4d]]
    ListXd = Union[list[FloatsXd], list[IntsXd]]
Array1dT = TypeVar("Array1dT", Floats1d, Ints1d)
FloatsXdT = TypeVar("FloatsXdT", bound=FloatsXd)

# The keys an axis accepts.
Slicish: TypeAlias = Union[slice, EllipsisType]
_1_KeyScalar: TypeAlias = int
_1_Key1d: TypeAlias = Sequence[int]
_1_AllKeys: TypeAlias = Union[int, slice, EllipsisType, Sequence[int]]


class Decorator(Protocol):
    """A function that takes a name and returns a decorator."""

    def __call__(self, name: str) -> Callable[[T], T]: ...
