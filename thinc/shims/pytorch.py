"""Hold a PyTorch module."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from ..backends import CupyOps, context_pools, get_current_ops, set_gpu_allocator, use_ops
from ..config import registry
from ..errors import BackpropError, DeviceError, LoadError, ThincError
from ..interop import convert_recursive, is_torch_array
from ..serialization.packing import dumps
from ..types import ArgsKwargs
from .pytorch_grad_scaler import PyTorchGradScaler
from .shim import Shim
from .torch_arrays import (
    TORCH,
    get_torch_default_device,
    import_torch,
    torch2xp,
    xp2torch,
)
from .torch_backward import backward_arguments, run_scaled_backward, take_grads
from .torch_modes import gate_of
from .torch_state import (
    default_deserialize_torch_model,
    default_serialize_torch_model,
    distinct_state,
    is_plain,
    named_parameters,
    named_state,
    stage_zip,
)
from .torch_update import is_for, mark_used, update_parameters

__all__ = [
    "TORCH",
    "PyTorchShim",
    "default_deserialize_torch_model",
    "default_serialize_torch_model",
    "get_torch_default_device",
    "torch2xp",
    "xp2torch",
]


@registry.shims("pytorch")
class PyTorchShim(Shim):
    """Interface between a PyTorch module and a thinc layer.

    mixed_precision: run the module under autocast.
    serialize_model, deserialize_model: `(module) -> bytes` and
        `(module, bytes, device) -> module`, instead of the safe default format.
    """

    framework = TORCH
    key_prefix = "pytorch"

    def __init__(
        self,
        model: Any,
        config: dict | None = None,
        optimizer: Any = None,
        mixed_precision: bool = False,
        grad_scaler: PyTorchGradScaler | None = None,
        device: Any = None,
        serialize_model: Callable[[Any], bytes] | None = None,
        deserialize_model: Callable[[Any, bytes, Any], Any] | None = None,
    ):
        super().__init__(model, config, optimizer)
        torch = import_torch()
        self._default = torch.device(device or get_torch_default_device())
        if model is not None and hasattr(model, "to"):
            self._model = model.to(self._default)
        if grad_scaler is None:
            grad_scaler = PyTorchGradScaler(mixed_precision)
        grad_scaler.to_(self._default)
        self._grad_scaler = grad_scaler
        self._mixed_precision = mixed_precision
        self._serialize_model = serialize_model or default_serialize_torch_model
        self._deserialize_model = deserialize_model or default_deserialize_torch_model
        self.hold(self._model)
        _share_gpu_memory(get_current_ops())

    def __getstate__(self) -> dict:
        return {k: v for k, v in self.__dict__.items() if k not in ("_gate", "_lock")}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self.hold(self._model)

    def hold(self, model: Any) -> None:
        super().hold(model)
        self._gate = gate_of(model)
        self._lock = self._gate.backward

    @property
    def device(self) -> Any:
        """Where the first parameter lives, else where the shim was made."""
        parameters = getattr(self._model, "parameters", None)
        first = next(parameters(), None) if parameters else None
        return self._default if first is None else first.device

    # Forward and backward

    def forward(self, inputs: ArgsKwargs, is_train: bool) -> tuple[Any, Callable]:
        if is_train:
            return self.begin_update(inputs)
        return self.predict(inputs), _no_backprop

    def run_model(self, inputs: ArgsKwargs) -> Any:
        """Call the module; a subclass may prepare what the module gets."""
        return self._model(*inputs.args, **inputs.kwargs)

    def predict(self, inputs: ArgsKwargs) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]  the published name
        torch = import_torch()
        nested = self._gate.enter(self._model, False)
        try:
            with torch.no_grad(), self._autocast():
                return self.run_model(self._protect(inputs))
        finally:
            self._gate.leave(nested)

    def begin_update(self, inputs: ArgsKwargs) -> tuple[Any, Callable]:  # pyright: ignore[reportIncompatibleMethodOverride]  the published name
        """The callback takes the arguments of `torch.autograd.backward` as ArgsKwargs, or
        gradients in the structure of the outputs.
        """
        torch = import_torch()
        nested = self._gate.enter(self._model, True)
        try:
            with torch.enable_grad(), self._autocast():
                outputs = self.run_model(self._protect(inputs))
        finally:
            self._gate.leave(nested)

        def backprop(grads: Any) -> Any:
            if not (isinstance(grads, ArgsKwargs) and "grad_tensors" in grads.kwargs):
                grads = backward_arguments(outputs, grads)
            self._run_backward(grads, inputs)
            return take_grads(inputs)

        return outputs, backprop

    def take(self, array: Any, needs_grad: bool) -> Any:
        # Not copied, as in layers of our own: who writes into X before the backward pass changes the gradients.
        return xp2torch(array, requires_grad=needs_grad, device=self.device)

    def _protect(self, inputs: ArgsKwargs) -> ArgsKwargs:
        # `ReLU(inplace=True)` as a first part would write into the caller's array.
        if not self._gate.writes_into_input:
            return inputs
        return convert_recursive(is_torch_array, lambda tensor: tensor.clone(), inputs)

    def _autocast(self) -> Any:
        if not self._mixed_precision:
            return contextlib.nullcontext()
        return import_torch().autocast(self.device.type, enabled=True)

    def _run_backward(self, grads: ArgsKwargs, inputs: ArgsKwargs) -> None:
        torch = import_torch()
        scaler, kwargs = self._grad_scaler, dict(grads.kwargs)
        if grads.args and len(grads.args[0]) == 0:
            return
        if not scaler._enabled:
            with self._lock:
                torch.autograd.backward(*grads.args, **kwargs)
            return
        with self._lock:
            run_scaled_backward(scaler, list(self._model.parameters()), inputs, grads.args, kwargs)

    # Parameters

    def finish_update(self, optimizer: Callable) -> None:
        """Let the optimizer change every parameter that has a gradient, in place.

        Where several shims hold a parameter, the first that is updated uses the sum of its gradients.
        """
        mine = [(self.key(name), param) for name, param in named_parameters(self._model) if is_for(self.id, param)]
        if self._grad_scaler.found_inf:
            for _, param in mine:
                param.grad.zero_()
        else:
            update_parameters(optimizer, mine)
        mark_used(self.id, mine)
        self._grad_scaler.update()

    def read(self) -> dict[str, Any]:
        return distinct_state(self._model)

    def param_names(self) -> list[str]:
        return [name for name, _ in named_parameters(self._model)]

    def weight_ids(self) -> dict[str, Any]:
        return {name: id(param) for name, param in named_parameters(self._model)}

    def read_grads(self) -> dict[str, Any]:
        """Nothing after an overflow: that step is skipped."""
        grads = {}
        for name, param in named_parameters(self._model):
            if param.grad is not None:
                grads[name], param.grad = param.grad, None
        return {} if self._grad_scaler.found_inf else grads

    def write(self, values: dict[str, Any]) -> None:
        torch = import_torch()
        mine = named_state(self._model)
        with torch.no_grad():
            for name, value in values.items():
                mine[name].copy_(value)

    @contextlib.contextmanager
    def use_params(self, params: dict | None) -> Iterator[None]:
        """As `Shim.use_params`.  While it holds, calls from other threads wait for its end, so that
        they never see these values; don't wait for such a thread inside.
        """
        if not self.own_params(params or {}):
            yield
            return
        self._gate.own()
        try:
            with super().use_params(params):
                yield
        finally:
            self._gate.disown()

    def to_device(self, device_type: str, device_id: int) -> None:
        torch = import_torch()
        if device_type == "cpu":
            device = torch.device("cpu")
        elif device_type == "gpu" and torch.backends.mps.is_available():
            device = torch.device("mps")
        elif device_type == "gpu":
            device = torch.device("cuda", device_id)
        else:
            raise DeviceError(f"PyTorchShim can't move to '{device_type}'. Use 'cpu' or 'gpu'.")
        if self._model is not None:
            self._model.to(device)
        if device.type == "cuda":
            _share_gpu_memory(CupyOps(device_id=device_id))
        self._default = device
        self._grad_scaler.to_(device)

    # Bytes

    def to_bytes(self) -> bytes:
        """Values that only torch can write, such as quantized ones, are left to torch.save."""
        serialize = self._serialize_model
        if serialize is default_serialize_torch_model and all(map(is_plain, named_state(self._model).values())):
            return super().to_bytes()
        return dumps({"config": self.cfg, "state": serialize(self._model)})

    def stage_bytes(self, bytes_data: bytes) -> Callable[[], Any]:
        message = self._unpack(bytes_data)
        if not isinstance(message.get("state"), bytes):
            load = super().stage_bytes(bytes_data)
        elif self._deserialize_model is default_deserialize_torch_model:
            load = stage_zip(self._model, message["state"])
        else:
            load = self._stage_custom(message["state"])

        def commit() -> Any:
            load()
            self.cfg = message["config"]
            self._grad_scaler.to_(self.device)
            return self

        return commit

    def _stage_custom(self, state: bytes) -> Callable[[], None]:
        """Try the user's function on a copy, so that a bad file changes nothing."""
        import copy

        device = self.device
        try:
            self._deserialize_model(copy.deepcopy(self._model), state, device)
        except ThincError:
            raise
        except Exception as error:
            raise LoadError("state", f"deserialize_model failed: {error}") from error

        def load() -> None:
            self._model = self._deserialize_model(self._model, state, device)

        return load


def _no_backprop(grads: Any) -> Any:
    raise BackpropError("PyTorchShim can't backprop after predict. Call the layer with is_train=True.")


def _share_gpu_memory(ops: Any) -> None:
    """One memory pool for CuPy and torch, as soon as both are in use."""
    cupy = getattr(ops, "xp", None) if isinstance(ops, CupyOps) else None
    if cupy is not None and "pytorch" not in context_pools.get():
        with use_ops(ops):
            set_gpu_allocator("pytorch")
        cupy.get_default_memory_pool().free_all_blocks()
