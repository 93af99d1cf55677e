"""Name stretches of a run for NVIDIA's profiler."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from .._optional import load


@contextlib.contextmanager
def use_nvtx_range(message: str, id_color: int = -1) -> Iterator[None]:
    """Show the block as a range named `message`; without CuPy nothing happens.

    id_color: the number of a colour; -1 lets the profiler choose.
    """
    nvtx = load("cupy.cuda.nvtx")
    if nvtx is None:
        yield
        return
    nvtx.RangePush(message, id_color)
    try:
        yield
    finally:
        nvtx.RangePop()
