"""Measure what a call leaves behind in memory."""

import gc
import pathlib
import tracemalloc


def growth(act, times, warm_up=20):
    """(bytes of Python memory, objects, bytes of the process) per call: of two halves, the smaller.

    What leaks does so in both.  Now and then a table of the interpreter grows: that of its strings
    by 2 MB, in which half hangs on how many strings there are.
    """
    for _ in range(warm_up):
        act()
    gc.collect()
    tracemalloc.start()
    act()  # what tracing itself keeps
    states = [state()]
    for _ in range(2):
        for _ in range(times // 2):
            act()
        states.append(state())
    tracemalloc.stop()
    start, middle, end = states
    return tuple(min(b - a, c - b) / (times // 2) for a, b, c in zip(start, middle, end))


def state():
    gc.collect()
    return tracemalloc.get_traced_memory()[0], len(gc.get_objects()), resident()


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
