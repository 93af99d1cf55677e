"""What every wrapped framework must be able to do; everything else is derived here."""

import contextlib
import copy
from collections.abc import Callable, Iterator
from typing import Any

from .._identity import next_id
from ..serialization.files import read_path, write_path


class Shim:
    """Hold a foreign model.

    A framework implements `forward`, `read`, `read_grads` and `write`, and
    `to_bytes` with `stage_bytes`; a minimal subclass may override the derived
    methods instead.
    """

    id: int
    cfg: dict

    def __init__(self, model: Any, config: dict | None = None, optimizer: Any = None):
        self.id = next_id()
        self.cfg = dict(config) if config is not None else {}
        self._model = model
        self._optimizer = optimizer

    # The four primitives

    def forward(self, inputs: Any, is_train: bool) -> tuple[Any, Callable[[Any], Any]]:
        raise NotImplementedError

    def read(self) -> dict[str, Any]:
        """Name -> parameter, as an array that the optimizer can take."""
        raise NotImplementedError

    def read_grads(self) -> dict[str, Any]:
        """Name -> gradient, only for parameters that have one; they are consumed."""
        raise NotImplementedError

    def write(self, values: dict[str, Any]) -> None:
        """Name -> new value of the parameter; all are checked before the first is set."""
        raise NotImplementedError

    # Derived

    def __call__(self, inputs: Any, is_train: bool) -> tuple[Any, Callable[[Any], Any]]:
        return self.forward(inputs, is_train)

    def predict(self, fwd_args: Any) -> Any:
        return self(fwd_args, is_train=False)[0]

    def begin_update(self, fwd_args: Any) -> tuple[Any, Callable[[Any], Any]]:
        return self(fwd_args, is_train=True)

    def finish_update(self, optimizer: Callable) -> None:
        values, updated = self.read(), {}
        for name, grad in self.read_grads().items():
            updated[name], _ = optimizer((self.id, name), values[name], grad)
        self.write(updated)

    @contextlib.contextmanager
    def use_params(self, params: dict | None) -> Iterator[None]:
        """Use other values for some parameters; the old ones come back in any case.

        params: (shim id, name) -> array.  Keys of other owners are skipped.
        """
        mine = self._own_params(params or {})
        if not mine:
            yield
            return
        before = self.read()
        backup = {name: before[name].copy() for name in mine if name in before}
        self.write({name: mine[name] for name in backup})
        try:
            yield
        finally:
            self.write(backup)

    def _own_params(self, params: dict) -> dict[str, Any]:
        return {
            key[1]: value
            for key, value in params.items()
            if isinstance(key, tuple) and len(key) == 2 and key[0] == self.id
        }

    def copy(self) -> "Shim":
        """A deep copy with an id of its own, so that optimizer keys never collide."""
        other = copy.deepcopy(self)
        other.id = next_id()
        return other

    # Devices

    def to_device(self, device_type: str, device_id: int) -> None:
        raise NotImplementedError

    def to_gpu(self, gpu_id: int) -> None:
        self.to_device("gpu", gpu_id)

    def to_cpu(self) -> None:
        self.to_device("cpu", -1)

    # Bytes

    def to_bytes(self) -> bytes:
        raise NotImplementedError

    def from_bytes(self, bytes_data: bytes) -> Any:
        if type(self).stage_bytes is Shim.stage_bytes:
            raise NotImplementedError
        self.stage_bytes(bytes_data)()
        return self

    def stage_bytes(self, bytes_data: bytes) -> Callable[[], Any]:
        """Check the bytes without changing anything; the result loads them.

        Raises LoadError.  A subclass that only has `from_bytes` is not checked.
        """
        return lambda: self.from_bytes(bytes_data)

    def to_disk(self, path: Any) -> None:
        write_path(path, self.to_bytes())

    def from_disk(self, path: Any) -> Any:
        return self.from_bytes(read_path(path))
