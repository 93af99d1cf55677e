"""Move arrays between thinc and JAX."""

from typing import Any

import numpy

from ..errors import BorderError, MissingFrameworkError
from ..interop import Framework, module_of

_WIDE = {"int64": "int32", "uint64": "uint32"}


class JaxFramework(Framework):
    """JAX computes later than it returns, and narrows 64-bit numbers without a word."""

    __slots__ = ()

    def take(self, array: Any) -> Any:
        return super().take(narrowed(array))

    def give(self, value: Any, xp: Any = numpy) -> Any:
        """Waits until the value is computed.  Types that NumPy lacks are widened to float32."""
        if xp is not numpy:
            return super().give(value.block_until_ready(), xp)
        try:
            array = numpy.asarray(value)  # shares memory, read-only
        except TypeError as error:
            raise BorderError(f"NumPy can't take jax's array of {value.dtype}: {error}") from error
        return array.astype("f") if array.dtype.kind == "V" else array

    def from_bits(self, bits: Any, like: Any) -> Any:
        return import_jax().numpy.asarray(bits.view(like.dtype))


JAX = JaxFramework("jax", "jax.dlpack.from_dlpack", dense=True, alignment=64)


def import_jax() -> Any:
    """The jax module.  Raises MissingFrameworkError."""
    try:
        import jax
    except ImportError as error:
        raise MissingFrameworkError("JAX is not installed. Install it with `pip install 'thinc[jax]'`.") from error
    return jax


def narrowed(array: Any) -> Any:
    """The array, its 64-bit integers as 32-bit ones where JAX has no others.

    Raises BorderError where that would lose anything: JAX itself would not say so.
    """
    if array.dtype.itemsize < 8 or array.dtype.kind not in "iufc" or import_jax().config.jax_enable_x64:
        return array
    kind = array.dtype.newbyteorder("=").name
    if kind == "complex64":
        return array
    narrow = array.astype(_WIDE[kind]) if kind in _WIDE else None
    if narrow is None or not (narrow == array).all():
        raise BorderError(
            f"jax can't take an array of {array.dtype} {list(array.shape)}: without jax_enable_x64 it would be rounded "
            "to 32 bits. Give it .astype('float32') or 32-bit integers, or set jax_enable_x64."
        )
    return narrow


def xp2jax(xp_tensor: Any) -> Any:
    """An array as a jax.Array, sharing memory where it is aligned by 64 bytes and dense.

    JAX takes its arrays for constants: don't write into an array that is shared.
    """
    return xp_tensor if JAX.owns(xp_tensor) else JAX.take(xp_tensor)


def jax2xp(jax_array: Any, *, ops: Any = None) -> Any:
    """A jax.Array as an array, read-only where it shares host memory; waits until it is computed.

    Without `ops` the array lies where the jax.Array does.
    """
    is_on_gpu = any(device.platform in ("gpu", "cuda") for device in jax_array.devices())
    return JAX.give(jax_array, module_of(is_on_gpu) if ops is None else ops.xp)
