"""Launch CUDA kernels: compilation at first use, block sizes, devices and streams are here."""

import os
import threading
import warnings
from collections.abc import Callable
from math import prod
from typing import Any, TypeVar

import numpy

from ..errors import DeviceError
from ._accelerate import accelerates
from ._cuda_source import FLOATS, expression_of, name_of, program_of, signatures
from ._known import known

OPTIONS = ("-std=c++17",)
FLOAT_DTYPES = frozenset(map(numpy.dtype, FLOATS))  # `dtype.name` takes a microsecond
THREADS = 256
MOST_BLOCKS = 1 << 16
OperationT = TypeVar("OperationT", bound=Callable[..., Any])


class NoKernelError(RuntimeError):
    """The kernel can't be compiled here; nothing has been written."""


class Grid:
    """How many blocks of how many threads: any number is right, these are fast."""

    __slots__ = ("blocks", "threads")

    def __init__(self, blocks: tuple[int, ...], threads: tuple[int, ...]):
        self.blocks, self.threads = blocks, threads

    @classmethod
    def of_elements(cls, n: int) -> "Grid":
        """Threads that loop over n elements, four each or more."""
        return cls((min(max(-(-n // (4 * THREADS)), 1), MOST_BLOCKS),), (THREADS,))

    @classmethod
    def of_rows(cls, rows: int, width: int) -> "Grid":
        """A team of threads per row: up to a warp, and a whole block where rows are long."""
        team = 1
        while team < width and team < (32 if width <= 1024 else THREADS):
            team *= 2
        teams = THREADS // team
        return cls((min(max(-(-rows // teams), 1), MOST_BLOCKS),), (team, teams))

    @classmethod
    def of_blocks(cls, n: int) -> "Grid":
        """A block of threads for each of n pieces of work."""
        return cls((min(max(n, 1), MOST_BLOCKS),), (THREADS,))

    @classmethod
    def of_columns(cls, pieces: int, width: int) -> "Grid":
        """Threads along the columns; blocks along the pieces, whose rows each thread goes through."""
        threads = min(THREADS, -(-width // 32) * 32)
        return cls((min(max(pieces, 1), MOST_BLOCKS), min(-(-width // threads), 1024)), (threads,))


class Launcher:
    """Compile a kernel when it is first needed, once for each device, and launch it.

    The stream is the one that is current in CuPy; the device is that of the arrays.
    """

    def __init__(self) -> None:
        self._compiled: dict[tuple[int, str, str], Any] = {}
        self._broken: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self, family: str, kernel: str, types: tuple[str, ...], grid: Grid, *values: Any) -> None:
        """Launch `thinc::<family>::<kernel><types>` with these arguments.

        types: C++ types, or names of float dtypes.  NoKernelError: it can't be compiled.
        """
        signature = signatures(family)[kernel]
        expression = expression_of(family, kernel, types)
        self.launch(family, expression, grid, signature.convert(values))

    def launch(self, family: str, expression: str, grid: Grid, values: tuple[Any, ...]) -> None:
        """Launch on the device of the arrays, whichever one is current.

        DeviceError: they lie on several devices, which a kernel can't reach.
        """
        arrays = [value for value in values if not isinstance(value, numpy.generic)]
        check_one_device(expression, arrays)
        with arrays[0].device as device:
            self._function(device.id, family, expression)(grid.blocks, grid.threads, values)

    def _function(self, device: int, family: str, expression: str) -> Any:
        key = (device, family, expression)
        if key in self._compiled:
            return self._compiled[key]
        import cupy

        with self._lock:  # CuPy itself keeps what NVRTC made on disk
            if expression in self._broken:
                raise NoKernelError(expression)
            module = cupy.RawModule(code=program_of(family, (expression,)), options=OPTIONS)
            try:
                self._compiled[key] = module.get_function(name_of(expression))
            except cupy.cuda.compiler.CompileException as error:
                self._broken.add(expression)
                warnings.warn(f"{expression} can't be compiled, a slower form runs: {error}", stacklevel=2)
                raise NoKernelError(expression) from error
        return self._compiled[key]


def launches(reference: OperationT) -> Callable[[Callable[..., Any]], OperationT]:
    """Use the decorated method where `self._cuda` can launch kernels, else `reference`; see `accelerates`.

    The classes declare `_cuda: Launcher`: where it is None, no decorated method runs.
    """

    def decorate(kernel: Callable[..., Any]) -> OperationT:
        def attempt(self, *args, **kwargs):
            if self._cuda is None:
                return NotImplemented
            try:
                return kernel(self, *args, **kwargs)
            except NoKernelError:
                return NotImplemented

        return accelerates(reference, compiled=False)(attempt)

    return decorate


def launcher_unless_switched_off() -> Launcher | None:
    """None under THINC_NO_EXTENSION=1, which runs the reference everywhere."""
    return None if os.environ.get("THINC_NO_EXTENSION") == "1" else Launcher()


# -- what the methods ask about their arguments -----------------------------------------------


def compact(xp: Any, array: Any) -> Any:
    """An array in C order; anything else as it is."""
    return xp.ascontiguousarray(array) if isinstance(array, xp.ndarray) and array.ndim else array


def are_floats(xp: Any, *arrays: Any) -> bool:
    """Arrays of this module in C order, all of one float dtype."""
    return all(
        isinstance(array, xp.ndarray)
        and array.flags.c_contiguous
        and array.dtype == arrays[0].dtype
        and array.dtype in FLOAT_DTYPES
        and getattr(array.flags, "writeable", True)
        for array in arrays
    )


def are_ints(xp: Any, array: Any, dtype: str = "int32") -> bool:
    """An array of this module in C order, of an integer dtype."""
    return isinstance(array, xp.ndarray) and array.dtype == dtype and array.flags.c_contiguous


def are_within(ops: Any, indices: Any, low: int, high: int) -> bool:
    """Is every index in [low, high)?  Waits for the device where the host does not know."""
    fact = known(indices)
    if not indices.size or (fact.low is not None and fact.high is not None and low <= fact.low and fact.high <= high):
        return True
    outside = ops.xp.zeros(1, "int32")
    ops._cuda("lookup", "find_outside", (), Grid.of_elements(indices.size), indices, indices.size, low, high, outside)
    return not int(outside[0])


def width_of(array: Any) -> int:
    """The numbers in one row."""
    return prod(array.shape[1:])


def borders_of(ops: Any, lengths: Any, least: int = 0) -> tuple[Any, int]:
    """[0, cumsum(lengths)] as int64 on the device (B + 1,), and their sum; (None, 0) for what is no lengths.

    lengths: of any integer dtype, none below `least`.  Waits for the device where the host does not know them.
    """
    xp, host = ops.xp, known(lengths).host
    if not hasattr(lengths, "dtype") or lengths.ndim != 1 or lengths.dtype.kind not in "iu":
        return None, 0
    on_device = xp.asarray(lengths, "int64")
    starts = xp.zeros(len(lengths) + 1, "int64")
    if not len(lengths):
        return starts, 0
    xp.cumsum(on_device, out=starts[1:])
    if host is None:
        smallest, total = xp.stack((on_device.min(), starts[-1])).tolist()  # one wait, not two
    else:
        smallest, total = int(host.min()), int(host.sum(dtype="int64"))
    return (starts, total) if smallest >= least else (None, 0)


def check_one_device(what: str, arrays: Any) -> None:
    """DeviceError where arrays lie on several GPUs: a kernel that got their addresses would read anything."""
    devices = {array.device.id for array in arrays if not isinstance(array, numpy.ndarray)}
    if len(devices) > 1:
        raise DeviceError(
            f"{what}: got arrays on the GPUs {sorted(devices)}; move them to one, for instance with `model.ops.asarray`"
        )


def address_of(array: Any) -> int:
    """Where the memory of an array of CuPy, or of NumPy, begins."""
    return array.data.ptr if hasattr(array.data, "ptr") else array.__array_interface__["data"][0]
