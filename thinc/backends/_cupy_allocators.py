"""Compatibility: the published path of the allocators in thinc.interop."""

from ..interop import pytorch_allocator as cupy_pytorch_allocator
from ..interop import tensorflow_allocator as cupy_tensorflow_allocator

__all__ = ["cupy_pytorch_allocator", "cupy_tensorflow_allocator"]
