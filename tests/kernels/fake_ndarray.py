"""The stand-in for CuPy's array: memory of the host that refuses what CuPy refuses, and counts what is read."""

import copy
import operator
import types

import numpy

# In NumPy's arrays, but not in those of CuPy 13.6 or 14.
LACKS = {"byteswap", "ctypes", "getfield", "mT", "resize", "setfield", "setflags", "to_device"}


class Device:
    """As cupy.cuda.Device: current inside a `with` block; the devices that were waited for are kept."""

    current = 0
    synchronized: list = []

    def __init__(self, id=None):
        self.id = Device.current if id is None else int(id)

    def __eq__(self, other):
        return isinstance(other, Device) and other.id == self.id

    def __repr__(self):
        return f"<CUDA Device {self.id}>"

    def __enter__(self):
        self.outer, Device.current = Device.current, self.id
        return self

    def __exit__(self, *_):
        Device.current = self.outer

    def use(self):
        Device.current = self.id

    def synchronize(self):
        Device.synchronized.append(self.id)


class Flags:
    """As cupy's: nothing is read-only there, so there is no `writeable`."""

    def __init__(self, host):
        self.c_contiguous, self.f_contiguous = host.flags.c_contiguous, host.flags.f_contiguous
        self.forc, self.owndata = self.c_contiguous or self.f_contiguous, host.flags.owndata

    def __getitem__(self, name):
        return getattr(self, name.lower())


class ndarray:
    """An array of one device; what is read from it to the host is noted in `reads`."""

    reads: list = []
    __hash__ = None

    def __init__(self, host, device=None):
        self._host, self.device = host, Device() if device is None else device

    def __getattr__(self, name):
        if name in LACKS or name.startswith("__") or name == "_host":
            raise AttributeError(f"CuPy's arrays have no {name}")
        found = getattr(self._host, name)
        if name in ("nonzero", "compress"):  # as large as the numbers say
            self._read(name)
        if callable(found):
            return lambda *args, **options: call(found, args, options, self)
        return wrap(found, self) if isinstance(found, numpy.ndarray) else found

    @property
    def T(self):
        return wrap(self._host.T, self)

    @property
    def flags(self):
        return Flags(self._host)

    @property
    def data(self):
        return types.SimpleNamespace(ptr=self._host.__array_interface__["data"][0], device_id=self.device.id)

    @property
    def __cuda_array_interface__(self):
        return self._host.__array_interface__

    def get(self, stream=None, order="C", out=None, blocking=True):
        return numpy.array(self._read("get"), order=order)

    def tolist(self):
        return self._read("tolist").tolist()

    def item(self, *index):
        return self._read("item").item(*index)

    def set(self, host):
        self._host[...] = host

    def _read(self, how):
        ndarray.reads.append(f"{how} of {self.dtype}{list(self.shape)}")
        return self._host

    def __array__(self, *_, **__):
        raise TypeError("Implicit conversion to a NumPy array is not allowed. Please use `.get()`")

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        return call(getattr(ufunc, method), inputs, options)

    def __array_function__(self, function, _, args, options):
        return call(function, args, options)

    def __dlpack__(self, *, stream=None, max_version=None, dl_device=None, copy=None):
        assert stream != 0, "0 is no stream of the protocol: legacy is 1"
        return self._host.__dlpack__()

    def __dlpack_device__(self):
        return self._host.__dlpack_device__()

    def __len__(self):
        return len(self._host)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __getitem__(self, key):
        return wrap(numpy.asarray(self._host[self._key(key)]), self)

    def __setitem__(self, key, value):
        if isinstance(value, numpy.ndarray) and value.ndim:
            raise ValueError("non-scalar numpy.ndarray cannot be used for fill")
        self._host[self._key(key)] = bare(value)

    def _key(self, key):
        """Plain indices; CuPy lets those that are too large begin again at 0."""
        found = []
        for axis, part in enumerate(key if isinstance(key, tuple) else (key,)):
            if isinstance(part, (ndarray, list, numpy.ndarray)):
                part = numpy.asarray(bare(part))
                if part.dtype.kind == "b":
                    self._read("boolean index")
                elif part.size and not any(p is None or p is Ellipsis for p in found):
                    part = part % max(self.shape[axis], 1)
            found.append(part)
        return tuple(found)

    def __copy__(self):
        return wrap(self._host.copy(), self)

    def __deepcopy__(self, _):
        return self.__copy__()

    def __reduce__(self):
        return ndarray, (self._host, copy.copy(self.device))

    def __repr__(self):
        return repr(self._host)

    def __format__(self, spec):
        return format(self._host, spec)


def bare(value):
    """The memory of our arrays, in any structure; arrays of NumPy are refused, as CuPy refuses them."""
    if isinstance(value, ndarray):
        return value._host
    if isinstance(value, (list, tuple)):
        return type(value)(bare(part) for part in value)
    if isinstance(value, numpy.ndarray) and value.ndim:
        raise TypeError("Unsupported type <class 'numpy.ndarray'>")
    return value


def call(function, args, options, owner=None):
    """What NumPy gives for these arguments, on the device where they lie, which has to be current."""
    arrays = arrays_in((args, tuple(options.values()), owner))
    is_view = getattr(function, "__name__", "") in ("reshape", "view", "ravel", "swapaxes", "transpose")
    if not is_view and getattr(function, "__name__", "") != "copy":
        devices = {array.device.id for array in arrays}
        assert devices <= {Device.current}, f"{function} on {devices}, but {Device.current} is current"
    if "out" in options:
        out = options["out"]
        function(*bare(args), **{name: bare(value) for name, value in options.items()})
        return out[0] if isinstance(out, tuple) else out
    found = function(*bare(args), **{name: bare(value) for name, value in options.items()})
    if any(found is array._host for array in arrays):
        return next(array for array in arrays if found is array._host)
    return wrap(found, *arrays)


def arrays_in(value):
    if isinstance(value, ndarray):
        return [value]
    return [array for part in value for array in arrays_in(part)] if isinstance(value, (list, tuple)) else []


def wrap(found, *sources):
    """Results as arrays, single numbers too; a view lies where its source lies."""
    if isinstance(found, (list, tuple)):
        return type(found)(wrap(part, *sources) for part in found)
    if isinstance(found, numpy.generic):
        found = numpy.asarray(found)
    if not isinstance(found, numpy.ndarray):
        return found
    owner = next((s for s in sources if numpy.may_share_memory(s._host, found) and found.size), None)
    return ndarray(found, Device() if owner is None else owner.device)


def _binary(function):
    return lambda self, other: NotImplemented if other is None else call(function, (self, other), {})


def _reflected(function):
    return lambda self, other: call(function, (other, self), {})


def _in_place(function):
    def write(self, other):
        call(function, (self, other), {})
        return self

    return write


def _conversion(kind):
    return lambda self: kind(self._read(kind.__name__))


for name in (
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "matmul",
    "and",
    "or",
    "xor",
    "lshift",
    "rshift",
):
    function = getattr(operator, f"__{name}__")
    setattr(ndarray, f"__{name}__", _binary(function))
    setattr(ndarray, f"__r{name}__", _reflected(function))
    setattr(ndarray, f"__i{name}__", _in_place(getattr(operator, f"__i{name}__")))
for name in ("lt", "le", "eq", "ne", "gt", "ge"):
    setattr(ndarray, f"__{name}__", _binary(getattr(operator, name)))
for name in ("neg", "pos", "abs", "invert"):
    setattr(ndarray, f"__{name}__", lambda self, f=getattr(operator, name): call(f, (self,), {}))
for kind in (int, float, bool, complex):
    setattr(ndarray, f"__{kind.__name__}__", _conversion(kind))
ndarray.__index__ = _conversion(operator.index)
