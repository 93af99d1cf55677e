"""What every wrapped framework must be able to do; everything else is derived here.

How to write a shim.  One file holds a `Framework` record and a class with four methods:

    TOY = Framework("toy", "toy.from_dlpack")

    @registry.shims("toy")
    class ToyShim(Shim):
        framework = TOY

        def forward(self, inputs, is_train): ...
        def read(self): ...
        def read_grads(self): ...
        def write(self, values): ...

Then `FrameworkWrapper("toy", net)` is a layer: it converts, checks and restores structures.
All arrays in the four methods are the framework's own.

forward     inputs: ArgsKwargs.  Returns (outputs, backward), outputs of any nesting.
            backward(d_outputs) gets the outputs with each array replaced by its gradient, of
            the same shape, dtype and device, or by None; it is called once at most.  It adds to
            the gradients of the parameters and returns the inputs with each array replaced by
            its gradient or None.  Outside of training backward may be None.  Any mode that is
            set on the model is put back before forward returns or raises.
read        {name: array}: all that must be saved, parameters and buffers, each memory once.
            The arrays may be the live ones.
read_grads  {name: array}: the gradients since the last call; they are forgotten here.
write       {name: array}: some values to be set.  Names, shapes and dtypes have been checked.
            The arrays belong to the shim from now on: it may keep their memory.

A framework of another package registers itself through the entry point group `thinc_shims`.
"""

import copy
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, TypeVar

import numpy

from .._identity import LastId, next_id
from ..errors import DeviceError, LoadError, ShapeError
from ..interop import Framework, aligned_copy, is_floating
from ..serialization.files import read_path, write_path
from ..serialization.packing import dumps, loads
from .named_tensors import pack_tensors, unpack_tensors
from .updating import update_all

FORMAT = 1

ShimT = TypeVar("ShimT", bound="Shim")


class Shim:
    """Hold a foreign model.

    id: the first part of its keys in an optimizer, (id, name of parameter).
    """

    framework: ClassVar[Framework | None] = None
    # In front of the id and the name in the keys of strings that `use_params` takes too.
    key_prefix: ClassVar[str | None] = None

    # Compatibility: the last id. Models and shims draw from one counter, so that keys never collide.
    global_id: ClassVar[LastId] = LastId()
    global_id_lock: ClassVar[Any] = threading.Lock()
    id: int
    cfg: dict

    def __init__(self, model: Any, config: dict | None = None, optimizer: Any = None):
        self.id = next_id()
        self.cfg = dict(config) if config is not None else {}
        self._model = model
        self._optimizer = optimizer

    def hold(self, model: Any) -> None:
        """Hold this foreign model, which another shim may hold too."""
        self._model = model

    def weight_ids(self) -> dict[str, Any]:
        """Name of a parameter -> what is equal in all shims that hold it, and in no others."""
        return {name: (id(self._model), name) for name in self.param_names()}

    # The four primitives

    def forward(self, inputs: Any, is_train: bool) -> tuple[Any, Callable[[Any], Any] | None]:
        raise self._lacks("forward")

    def read(self) -> dict[str, Any]:
        raise self._lacks("read")

    def read_grads(self) -> dict[str, Any]:
        raise self._lacks("read_grads")

    def write(self, values: dict[str, Any]) -> None:
        raise self._lacks("write")

    def _lacks(self, name: str) -> NotImplementedError:
        return NotImplementedError(f"{type(self).__name__} has no `{name}`. See the docstring of thinc/shims/shim.py.")

    # Calls

    def __call__(self, inputs: Any, is_train: bool) -> tuple[Any, Callable[[Any], Any] | None]:
        return self.forward(inputs, is_train)

    def predict(self, fwd_args: Any) -> Any:
        return self(fwd_args, is_train=False)[0]

    def begin_update(self, fwd_args: Any) -> tuple[Any, Callable[[Any], Any] | None]:
        return self(fwd_args, is_train=True)

    def take(self, array: Any, needs_grad: bool) -> Any:
        """An input of the model; override to choose a device or to ask for a gradient.

        A framework that reads its inputs again in the backward pass needs a copy here, or a write
        into the array in between would change the gradients without a word.
        """
        return self._framework().take(array)

    def take_gradient(self, array: Any) -> Any:
        """The gradient of an output; copied where the gradients that are kept may share its memory."""
        return self._framework().take(array)

    # Parameters

    def key(self, name: str) -> tuple[int, str]:
        """How optimizers know the parameter."""
        return self.id, name

    def param_names(self) -> list[str]:
        """What an optimizer may change; override where buffers are floats too."""
        return [name for name, value in self.read().items() if is_floating(value)]

    def read_some(self, names: list[str]) -> dict[str, Any]:
        """The arrays of these names at least; override where reading all of them takes long."""
        return self.read()

    def finish_update(self, optimizer: Callable) -> None:
        """Let the optimizer change every parameter that has a gradient; forget the gradients."""
        grads = self.read_grads()
        if not grads:
            return
        values, framework = self.read_some(list(grads)), self._framework()
        # Copies: optimizers write in place, and the arrays of some frameworks are constants.
        rows = [
            (self.key(name), self._copied(values[name]), framework.give(grad).copy(order="C"))
            for name, grad in grads.items()
        ]
        updated = {}
        for name, (_, weights, _), new in zip(grads, rows, update_all(optimizer, rows)):
            # What was written in place is nobody else's: it need not be copied once more.
            owned = self._taken if new is weights else self._owned
            updated[name] = owned(name, new, values[name])
        self.write(updated)

    @contextmanager
    def use_params(self, params: dict | None) -> Iterator[None]:
        """Use other values for some parameters; the old ones come back in any case.

        params: key of an optimizer -> array.  Keys of other owners are skipped.
        """
        mine = self.own_params(params or {})
        before = self.read() if mine else {}
        mine = {name: value for name, value in mine.items() if name in before}
        backup = {name: self._copied(before[name]) for name in mine}
        values = {name: self._owned(name, value, before[name]) for name, value in mine.items()}
        try:
            if values:
                self.write(values)
            yield
        finally:
            if values:
                self.write({name: self._owned(name, backup[name], before[name]) for name in backup})

    def own_params(self, params: dict) -> dict[str, Any]:
        """Name -> value, for the keys (id, name) and "{key_prefix}_{id}_{name}" of this shim."""
        prefix = f"{self.key_prefix}_{self.id}_"
        mine = {}
        for key, value in params.items():
            if isinstance(key, tuple) and len(key) == 2 and key[0] == self.id:
                mine[key[1]] = value
            elif isinstance(key, str) and key.startswith(prefix):
                mine[key.removeprefix(prefix)] = value
        return mine

    def _copied(self, value: Any) -> Any:
        """Their array as a dense one of ours that nobody else has."""
        framework = self._framework()
        return aligned_copy(framework.give(value), framework.alignment)

    def _owned(self, name: str, array: Any, like: Any) -> Any:
        """An array as one of theirs that nobody else has, with the dtype of `like`."""
        if tuple(numpy.shape(array)) != tuple(like.shape):
            raise ShapeError(
                f"{type(self).__name__} can't set '{name}': got shape {tuple(numpy.shape(array))}, "
                f"expected {tuple(like.shape)}."
            )
        return self._taken(name, aligned_copy(array, self._framework().alignment), like)

    def _taken(self, name: str, array: Any, like: Any) -> Any:
        """An array that nobody else has as one of theirs, with the dtype of `like`."""
        framework = self._framework()
        return framework.cast(framework.take(array), like)

    def _framework(self) -> Framework:
        if self.framework is None:
            raise NotImplementedError(f"{type(self).__name__} names no framework: override this method.")
        return self.framework

    def copy(self: ShimT) -> ShimT:
        """A deep copy with an id of its own, so that optimizer keys never collide."""
        return self._copy({})

    def copy_in_tree(self: ShimT, memo: dict[int, Any]) -> ShimT:
        """As `copy`, for one of several shims.

        memo: of `copy.deepcopy`, the same for all of them, so that parts that they share stay
        shared. A subclass with a `copy` of its own shares whole models alone.
        """
        return self._copy(memo) if type(self).copy is Shim.copy else self.copy()

    def _copy(self: ShimT, memo: dict[int, Any]) -> ShimT:
        other = copy.deepcopy(self, memo)
        other.id = next_id()
        return other

    # Devices

    def to_device(self, device_type: str, device_id: int) -> None:
        """Raises DeviceError for anything but the CPU, unless the shim overrides it."""
        self._framework()
        if device_type != "cpu":
            raise DeviceError(f"{type(self).__name__} can't move to '{device_type}'. Use 'cpu'.")

    def to_gpu(self, gpu_id: int) -> None:
        self.to_device("gpu", gpu_id)

    def to_cpu(self) -> None:
        self.to_device("cpu", -1)

    # Bytes

    def to_bytes(self) -> bytes:
        """{"config", "format", "framework", "tensors"} as msgpack; no code, no pickle."""
        values, framework = self.read(), self._framework()
        message = {"config": self.cfg, "format": FORMAT, "framework": framework.name}
        return dumps({**message, "tensors": pack_tensors(framework, values)})

    def from_bytes(self, bytes_data: bytes) -> Any:
        """Raises LoadError, and changes nothing, where the bytes don't fit the model."""
        self.stage_bytes(bytes_data)()
        return self

    def stage_bytes(self, bytes_data: bytes) -> Callable[[], Any]:
        """Check the bytes without changing anything; the result loads them.

        Raises LoadError.
        """
        mine, framework = self.read(), self._framework()
        message = self._unpack(bytes_data)
        if message.get("format") != FORMAT:
            raise LoadError("format", f"unknown format {message.get('format')!r:.80}")
        if message.get("framework") != framework.name:
            came = f"{message.get('framework')!r:.80}"
            raise LoadError("framework", f"the file has tensors of {came}, the model is of {framework.name!r}")
        values = unpack_tensors(framework, message.get("tensors"), mine)

        def commit() -> Any:
            self.write(values)
            self.cfg = message["config"]
            return self

        return commit

    def _unpack(self, bytes_data: bytes) -> dict[str, Any]:
        """The message as a dict with a config.  Raises LoadError."""
        message = loads(bytes_data)
        if not isinstance(message, dict) or not isinstance(message.get("config"), dict):
            raise LoadError("shim", "this is not a saved shim: it has no config")
        return message

    def to_disk(self, path: Any) -> None:
        write_path(path, self.to_bytes())

    def from_disk(self, path: Any) -> Any:
        return self.from_bytes(read_path(path))
