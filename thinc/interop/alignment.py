"""Let NumPy place its arrays at multiples of 64 bytes, where TensorFlow and JAX take them without a copy.

NumPy places one array in four there by chance.  The setting belongs to the context of the caller
(`contextvars`): other threads, and tasks that run already, are not changed, and a new thread
starts with NumPy's own allocator.  Arrays remember who allocated them: they can be kept, resized
and freed anywhere.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import MissingFrameworkError


@contextmanager
def aligned_memory() -> Iterator[None]:
    """Arrays that NumPy makes inside the block start at multiples of 64 bytes.

    Views may start elsewhere, and memory that came from elsewhere stays where it is.

    Raises MissingFrameworkError where the compiled extension is missing.
    """
    handler = _handler()
    before = handler.set_handler(handler.aligned)
    try:
        yield
    finally:
        handler.set_handler(before)


def use_aligned_memory(is_on: bool = True) -> None:
    """Switch `aligned_memory` on from here, or back to NumPy's own allocator, in this thread.

    Raises MissingFrameworkError where the compiled extension is missing.
    """
    handler = _handler()
    handler.set_handler(handler.aligned if is_on else None)


def _handler() -> Any:
    try:
        from . import _aligned
    except ImportError as error:
        raise MissingFrameworkError(
            "Aligned memory needs thinc's compiled extension, which can't be imported. Install a wheel, or build "
            "where there is a C++ compiler and without THINC_NO_EXTENSION=1."
        ) from error
    return _aligned
