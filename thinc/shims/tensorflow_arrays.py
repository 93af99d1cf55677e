"""Move arrays between thinc and TensorFlow."""

from typing import Any
from weakref import WeakSet

import numpy

from .._optional import is_loaded
from ..errors import BorderError, MissingFrameworkError
from ..interop import Framework, is_cupy_array, is_floating, is_tensorflow_gpu_array, module_of, seed_late, seeds
from ..interop.memory import FinishedTensor


class TensorFlowFramework(Framework):
    """TensorFlow aborts the process where memory is not aligned by 64 bytes."""

    __slots__ = ()

    def give(self, value: Any, xp: Any = numpy) -> Any:
        """Shares memory, read-only.  Types that NumPy lacks are widened to float32."""
        if not hasattr(value, "__array__"):
            raise BorderError(
                f"NumPy can't take tensorflow's {type(value).__name__} {value.shape}: it is not dense. Convert it "
                "first, with tensorflow.sparse.to_dense or .to_tensor()."
            )
        if xp is not numpy:
            return xp.from_dlpack(FinishedTensor(value, xp))
        array = numpy.asarray(value)
        return array.astype("f") if array.dtype.kind == "V" else array

    def cast(self, value: Any, like: Any) -> Any:
        return value if value.dtype == like.dtype else import_tensorflow().cast(value, like.dtype)

    def from_bits(self, bits: Any, like: Any) -> Any:
        return import_tensorflow().bitcast(numpy.ascontiguousarray(bits), like.dtype)


TENSORFLOW = TensorFlowFramework(
    "tensorflow", "tensorflow.experimental.dlpack.from_dlpack", dense=True, capsule=True, alignment=64
)


def import_tensorflow() -> Any:
    """The tensorflow module.  Raises MissingFrameworkError."""
    is_first_use = not is_loaded("tensorflow")
    try:
        import tensorflow
    except ImportError as error:
        raise MissingFrameworkError(
            "TensorFlow is not installed. Install it with `pip install 'thinc[tensorflow]'`; enable_tensorflow() is no "
            "longer needed."
        ) from error
    if is_first_use:
        seed_late("tensorflow")
    return tensorflow


def import_keras() -> Any:
    """The keras module, whatever its backend is.  Raises MissingFrameworkError."""
    try:
        import keras
    except ImportError as error:
        raise MissingFrameworkError(
            f"Keras or its backend is not installed. Install both with `pip install 'thinc[tensorflow]'`. ({error})"
        ) from error
    return keras


def xp2tensorflow(xp_tensor: Any, requires_grad: bool = False, as_variable: bool = False) -> Any:
    """An array as a tensor, sharing memory where it is dense and aligned by 64 bytes.

    requires_grad: if False, no gradient flows back to the tensor; tapes watch it in any case.
    as_variable: a variable of its own memory, trainable if `requires_grad`.
    """
    tensorflow = import_tensorflow()
    if as_variable:
        value = xp2tensorflow(xp_tensor) if is_cupy_array(xp_tensor) else numpy.array(xp_tensor)
        return tensorflow.Variable(value, trainable=requires_grad)
    tensor = xp_tensor if TENSORFLOW.owns(xp_tensor) else TENSORFLOW.take(xp_tensor)
    return tensor if requires_grad or not is_floating(tensor) else tensorflow.stop_gradient(tensor)


def tensorflow2xp(tf_tensor: Any, *, ops: Any = None) -> Any:
    """A tensor as an array, read-only where it shares host memory; without `ops` where the tensor lies."""
    return TENSORFLOW.give(tf_tensor, module_of(is_tensorflow_gpu_array(tf_tensor)) if ops is None else ops.xp)


# Shims whose models may have made random generators, which `set_seed` does not reach.
LIVING: WeakSet[Any] = WeakSet()


@seeds("tensorflow")
def _seed(seed: int) -> None:
    import_tensorflow().random.set_seed(seed % 2**63)
    for shim in sorted(LIVING, key=lambda shim: shim.id):  # of those that share a model, the last one counts
        shim.reseed([seed % 2**63, shim.id])  # not its place among those alive: that hangs on the garbage collector
