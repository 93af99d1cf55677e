"""Hold a Keras model that runs on TensorFlow."""

import copy
import threading
import warnings
from collections.abc import Callable
from typing import Any

import numpy

from ..config import keras_model_fns, registry
from ..errors import DeviceError, LoadError, UnsetError
from ..interop import is_floating, pair_recursive
from ..serialization.packing import dumps
from ..types import ArgsKwargs
from .gradients import gradients_of
from .keras_models import call_model, copy_frozen, load_architecture, maybe_handshake_model, pack_architecture
from .keras_states import KerasStates, all_variables, named_variables
from .tensorflow_arrays import LIVING, TENSORFLOW, import_tensorflow, tensorflow2xp, xp2tensorflow
from .tensorflow_calls import TracedCalls
from .traced import Structure

__all__ = [
    "TENSORFLOW",
    "TensorFlowShim",
    "keras_model_fns",
    "maybe_handshake_model",
    "tensorflow2xp",
    "xp2tensorflow",
]


@registry.shims("tensorflow")
class TensorFlowShim(KerasStates):
    """Interface between a Keras model and a thinc layer.

    model: Sequential, Functional or subclassed; None until `from_bytes` brings one with its
        architecture.
    config: {"architecture": True} saves the architecture too, as JSON.

    Weights are named by their position, `0.kernel`: Keras numbers its paths anew in each process.
    The model is traced, which is 2 to 50 times as fast as Keras' eager calls; a model that can't
    be traced runs eagerly. Compatibility: the published shim updates all weights as one flat
    parameter.
    """

    framework = TENSORFLOW
    key_prefix = "tensorflow"

    def __init__(self, model: Any, config: dict | None = None, optimizer: Any = None):
        super().__init__(model, config, optimizer)
        self._start()

    def _start(self) -> None:
        LIVING.add(self)
        self._lock = threading.Lock()
        self._run = TracedCalls(lambda: self._model)
        self._named: tuple[tuple, dict[str, Any]] = ((), {})

    def retrace(self) -> None:
        """Let an attribute of the model that was changed since its first call count.

        What is frozen, and which weights there are, is looked at in each call.
        """
        self._run.forget()

    def __getstate__(self) -> dict:
        return {name: value for name, value in self.__dict__.items() if name not in ("_lock", "_run", "_named")}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self._start()

    def __str__(self) -> str:
        lines: list[str] = []
        self._model.summary(print_fn=lambda line, **options: lines.append(line))
        return "\n".join(lines)

    # Forward and backward

    def __call__(self, X: ArgsKwargs, is_train: bool) -> Any:
        return self.forward(X, is_train)

    def predict(self, X: ArgsKwargs) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]  the published name
        return self.forward(X, False)[0]

    def begin_update(  # pyright: ignore[reportIncompatibleMethodOverride]  the published name
        self, X: ArgsKwargs
    ) -> tuple[Any, Callable[[Any], Any] | None]:
        return self.forward(X, True)

    def take(self, array: Any, needs_grad: bool) -> Any:
        # 2.5 µs; of four arrays, three are copied in any case, since they are not aligned.
        return TENSORFLOW.take_copy(array) if needs_grad else TENSORFLOW.take(array)

    def take_gradient(self, array: Any) -> Any:
        return TENSORFLOW.take_copy(array)

    def forward(self, inputs: ArgsKwargs, is_train: bool) -> tuple[Any, Callable[[Any], Any] | None]:
        if self._model is None:
            raise UnsetError("TensorFlowShim has no model yet. Call `from_bytes` with a file that has an architecture.")
        if not self._model.built:
            with self._lock:  # makes the weights, which a trace must not
                call_model(self._model, inputs, training=False)
                self.reset_states()
        if not is_train:
            return self._run.predict(inputs), None
        trained = self._trained()
        outputs, pull = self._run.begin_update(inputs, list(trained.values()))
        found = Structure(inputs, TENSORFLOW.owns)
        n_floats = len(found.floats)
        found.forget()

        def backward(d_outputs: Any) -> ArgsKwargs:
            d_heads = _gradients(outputs, d_outputs)
            if all(grad is None for grad in d_heads):
                return found.filled([None] * n_floats, None)
            grads = pull(d_heads)
            for name, grad in zip(trained, grads[n_floats:]):
                if grad is not None:
                    gradients_of(self._model).add(name, grad)
            return found.filled(grads[:n_floats], None)

        return outputs, backward

    # Weights

    def read(self) -> dict[str, Any]:
        """Raises UnsetError where the model has no weights yet."""
        if self._model is None or not self._model.built:
            raise UnsetError(
                "TensorFlowShim: the model is not built, so it has no weights yet. Call it once, give it an Input, or "
                "call `initialize(X=…)` on the layer."
            )
        return {name: variable.value for name, variable in self._variables().items()}

    def read_grads(self) -> dict[str, Any]:
        return gradients_of(self._model).take_all() if self._model is not None else {}

    def read_some(self, names: list[str]) -> dict[str, Any]:
        variables, read = self._variables(), import_tensorflow().raw_ops.ReadVariableOp
        # Without the tape and the copy of `read_value`: 5 µs instead of 24.
        values = ((name, variables[name].value) for name in names)
        return {name: read(resource=value.handle, dtype=value.dtype) for name, value in values}

    def write(self, values: dict[str, Any]) -> None:
        variables = self._variables()
        for name, value in values.items():
            # Keras' own `assign` takes 40 µs, of which 25 are for reading what was written.
            variables[name].value.assign(value, read_value=False)

    def param_names(self) -> list[str]:
        return list(self._trained())

    def reseed(self, seed: Any) -> None:
        """Give the random generators of the model, those of Dropout for instance, new seeds."""
        rng = numpy.random.default_rng(seed)
        variables = self._variables() if self._model is not None and self._model.built else {}
        for name, variable in variables.items():
            if name.endswith(".seed_generator_state"):
                variable.assign(rng.integers(2**31, size=variable.shape).astype(variable.dtype))

    def _variables(self) -> dict[str, Any]:
        """All variables, those of random generators and states included, by position."""
        if self._named[0] != (known := tuple(map(id, all_variables(self._model)))):
            self._named = known, named_variables(self._model)
        return self._named[1]

    def _trained(self) -> dict[str, Any]:
        """Those that an optimizer may change, in Keras' order."""
        names = {id(variable): name for name, variable in self._variables().items()}
        return {names[id(variable)]: variable for variable in self._model.trainable_variables}

    def copy(self) -> "TensorFlowShim":
        """Raises ValueError for a model that Keras can't copy."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # of TensorFlow, about NumPy
                other = super().copy()
        except NotImplementedError as error:
            raise ValueError(f"TensorFlowShim can't copy {type(self._model).__name__}: {error}") from error
        return other

    def __deepcopy__(self, memo: dict[int, Any]) -> "TensorFlowShim":
        other = memo[id(self)] = type(self).__new__(type(self))
        other.__setstate__(copy.deepcopy(self.__getstate__(), memo))
        if self._model is not None and self._model.built:  # Keras gives the copy new seeds, and no states
            other.write(self.read_some(list(self._variables())))
            copy_frozen(self._model, other._model)
        return other

    def to_device(self, device_type: str, device_id: int) -> None:
        tensorflow = import_tensorflow()
        name = f"/{device_type.upper()}:{max(device_id, 0)}"
        known = [device.name.partition("physical_device:")[2] for device in tensorflow.config.list_physical_devices()]
        if name[1:] not in known:
            raise DeviceError(f"TensorFlowShim can't move to '{name[1:]}'. TensorFlow has {', '.join(known)}.")
        if device_type != "cpu" and not self._lies_on(name[1:]):
            raise DeviceError(
                "TensorFlowShim: TensorFlow keeps a variable on the device where it was made. Make the model inside "
                f"`with tensorflow.device('{name}')` and load the weights."
            )

    def _lies_on(self, place: str) -> bool:
        """Are all weights on this device, or will they be, as TensorFlow makes them on the first GPU?"""
        if self._model is None or not self._model.built:
            return place == "GPU:0"
        return all(value.device.endswith(place) for value in self.read().values())

    # Bytes

    def to_bytes(self) -> bytes:
        if not self.cfg.get("architecture"):
            return super().to_bytes()
        return dumps({**self._unpack(super().to_bytes()), "architecture": pack_architecture(self._model)})

    def stage_bytes(self, bytes_data: bytes) -> Callable[[], Any]:
        if self._model is not None:
            return super().stage_bytes(bytes_data)
        text = self._unpack(bytes_data).get("architecture")
        if text is None:
            raise LoadError("architecture", "the file holds weights alone; give the shim a model to put them in")
        loaded = type(self)(load_architecture(text))
        commit_weights = loaded.stage_bytes(bytes_data)

        def commit() -> Any:
            commit_weights()
            self._model, self.cfg = loaded._model, loaded.cfg
            return self

        return commit

    def from_bytes(self, data: bytes) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]  the published name
        return super().from_bytes(data)


def _gradients(outputs: Any, d_outputs: Any) -> list[Any]:
    """A gradient, or None, for each output that can have one."""
    if isinstance(d_outputs, ArgsKwargs):  # from a converter of the user's
        d_outputs = d_outputs.args[0] if len(d_outputs.args) == 1 else d_outputs.args
    grads: list[Any] = []

    def collect(head: Any, grad: Any, path: str) -> None:
        if is_floating(head):
            grads.append(grad)

    pair_recursive(TENSORFLOW.owns, collect, outputs, d_outputs)
    return grads
