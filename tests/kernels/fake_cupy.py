"""A stand-in for CuPy with two GPUs: what it has is NumPy's, what CuPy lacks it refuses."""

import types

import numpy

from .fake_ndarray import Device, arrays_in, bare, call, ndarray, wrap

__all__ = ["Device", "Module", "ndarray"]

# Functions of NumPy that CuPy 13.6 or 14 lacks.
ABSENT = set(
    """
    acos acosh apply_over_axes asin asinh asmatrix astype atan atan2 atanh bitwise_count bitwise_invert
    bitwise_left_shift bitwise_right_shift block bmat busday_count busday_offset concat cumulative_prod
    cumulative_sum datetime_as_string datetime_data einsum_path frompyfunc fromregex geomspace get_include
    getbufsize geterr geterrcall histogram_bin_edges info insert is_busday isdtype isnat matrix_transpose matvec
    nanpercentile nanquantile nested_iters permute_dims polyder polydiv polyint pow put_along_axis setbufsize
    seterr seterrcall show_runtime spacing test trapezoid unique_all unique_counts unique_inverse unique_values
    unstack vecdot vecmat
    """.split()
)
# Functions whose result is as large as the numbers say: CuPy reads them back.
SIZED_BY_NUMBERS = {"argwhere", "bincount", "compress", "extract", "flatnonzero", "nonzero", "trim_zeros", "unique"}
# What `add.at` of CuPy can add to.
ADDABLE = {"int32", "uint32", "uint64", "float16", "float32", "float64", "complex64", "complex128"}


class Ufunc:
    """A ufunc of CuPy, whose other methods know few operations."""

    def __init__(self, ufunc):
        self._ufunc, self.__name__ = ufunc, ufunc.__name__

    def __call__(self, *args, **options):
        return call(self._ufunc, args, options)

    def reduceat(self, array, indices, axis=0):
        if self.__name__ != "add":
            raise NotImplementedError(f"`cupy_{self.__name__}.reduceat` is not supported yet")
        return call(self._ufunc.reduceat, (array, indices, axis), {})

    def at(self, array, indices, values):
        if self.__name__ == "add" and array.dtype.name not in ADDABLE:
            raise TypeError(f"cupyx.scatter_add does not support {array.dtype}")
        self._ufunc.at(array._host, array._key(indices), bare(values))


class Stream:
    """As cupy.cuda.Stream: current in a `with` block; all work is done at once."""

    current = None

    def __init__(self, null=False, non_blocking=False, ptds=False):
        self.ptr = 0 if null else id(self)

    def __enter__(self):
        self.outer, Stream.current = Stream.current, self
        return self

    def __exit__(self, *_):
        Stream.current = self.outer

    def synchronize(self):
        Device.synchronized.append(Device.current)


class MemoryPool:
    """As cupy.cuda.MemoryPool, for those who only hand it on."""

    def __init__(self, allocator=None):
        self.malloc = allocator

    def free_all_blocks(self):
        pass


class Module(types.ModuleType):
    """`cupy`, with so many GPUs."""

    is_stand_in = True

    def __init__(self, count=2):
        super().__init__("cupy")
        self.ndarray = ndarray
        self.runtime = types.SimpleNamespace(
            getDeviceCount=lambda: count, getDevice=lambda: Device.current, CUDARuntimeError=RuntimeError
        )
        self.cuda = types.SimpleNamespace(
            Device=Device,
            device=types.SimpleNamespace(Device=Device),
            runtime=self.runtime,
            is_available=lambda: count > 0,
            Stream=Stream,
            MemoryPool=MemoryPool,
            set_allocator=lambda allocator: None,
            get_current_stream=lambda: Stream.current or Stream(null=True),
        )
        self.get_default_memory_pool = MemoryPool
        self.random = types.SimpleNamespace(
            seed=numpy.random.seed,
            uniform=lambda *args, **options: wrap(numpy.random.uniform(*args, **options)),
            normal=lambda *args, **options: wrap(numpy.random.normal(*args, **options)),
        )
        self.linalg = types.SimpleNamespace(norm=lambda *args, **options: call(numpy.linalg.norm, args, options))

    def __getattr__(self, name):
        if name.startswith("__") or name in ABSENT:
            raise AttributeError(f"CuPy has no {name}")
        found = getattr(numpy, name)
        if isinstance(found, numpy.ufunc):
            return Ufunc(found)
        if not callable(found) or isinstance(found, type):
            return found
        return lambda *args, **options: self._call(found, args, options)

    def _call(self, function, args, options):
        """What CuPy can't allocate before it knows the numbers makes the host wait."""
        if function.__name__ in SIZED_BY_NUMBERS or (function.__name__ == "where" and len(args) == 1):
            for array in arrays_in(args[:1]):
                array._read(function.__name__)
        return call(function, args, options)

    def repeat(self, array, repeats, axis=None):
        if isinstance(repeats, ndarray):
            raise ValueError("cupy: repeats is an array; give a list")
        return call(numpy.repeat, (array, repeats), {"axis": axis})

    def from_dlpack(self, array, *, device=None, copy=None):
        # The protocol's own CPU stands for the GPU here.
        return wrap(numpy.from_dlpack(array._host if isinstance(array, ndarray) else array))

    def array(self, data, dtype=None, copy=True, order="K"):
        if isinstance(data, ndarray):
            return ndarray(numpy.array(data._host, dtype=dtype, order=order))
        host = numpy.array(bare(data) if isinstance(data, (list, tuple)) else data, dtype=dtype, order=order)
        if host.dtype.kind not in "biufc" or not host.dtype.isnative:
            raise ValueError(f"Unsupported dtype {host.dtype}")
        return ndarray(host)

    def asarray(self, data, dtype=None, order=None):
        if isinstance(data, ndarray) and dtype in (None, data.dtype) and (order is None or data.flags.c_contiguous):
            return data
        return self.array(data, dtype, order=order or "K")

    def ascontiguousarray(self, array, dtype=None):
        if isinstance(array, ndarray) and array.flags.c_contiguous and dtype in (None, array.dtype):
            return array
        return self.array(array, dtype, order="C")
