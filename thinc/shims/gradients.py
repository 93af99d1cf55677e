"""Sum gradients of a foreign model over all the shims that hold it."""

import threading
from typing import Any
from weakref import WeakKeyDictionary


class Gradients:
    """Name -> the sum of what was added since `take_all`; safe in threads.

    backward: a lock for backward passes that write into the model.
    """

    def __init__(self) -> None:
        self.backward = threading.Lock()
        self._sums: dict[str, Any] = {}
        self._lock = threading.Lock()

    def add(self, name: str, grad: Any) -> None:
        with self._lock:
            self._sums[name] = self._sums[name] + grad if name in self._sums else grad

    def take_all(self) -> dict[str, Any]:
        """The sums, which are forgotten here."""
        with self._lock:
            sums, self._sums = self._sums, {}
        return sums


_known: WeakKeyDictionary[Any, Gradients] = WeakKeyDictionary()
_lock = threading.Lock()


def gradients_of(model: Any) -> Gradients:
    """Those of the model: where two layers wrap one model, the first that is updated takes them all.

    With gradients of their own, both would step, each with a part of the sum.
    """
    with _lock:
        return _known.setdefault(model, Gradients())
