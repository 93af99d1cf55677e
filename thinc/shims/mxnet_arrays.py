"""Move arrays between thinc and MXNet."""

from typing import Any

import numpy

from ..errors import BorderError
from ..interop import Framework, dtype_name, is_floating, is_mxnet_array, shareable
from .mxnet_import import import_mxnet

# What `from_dlpack` of MXNet 1.9.1 knows.
_SHARED = {"float16", "float32", "float64", "int8", "int32", "int64", "uint8"}

_SMALL = 2**14  # numbers, above which new pages cost NumPy more than a call of the engine


class MXNetFramework(Framework):
    """MXNet has no DLPack protocol, only capsules; and its engine writes while Python goes on."""

    __slots__ = ()

    def take(self, array: Any) -> Any:
        mxnet = import_mxnet()
        kind = array.dtype.newbyteorder("=").name
        if not array.shape and not mxnet.util.is_np_shape():
            raise BorderError(
                f"mxnet can't take an array of {array.dtype} []: it takes no axes for an unknown shape. Give it one, "
                "for instance with .reshape(1)."
            )
        if kind == "bool" or (array.size == 0 and kind in _SHARED):
            return copied(array, kind)  # `from_dlpack` knows neither
        if kind not in _SHARED:
            raise BorderError(
                f"mxnet can't take an array of {array.dtype} {list(array.shape)}: it knows bool and "
                f"{', '.join(sorted(_SHARED))}. Convert it first, for instance with .astype('float32')."
            )
        # Not `nd.from_numpy`: it makes the caller's array read-only for ever.
        return mxnet.nd.from_dlpack(shareable(array, dense=True).__dlpack__())

    def give(self, value: Any, xp: Any = numpy) -> Any:
        if value.stype != "default":
            value = value.tostype("default")
        value.wait_to_read()
        if dtype_name(value) == "bool" or value.size == 0 or value.context.device_type != "cpu":
            array = value.asnumpy()
        else:
            array = numpy.from_dlpack(_Capsule(value))
        return array if xp is numpy else xp.asarray(array)

    def cast(self, value: Any, like: Any) -> Any:
        value = value if value.dtype == like.dtype else value.astype(like.dtype)
        return value.as_in_context(like.context)


def copied(array: Any, dtype: Any) -> Any:
    """An NDArray with memory of its own.  `nd.array` would do, but warns about SciPy."""
    there = import_mxnet().nd.empty(array.shape, dtype=dtype)
    if array.size:
        there._sync_copyfrom(array.copy(order="C"))
    return there


def unset_like(tensor: Any) -> Any:
    """An NDArray of the shape and dtype of another one, and where it lies, with any content."""
    if tensor.context.device_type != "cpu":
        return import_mxnet().nd.empty(tensor.shape, tensor.context, tensor.dtype)
    return MXNET.take(numpy.empty(tensor.shape, tensor.dtype))


def copy_of(tensor: Any) -> Any:
    """An NDArray with memory of its own.

    NumPy copies small ones ten times as fast as the engine, which has memory at hand for large ones.
    """
    if tensor.stype != "default" or tensor.context.device_type != "cpu" or tensor.size > _SMALL:
        return tensor.copy()
    return MXNET.take(MXNET.give(tensor).copy())


class _Capsule:
    """Give an NDArray's capsule the protocol that NumPy asks for."""

    def __init__(self, array: Any):
        self._array = array

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)

    def __dlpack__(self, **options: Any) -> Any:
        return self._array.to_dlpack_for_read()


MXNET = MXNetFramework("mxnet", "mxnet.nd.from_dlpack", dense=True, capsule=True)


def xp2mxnet(xp_tensor: Any, requires_grad: bool = False) -> Any:
    """An array as an NDArray, sharing memory where that is safe; the array stays writable.

    Integers can't have gradients: `requires_grad` is ignored for them.
    """
    tensor = xp_tensor if is_mxnet_array(xp_tensor) else MXNET.take(xp_tensor)
    if requires_grad and is_floating(tensor) and tensor.size:
        # `attach_grad` would let the engine write zeros first, which takes ten times as long.
        import_mxnet().autograd.mark_variables([tensor], [unset_like(tensor)])
    return tensor


def mxnet2xp(mx_tensor: Any, *, ops: Any = None) -> Any:
    """An NDArray as an array, read-only where it shares memory; waits until it is computed."""
    return MXNET.give(mx_tensor, numpy if ops is None else ops.xp)
