"""Loads and predictions take turns, so that nobody computes with a half-loaded tree.

A prediction takes no lock, which would cost every layer. It reads a counter before and after
instead, as in a seqlock (Lameter 2005, "Effective synchronization on Linux/NUMA systems"): if a
load came between, it runs once more, this time with loads kept out.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Turns:
    """count: odd while a load is changing models.  lock: held by loads, and by predictions run again."""

    __slots__ = ("count", "lock")

    def __init__(self) -> None:
        self.count = 0
        self.lock = threading.RLock()

    @contextmanager
    def change(self) -> Iterator[None]:
        """Models change inside this block; the caller holds the lock."""
        self.count += 1
        try:
            yield
        finally:
            self.count += 1

    def passed(self, seen: int) -> bool:
        """Whether models have stayed as they were since `count` was `seen`."""
        return self.count == seen and not seen & 1


turns = Turns()


def predict_alone(forward: Callable, model: Any, X: Any) -> Any:
    """The output of a run during which nothing is loaded."""
    with turns.lock:
        Y, _ = forward(model, X, is_train=False)
        return Y


def can_repeat(X: Any) -> bool:
    """An iterator is used up by the first run."""
    return not hasattr(X, "__next__")
