"""How many threads the kernels use, and how much memory they keep."""

import os

from ._accelerate import kernels


def set_num_threads(n: int) -> None:
    """Use at most n threads in big operations, the calling one included.  At first there is one.

    Operations are cut into pieces that threads claim one by one, so that a busy machine makes
    nothing slower than one thread would. Results don't depend on n. The environment variable
    THINC_NUM_THREADS sets n when thinc is imported. Without compiled kernels n has no effect.
    Raises ValueError if n is not a positive int.
    """
    if not isinstance(n, int) or isinstance(n, bool) or n < 1:
        raise ValueError(f"set_num_threads: got {n!r}; give a number of threads, at least 1")
    if kernels is not None:
        kernels.limit_threads(n)


def get_num_threads() -> int:
    """At most so many threads are used."""
    return 1 if kernels is None else kernels.thread_limit()


def empty_memory_pool() -> int:
    """Give unused memory of big arrays back to the system; the number of bytes."""
    return 0 if kernels is None else kernels.empty_pool()


def set_memory_pool_limit(n_bytes: int) -> int:
    """Keep at most so many unused bytes for the next big arrays, 0 for none; gives the limit before.

    At first the limit is 256 MB. A fresh page of memory costs 1.6 µs, up to a third of a prediction.
    """
    if n_bytes < 0:
        raise ValueError(f"set_memory_pool_limit: got {n_bytes}; give a number of bytes, at least 0")
    return 0 if kernels is None else kernels.limit_pool(n_bytes)


def _read_environment() -> None:
    wanted = os.environ.get("THINC_NUM_THREADS")
    if not wanted:
        return
    if not wanted.isdecimal() or int(wanted) < 1:
        raise ValueError(f"THINC_NUM_THREADS is {wanted!r}; set it to a number of threads, at least 1")
    set_num_threads(int(wanted))


_read_environment()
