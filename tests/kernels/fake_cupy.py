"""A stand-in for CuPy with two GPUs: NumPy's arrays that know on which device they were made."""

import types

import numpy


class Device:
    """As cupy.cuda.Device: current inside a `with` block; the devices that were waited for are kept."""

    current = 0
    synchronized: list = []

    def __init__(self, id=None):
        self.id = Device.current if id is None else id

    def __enter__(self):
        self.outer, Device.current = Device.current, self.id
        return self

    def __exit__(self, *_):
        Device.current = self.outer

    def use(self):
        Device.current = self.id

    def synchronize(self):
        Device.synchronized.append(self.id)


class ndarray(numpy.ndarray):
    """An array of one device; mixing arrays of two is an error, as it is on most machines."""

    device = None  # NumPy has a read-only attribute of this name

    def __array_finalize__(self, source):
        # A view lies where its source lies; a new array on the device that is current.
        shares = source is not None and self.base is not None and isinstance(source, ndarray)
        self.device = source.device if shares else Device(Device.current)

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        arrays = [a for a in (*inputs, *(out or ())) if isinstance(a, ndarray)]
        assert {a.device.id for a in arrays} == {Device.current}, f"{ufunc.__name__} on another device"
        plain = [numpy.asarray(a) if isinstance(a, ndarray) else a for a in inputs]
        if out is not None:
            options["out"] = tuple(numpy.asarray(a) for a in out)
        found = getattr(ufunc, method)(*plain, **options)
        return out[0] if out is not None else as_ours(found)

    def get(self):
        return numpy.array(self)


def as_ours(found):
    if isinstance(found, numpy.ndarray) and not isinstance(found, ndarray):
        found = found.view(ndarray)
        found.device = Device(Device.current)
    return found


class Module(types.ModuleType):
    """`cupy`: what is not here is NumPy's."""

    def __init__(self, count=2):
        super().__init__("cupy")
        self.ndarray = ndarray
        self.runtime = types.SimpleNamespace(
            getDeviceCount=lambda: count, getDevice=lambda: Device.current, CUDARuntimeError=RuntimeError
        )
        device = types.SimpleNamespace(Device=Device)
        self.cuda = types.SimpleNamespace(
            Device=Device, device=device, runtime=self.runtime, is_available=lambda: count > 0
        )

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(numpy, name)
        if not callable(found) or isinstance(found, type):
            return found
        return lambda *args, **options: as_ours(found(*args, **options))

    def array(self, data, dtype=None, order="K"):
        return as_ours(numpy.array(numpy.asarray(data), dtype=dtype, order=order))

    def asarray(self, data, dtype=None, order=None):
        if isinstance(data, ndarray) and dtype in (None, data.dtype) and (order is None or data.flags.c_contiguous):
            return data
        return self.array(data, dtype, order=order or "K")

    def ascontiguousarray(self, array, dtype=None):
        if isinstance(array, ndarray) and array.flags.c_contiguous and dtype in (None, array.dtype):
            return array
        return self.array(array, dtype, order="C")
