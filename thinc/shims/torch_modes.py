"""Run a torch module in training or evaluation mode, then put its flags back."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any


class ModeGate:
    """Threads that need the same mode run together; another mode waits for its turn.

    The flags belong to the module, which all threads share: the first one in sets
    them and the last one out puts every flag back as it was found.
    """

    def __init__(self) -> None:
        self._free = threading.Condition(threading.Lock())
        self._holders: dict[int, int] = {}
        self._mode = False
        self._changed: list[Any] = []

    @contextlib.contextmanager
    def hold(self, module: Any, is_train: bool) -> Iterator[None]:
        me = threading.get_ident()
        if me in self._holders and self._mode != is_train:
            yield from self._hold_nested(module, is_train)
            return
        with self._free:
            while self._holders and self._mode != is_train and me not in self._holders:
                self._free.wait()
            if not self._holders:
                self._mode = is_train
                self._changed = set_modes(module, is_train)
            self._holders[me] = self._holders.get(me, 0) + 1
        try:
            yield
        finally:
            with self._free:
                self._holders[me] -= 1
                if not self._holders[me]:
                    del self._holders[me]
                if not self._holders:
                    for each in self._changed:
                        _set_flag(each, not is_train)
                    self._changed = []
                    self._free.notify_all()

    def _hold_nested(self, module: Any, is_train: bool) -> Iterator[None]:
        # A module that calls its own shim must not wait for itself.
        changed = set_modes(module, is_train)
        try:
            yield
        finally:
            for each in changed:
                _set_flag(each, not is_train)


def set_modes(module: Any, is_train: bool) -> list[Any]:
    """Set the flags and return the sub-modules whose flag was changed.

    In a module that is training, parts that the user froze with `.eval()` stay
    frozen; a module that is in evaluation as a whole is trained as a whole.
    """
    if not hasattr(module, "modules") or (is_train and module.training):
        return []
    changed, waiting = [], [module]
    # Not `module.modules()`: it keeps a set of names and takes five times as long.
    # Not cached either: users replace sub-modules.
    while waiting:
        part = waiting.pop()
        if part is None:
            continue
        if part.training != is_train:
            _set_flag(part, is_train)
            changed.append(part)
        waiting.extend(part._modules.values())
    return changed


def _set_flag(part: Any, is_train: bool) -> None:
    # Module.__setattr__ looks through parameters and buffers first, 2 µs a flag;
    # scripted modules keep the flag elsewhere and need it.
    if "training" in part.__dict__:
        part.__dict__["training"] = is_train
    else:
        part.training = is_train
