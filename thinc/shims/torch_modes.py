"""Run a torch module in training or evaluation mode, then put its flags back."""

import threading
from collections.abc import Callable
from threading import get_ident
from typing import Any
from weakref import WeakKeyDictionary


class ModeGate:
    """Threads that need the same mode run together; another mode waits for its turn.

    The flags belong to the module, which all threads share: the first one in sets them and the
    last one out puts every flag back as it was found.  `enter` and `leave` instead of a context
    manager: that would cost 2 µs more, a third of a small prediction.

    One thread may own the gate for a while: the others wait until it disowns it.

    backward: a lock for the backward passes, which add to gradients that all threads share.
    first: the first parameter, or None.  writes_into_input: may a part like
    `ReLU(inplace=True)` write into its input?  Both are as found by the first one in.
    """

    def __init__(self) -> None:
        self.backward = threading.Lock()
        self._lock = threading.Lock()
        self._free = threading.Condition(self._lock)
        self._holders: dict[int, int] = {}
        # How many wait for evaluation, training and to own the gate, and how many in all.
        self._queues: dict[bool | None, int] = {False: 0, True: 0, None: 0}
        self._waiting = 0
        self._owner = self._owned = 0
        self._mode = False
        self._changed: list[Any] = []
        self.first: Any = None
        self.writes_into_input = False

    def enter(self, module: Any, is_train: bool) -> tuple | None:
        """Wait for one's turn and set the flags.  What it returns is for `leave`."""
        me, holders = get_ident(), self._holders
        with self._lock:
            if me not in holders and (
                (self._owner and self._owner != me) or (holders and (self._mode is not is_train or self._waiting))
            ):
                self._wait(is_train, lambda: self._owner in (0, me) and (not holders or self._may_join(is_train)))
            if not holders:
                self._changed, self.first, self.writes_into_input = set_modes(module, is_train)
                self._mode = is_train
                holders[me] = 1
            elif self._mode is is_train:
                holders[me] = holders.get(me, 0) + 1
            else:
                # A module that calls its own layer must not wait for itself.
                return set_modes(module, is_train)[0], not is_train
        return None

    def leave(self, nested: tuple | None) -> None:
        if nested is not None:
            set_flags(*nested)
            return
        me, holders = get_ident(), self._holders
        with self._lock:
            left = holders.pop(me) - 1
            if left:
                holders[me] = left
            elif not holders:
                if self._changed:
                    set_flags(self._changed, not self._mode)
                    self._changed = []
            if self._waiting:
                self._free.notify_all()

    def own(self) -> None:
        """Wait until no other thread is inside, and keep the others out until `disown`."""
        me = get_ident()
        with self._lock:
            if self._owner != me and (self._owner or set(self._holders) - {me}):
                self._wait(None, lambda: not self._owner and not set(self._holders) - {me})
            self._owner = me
            self._owned += 1

    def disown(self) -> None:
        with self._lock:
            self._owned -= 1
            if not self._owned:
                self._owner = 0
                self._free.notify_all()

    def _may_join(self, is_train: bool) -> bool:
        """Those inside are of this mode, and nobody waits for something else: nobody starves."""
        return self._mode is is_train and self._waiting == self._queues[is_train]

    def _wait(self, queue: bool | None, may_go: Callable[[], bool]) -> None:
        self._waiting += 1
        self._queues[queue] += 1
        try:
            self._free.wait_for(may_go)
        finally:
            self._waiting -= 1
            self._queues[queue] -= 1


_gates: WeakKeyDictionary[Any, ModeGate] = WeakKeyDictionary()
_gates_lock = threading.Lock()


def gate_of(module: Any) -> ModeGate:
    """That of the module: layers that wrap one module wait for each other too."""
    if module is None:
        return ModeGate()
    with _gates_lock:
        return _gates.setdefault(module, ModeGate())


def set_modes(module: Any, is_train: bool) -> tuple[list[Any], Any, bool]:
    """Set the flags; (the parts whose flag was changed, the first parameter, writes_into_input).

    For training, parts that the user froze with `.eval()` stay frozen; but a module that is in
    evaluation as a whole, as pretrained ones come, is trained as a whole.
    """
    changed, first, writes, is_frozen = [], None, False, True
    waiting = [module] if hasattr(module, "_modules") else []
    # Not `module.modules()`: it keeps a set of names and takes five times as long.
    # Not cached either: users replace sub-modules.
    while waiting:
        part = waiting.pop()
        if part is None:
            continue
        own = part.__dict__  # a dict is read three times as fast as attributes of a module
        if (own["training"] if "training" in own else part.training) is is_train:
            is_frozen = False
        else:
            changed.append(part)
        if "inplace" in own and own["inplace"] is True:
            writes = True
        if first is None:
            for param in part._parameters.values():
                if param is not None:
                    first = param
                    break
        modules = part._modules
        if modules:
            waiting.extend(reversed(tuple(modules.values())))
    if is_train and not is_frozen:
        changed = []
    set_flags(changed, is_train)
    return changed, first, writes


def set_flags(parts: list[Any], is_train: bool) -> None:
    for part in parts:
        # Module.__setattr__ looks through parameters and buffers first, 2 µs a flag;
        # scripted and compiled modules keep the flag elsewhere and need it.
        if "training" in part.__dict__:
            part.__dict__["training"] = is_train
        else:
            part.training = is_train
