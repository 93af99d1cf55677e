"""CupyOps: all operations on an NVIDIA GPU, through CuPy."""

import numpy

from .._optional import load
from ..config import registry
from ..errors import ContainerError
from ..interop.memory import from_gpu, is_on_gpu
from ._cuda import launcher_unless_switched_off
from ._devices import on_own_device
from ._known import remember_host
from .activation.cuda import CudaActivations
from .arrays.reference import on_host
from .dropout.cuda import CudaDropout
from .linear.cuda import CudaLinear
from .linear.reference import show
from .lookup.cuda import CudaLookup
from .normalization.cuda import CudaNormalization
from .ops import Ops
from .recurrent.cuda import CudaRecurrent
from .sequence.cuda import CudaSequences
from .training.cuda import CudaTraining


class LateModule:
    """A class attribute that imports a module when it is first read."""

    def __init__(self, name: str):
        self._name = name

    def __get__(self, instance, owner=None):
        return load(self._name)


@registry.ops("CupyOps")
@on_own_device
class CupyOps(
    CudaActivations,
    CudaDropout,
    CudaLinear,
    CudaLookup,
    CudaNormalization,
    CudaRecurrent,
    CudaSequences,
    CudaTraining,
    Ops,
):
    """Arrays are cupy arrays in the memory of one device, that of number `device_id`.

    Without CuPy an object can still be made, for instance to read a config;
    its `xp` is None.
    """

    name = "cupy"
    xp = LateModule("cupy")
    _xp2 = LateModule("cupyx")
    _cuda = launcher_unless_switched_off()  # pyright: ignore[reportAssignmentType]  `launches` looks for None

    def __init__(self, device_type: str = "gpu", device_id: int = 0, **kwargs):
        super().__init__(device_type, device_id, **kwargs)

    def to_numpy(self, data, *, byte_order=None):
        host = data if isinstance(data, numpy.ndarray) else on_host(data)
        return super().to_numpy(host, byte_order=byte_order)

    to_numpy.__doc__ = Ops.to_numpy.__doc__

    def asarray(self, data, dtype=None):
        if not isinstance(data, self.xp.ndarray) and is_on_gpu(data):
            data = from_gpu(self.xp, data)
        elif not isinstance(data, self.xp.ndarray):
            host = on_host(data)
            data = remember_host(self.xp.asarray(host, dtype=dtype), host)
        if self.device_type == "gpu" and data.device.id != self.device_id:
            data = self.xp.array(data)  # copies to the device of these Ops, which is current
        return data if dtype is None else data.astype(dtype, copy=False)

    asarray.__doc__ = Ops.asarray.__doc__

    def gemm(self, x, y, out=None, trans1=False, trans2=False):
        for array in (x, y):
            if not isinstance(array, self.xp.ndarray):
                raise ContainerError(
                    f"gemm: got the {type(array).__module__} array {show(array)} on a GPU; "
                    "move it there with `model.ops.asarray`"
                )
        return super().gemm(x, y, out=out, trans1=trans1, trans2=trans2)

    gemm.__doc__ = Ops.gemm.__doc__
