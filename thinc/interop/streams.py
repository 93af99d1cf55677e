"""Give memory of a GPU back only after the streams that use it, where two libraries work on different ones.

Allocators hand memory that nobody holds to the next array of its own stream at once: what another
stream still has to do with it would read or write the new numbers. DLPack lets streams meet when an
array is taken, not when it is let go.
"""

from __future__ import annotations

import sys
from typing import Any


def outliving(array: Any, consumer: int) -> Any:
    """The CuPy array, or a view of it whose memory its stream reuses after the consumer's work on it.

    consumer: the address of the stream that whoever takes the array will use it on; the work counts
    that is in that stream when the view is let go.
    """
    cupy: Any = sys.modules["cupy"]
    own = cupy.cuda.get_current_stream()
    if own.ptr == consumer:
        return array
    owner = _Meeting(array, own, cupy.cuda.ExternalStream(consumer, array.device.id))
    size = array.itemsize + sum((n - 1) * step for n, step in zip(array.shape, array.strides)) if array.size else 0
    memory = cupy.cuda.UnownedMemory(array.data.ptr, size, owner, array.device.id)
    return cupy.ndarray(array.shape, array.dtype, cupy.cuda.MemoryPointer(memory, 0), array.strides)


def hold_for_cupy(torch: Any, tensor: Any) -> None:
    """Let torch reuse the memory of a tensor of its own only after what CuPy's current stream has to do with it."""
    address = sys.modules["cupy"].cuda.get_current_stream().ptr
    if address != torch.cuda.current_stream(tensor.device).cuda_stream:
        tensor.record_stream(torch.cuda.ExternalStream(address, device=tensor.device))


class _Meeting:
    """Holds an array; when nobody uses it any more, its stream waits, on the device, for the other one."""

    def __init__(self, array: Any, own: Any, other: Any):
        self._array, self._own, self._other = array, own, other

    def __del__(self) -> None:
        if not sys.is_finalizing():
            with self._array.device:
                self._own.wait_event(self._other.record())
