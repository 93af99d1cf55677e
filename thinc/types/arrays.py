"""Name arrays by kind and rank: Floats2d is a two-dimensional float array.

These classes are never instantiated, and no array is an instance of them. They
speak to two readers: the type checker, and the config's argument validation.
"""

# ruff: noqa: UP007 (these unions are read at run time)

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence, Sized
from types import EllipsisType
from typing import Any, Literal, Protocol, TypeVar, Union

import numpy

DeviceTypes = Literal["cpu", "gpu", "tpu"]
DTypesFloat = Literal["f", "float32", "float16", "float64"]
DTypesInt = Literal["i", "int32", "int64", "uint32", "uint64"]
DTypes = Literal["f", "i", "float16", "float32", "float64", "int32", "int64", "uint32", "uint64"]
Shape = tuple[int, ...]
Xp = Any  # the module numpy or cupy

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


class _Array(Sized, Container):
    """What all our arrays can do, as far as the type checker needs to know."""

    _ndim: int | None = None
    _dtype: str | None = None

    dtype: Any
    data: Any
    flags: Any
    T: Any

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

    @property
    def shape(self) -> Any: ...
    @property
    def ndim(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def itemsize(self) -> int: ...
    @property
    def nbytes(self) -> int: ...
    @property
    def strides(self) -> tuple[int, ...]: ...

    def __len__(self) -> int: ...  # type: ignore[empty-body]
    def __contains__(self, item: object) -> bool: ...  # type: ignore[empty-body]
    def __iter__(self) -> Iterator[Any]: ...  # type: ignore[empty-body]
    def __getitem__(self, key: Any) -> Any: ...
    def __setitem__(self, key: Any, value: Any) -> None: ...
    def __bool__(self) -> bool: ...  # type: ignore[empty-body]
    def __int__(self) -> int: ...  # type: ignore[empty-body]
    def __float__(self) -> float: ...  # type: ignore[empty-body]
    def __neg__(self: SelfT) -> SelfT: ...  # type: ignore[empty-body]
    def __add__(self: SelfT, other: Any) -> SelfT: ...  # type: ignore[empty-body]
    def __radd__(self: SelfT, other: Any) -> SelfT: ...  # type: ignore[empty-body]
    def __sub__(self: SelfT, other: Any) -> SelfT: ...  # type: ignore[empty-body]
    def __rsub__(self: SelfT, other: Any) -> SelfT: ...  # type: ignore[empty-body]
    def __mul__(self: SelfT, other: Any) -> SelfT: ...  # type: ignore[empty-body]
    def __rmul__(self: SelfT, other: Any) -> SelfT: ...  # type: ignore[empty-body]
    def __truediv__(self: SelfT, other: Any) -> SelfT: ...  # type: ignore[empty-body]
    def __rtruediv__(self: SelfT, other: Any) -> SelfT: ...  # type: ignore[empty-body]
    def __pow__(self: SelfT, other: Any) -> SelfT: ...  # type: ignore[empty-body]
    def __matmul__(self, other: Any) -> Any: ...
    def __lt__(self, other: Any) -> Any: ...
    def __le__(self, other: Any) -> Any: ...
    def __gt__(self, other: Any) -> Any: ...
    def __ge__(self, other: Any) -> Any: ...
    def copy(self: SelfT, order: str = ...) -> SelfT: ...  # type: ignore[empty-body]
    def fill(self, value: Any) -> None: ...
    def astype(self, dtype: Any, order: str = ..., copy: bool = ...) -> Any: ...
    def reshape(self, *shape: Any, order: str = ...) -> Any: ...
    def transpose(self, *axes: Any) -> Any: ...
    def flatten(self, order: str = ...) -> Any: ...
    def ravel(self, order: str = ...) -> Any: ...
    def view(self, dtype: Any = ...) -> Any: ...
    def sum(self, axis: Any = ..., keepdims: bool = ..., dtype: Any = ..., out: Any = ...) -> Any: ...
    def mean(self, axis: Any = ..., keepdims: bool = ..., dtype: Any = ..., out: Any = ...) -> Any: ...
    def max(self, axis: Any = ..., keepdims: bool = ..., out: Any = ...) -> Any: ...
    def min(self, axis: Any = ..., keepdims: bool = ..., out: Any = ...) -> Any: ...
    def argmax(self, axis: Any = ..., out: Any = ...) -> Any: ...
    def argsort(self, axis: int = ...) -> Any: ...
    def cumsum(self, axis: Any = ..., dtype: Any = ..., out: Any = ...) -> Any: ...
    def dot(self, other: Any) -> Any: ...
    def tolist(self) -> list[Any]: ...  # type: ignore[empty-body]
    def item(self, *args: int) -> Any: ...


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


Array1d = Union[Floats1d, Ints1d]
Array2d = Union[Floats2d, Ints2d]
Array3d = Union[Floats3d, Ints3d]
Array4d = Union[Floats4d, Ints4d]
FloatsXd = Union[Floats1d, Floats2d, Floats3d, Floats4d]
IntsXd = Union[Ints1d, Ints2d, Ints3d, Ints4d]
ArrayXd = Union[FloatsXd, IntsXd]
List1d = Union[list[Floats1d], list[Ints1d]]
List2d = Union[list[Floats2d], list[Ints2d]]
List3d = Union[list[Floats3d], list[Ints3d]]
List4d = Union[list[Floats4d], list[Ints4d]]
ListXd = Union[list[FloatsXd], list[IntsXd]]
Array1dT = TypeVar("Array1dT", Floats1d, Ints1d)
FloatsXdT = TypeVar("FloatsXdT", Floats1d, Floats2d, Floats3d, Floats4d)

# The keys an axis accepts.
Slicish = Union[slice, EllipsisType]
_1_KeyScalar = int
_1_Key1d = Sequence[int]
_1_AllKeys = Union[int, slice, EllipsisType, Sequence[int]]


class Decorator(Protocol):
    """A function that takes a name and returns a decorator."""

    def __call__(self, name: str) -> Callable[[T], T]: ...
