"""Hold a PyTorch module."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

from ..backends import CupyOps, context_pools, get_current_ops, set_gpu_allocator
from ..errors import DeviceError, LoadError, ShapeError, ThincError
from ..interop import convert_recursive, is_torch_array, iterate_recursive
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
from .torch_modes import ModeGate
from .torch_state import (
    default_deserialize_torch_model,
    default_serialize_torch_model,
    named_parameters,
    named_state,
    pack_shim,
    stage_state,
    unpack_shim,
)

__all__ = [
    "TORCH",
    "PyTorchShim",
    "default_deserialize_torch_model",
    "default_serialize_torch_model",
    "get_torch_default_device",
    "torch2xp",
    "xp2torch",
]


class PyTorchShim(Shim):
    """Interface between a PyTorch module and a thinc layer.

    mixed_precision: run the module under autocast.
    serialize_model, deserialize_model: `(module) -> bytes` and
        `(module, bytes, device) -> module`, instead of the safe default format.
    """

    framework = TORCH

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
        self._gate, self._lock = ModeGate(), threading.Lock()
        _share_gpu_memory()

    def __getstate__(self) -> dict:
        return {k: v for k, v in self.__dict__.items() if k not in ("_gate", "_lock")}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self._gate, self._lock = ModeGate(), threading.Lock()

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

    def predict(self, inputs: ArgsKwargs) -> Any:
        torch = import_torch()
        inputs = self._protect(inputs)
        with self._gate.hold(self._model, False), torch.no_grad(), self._autocast():
            return self.run_model(inputs)

    def begin_update(self, inputs: ArgsKwargs) -> tuple[Any, Callable]:
        torch = import_torch()
        with self._gate.hold(self._model, True), torch.enable_grad(), self._autocast():
            output = self.run_model(self._protect(inputs))

        def backprop(grads: ArgsKwargs) -> Any:
            self._run_backward(grads, inputs)
            return convert_recursive(is_torch_array, _consume_grad, inputs)

        return output, backprop

    def _protect(self, inputs: ArgsKwargs) -> ArgsKwargs:
        # `ReLU(inplace=True)` as a first part would write into the caller's array.
        modules = self._model.modules() if hasattr(self._model, "modules") else ()
        if not any(getattr(module, "inplace", False) is True for module in modules):
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
        # Not in place: the gradients may share memory with the caller's dY.
        kwargs["grad_tensors"] = scaler.scale(kwargs["grad_tensors"])
        leaves = [t for t in iterate_recursive(is_torch_array, inputs) if t.is_leaf]
        params = list(self._model.parameters())
        with self._lock:
            # Gradients from earlier calls are unscaled already: keep them apart.
            before = [param.grad for param in params]
            for param in params:
                param.grad = None
            torch.autograd.backward(*grads.args, **kwargs)
            fresh = [t.grad for t in (*params, *leaves) if t.grad is not None]
            overflow = scaler.unscale(fresh)
            for param, old in zip(params, before):
                if old is not None:
                    param.grad = old if param.grad is None else param.grad.add_(old)
        if overflow:
            for leaf in leaves:
                if leaf.grad is not None:
                    leaf.grad.zero_()

    # Parameters

    def finish_update(self, optimizer: Callable) -> None:
        """Let the optimizer change every parameter that has a gradient, in place."""
        for name, param in named_parameters(self._model):
            if param.grad is None:
                continue
            if not self._grad_scaler.found_inf:
                self._update(optimizer, (self.id, name), param)
            param.grad.zero_()
        self._grad_scaler.update()

    def _update(self, optimizer: Callable, key: tuple, param: Any) -> None:
        torch = import_torch()
        value = torch2xp(param.detach().contiguous())
        new, _ = optimizer(key, value, torch2xp(param.grad.contiguous()))
        with torch.no_grad():
            target = param.detach()
            source = xp2torch(new, device=target.device)
            if source.data_ptr() != target.data_ptr() or not target.is_contiguous():
                target.copy_(source.reshape(target.shape))
            else:
                # NumPy wrote behind torch's back: tell pending backward passes.
                torch.autograd.graph.increment_version(param)

    def read(self) -> dict[str, Any]:
        return named_state(self._model)

    def write(self, values: dict[str, Any]) -> None:
        torch = import_torch()
        state, staged = named_state(self._model), []
        for name, value in values.items():
            source = xp2torch(value, device=state[name].device)
            if source.shape != state[name].shape:
                raise ShapeError(
                    f"PyTorchShim can't set '{name}': got shape {tuple(source.shape)}, "
                    f"expected {tuple(state[name].shape)}."
                )
            staged.append((state[name], source))
        with torch.no_grad():
            for target, source in staged:
                target.copy_(source)

    @contextlib.contextmanager
    def use_params(self, params: dict | None) -> Iterator[None]:
        """Use other values for some weights; the old ones come back in any case.

        params: (shim id, name) or "pytorch_{id}_{name}" -> array.
        """
        mine = self._own_params(params or {})
        prefix = f"pytorch_{self.id}_"
        for key, value in (params or {}).items():
            if isinstance(key, str) and key.startswith(prefix):
                mine[key[len(prefix) :]] = value
        state = named_state(self._model) if mine else {}
        mine = {name: value for name, value in mine.items() if name in state}
        backup = {name: state[name].clone() for name in mine}
        self.write(mine)
        try:
            yield
        finally:
            self.write(backup)

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
        self._default = device
        self._grad_scaler.to_(device)

    # Bytes

    def to_bytes(self) -> bytes:
        custom = self._serialize_model is not default_serialize_torch_model
        state = self._serialize_model(self._model) if custom else None
        return pack_shim(self.cfg, self._model, state)

    def stage_bytes(self, bytes_data: bytes) -> Callable[[], Any]:
        message = unpack_shim(bytes_data)
        custom = self._deserialize_model is not default_deserialize_torch_model
        if custom and "state" in message:
            load = self._stage_custom(message["state"])
        else:
            load = stage_state(self._model, message)

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


def _consume_grad(tensor: Any) -> Any:
    if not (tensor.is_leaf or tensor.retains_grad):
        return None
    grad = tensor.grad
    if not isinstance(tensor, import_torch().nn.Parameter):
        tensor.grad = None  # a second backprop must not see the first one's sum
    return grad


def _no_backprop(grads: Any) -> Any:
    raise ValueError("PyTorchShim can't backprop after predict. Call the layer with is_train=True.")


def _share_gpu_memory() -> None:
    if isinstance(get_current_ops(), CupyOps) and "pytorch" not in context_pools.get():
        set_gpu_allocator("pytorch")
        import cupy

        cupy.get_default_memory_pool().free_all_blocks()
