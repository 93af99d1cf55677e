"""Measure what a call leaves behind in memory."""

import gc
import pathlib
import tracemalloc


def growth(act, times, warm_up=20):
    """(bytes of Python memory, objects, bytes of the process) per call."""
    for _ in range(warm_up):
        act()
    gc.collect()
    tracemalloc.start()
    act()  # what tracing itself keeps
    gc.collect()
    before = (tracemalloc.get_traced_memory()[0], len(gc.get_objects()), resident())
    for _ in range(times):
        act()
    gc.collect()
    after = (tracemalloc.get_traced_memory()[0], len(gc.get_objects()), resident())
    tracemalloc.stop()
    return tuple((b - a) / times for a, b in zip(before, after))


def resident():
    """Bytes of the process in memory; 0 where the system does not say so in /proc."""
    statm = pathlib.Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * 4096 if statm.exists() else 0


def must_fail(act, errors):
    try:
        act()
    except errors:
        return
    raise AssertionError("this should have failed")
