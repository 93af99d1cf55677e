"""Hold an MXNet gluon block."""

import copy
from collections.abc import Callable
from typing import Any

import numpy

from ..config import registry
from ..errors import DeviceError, ShapeError, UnsetError
from ..interop import convert_recursive, is_floating, is_mxnet_array, iterate_recursive, pair_recursive, seeds
from ..types import ArgsKwargs
from .gradients import gradients_of
from .mxnet_arrays import MXNET, copied, copy_of, mxnet2xp, xp2mxnet
from .mxnet_import import import_mxnet
from .shim import Shim, ShimT

__all__ = ["MXNET", "MXNetShim", "mxnet2xp", "xp2mxnet"]


@registry.shims("mxnet")
class MXNetShim(Shim):
    """Interface between a gluon block and a thinc layer.

    Parameters are named by their place in the block, `0.weight`, so that files fit a block built
    anew. The recording and training flags of MXNet are as before when a call returns, and what
    is handed back has been computed: MXNet's engine reads the arrays of the caller later.
    """

    framework = MXNET
    key_prefix = "mxnet"

    def __getstate__(self) -> dict:
        return {**self.__dict__, "_model": copy_block(self._model)}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        for parameter in self._trained().values():
            # A copy has lost the tie between value and gradient; setting this anew makes one.
            request, parameter.grad_req = parameter.grad_req, "null"
            parameter.grad_req = request

    def predict(self, inputs: ArgsKwargs) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]  the published name
        return self.forward(inputs, False)[0]

    def begin_update(  # pyright: ignore[reportIncompatibleMethodOverride]  the published name
        self, inputs: ArgsKwargs
    ) -> tuple[Any, Callable[[Any], Any] | None]:
        return self.forward(inputs, True)

    def copy(self: ShimT, ctx: Any = None) -> ShimT:
        """A deep copy with an id of its own; ctx: where its parameters live, if not here."""
        other = super().copy()
        if ctx is not None:
            other._model.collect_params().reset_ctx(ctx)
        return other

    def take(self, array: Any, needs_grad: bool) -> Any:
        return xp2mxnet(MXNET.take_copy(array) if needs_grad else array, requires_grad=needs_grad)

    def take_gradient(self, array: Any) -> Any:
        return MXNET.take_copy(array)

    def forward(self, inputs: ArgsKwargs, is_train: bool) -> tuple[Any, Callable[[Any], Any] | None]:
        mxnet = import_mxnet()
        if any(array.size == 0 for array in iterate_recursive(is_mxnet_array, inputs)):
            return self._forward_empty(inputs)
        if not is_train:
            with mxnet.autograd.pause(train_mode=False):
                return _finished(self._model(*inputs.args, **inputs.kwargs)), None
        with mxnet.autograd.record(train_mode=True):
            outputs = self._model(*inputs.args, **inputs.kwargs)

        def backward(d_outputs: Any) -> ArgsKwargs:
            with gradients_of(self._model).backward:  # it writes into the parameters, which other shims may hold
                return self._run_backward(inputs, outputs, d_outputs)

        return _finished(outputs), backward

    def _forward_empty(self, inputs: ArgsKwargs) -> tuple[Any, Callable[[Any], Any]]:
        """No rows in, no rows out. MXNet can't compute that, but one row shows the widths."""
        shapes = [array.shape for array in iterate_recursive(is_mxnet_array, inputs)]
        if any(0 in shape[1:] or shape[:1] != (0,) for shape in shapes):
            raise ShapeError(f"MXNet can't compute with arrays of shape {shapes}. Give it at least one element.")
        one_row = convert_recursive(is_mxnet_array, lambda array: _zeros((1, *array.shape[1:]), array), inputs)
        outputs = self.forward(one_row, False)[0]
        outputs = convert_recursive(is_mxnet_array, lambda array: _zeros((0, *array.shape[1:]), array), outputs)
        return outputs, lambda d_outputs: inputs

    def _run_backward(self, inputs: ArgsKwargs, outputs: Any, d_outputs: Any) -> ArgsKwargs:
        """Add to the gradients of the parameters; the gradients of the inputs."""
        heads, head_grads = _heads(outputs, d_outputs)
        if not heads:
            return convert_recursive(is_mxnet_array, lambda array: None, inputs)
        parameters = self._trained()
        for parameter in parameters.values():
            # The flag says which gradients are new; what the user let add up is not ours.
            parameter.data()._fresh_grad = False
            if parameter.grad_req == "add":
                parameter.zero_grad()
        import_mxnet().autograd.backward(heads, head_grads, train_mode=True)
        for name, parameter in parameters.items():
            if parameter.data()._fresh_grad:
                parameter.data()._fresh_grad = False
                grad = copy_of(parameter.grad())  # the next pass overwrites the buffer
                gradients_of(self._model).add(name, grad)
        return convert_recursive(is_mxnet_array, _take_grad, inputs)

    # Parameters

    def read(self) -> dict[str, Any]:
        """Raises UnsetError where a size is not known before the first call of the block."""
        found: dict[str, Any] = {}
        for name, parameter in self._parameters().items():
            if parameter._data is None:
                raise UnsetError(
                    f"MXNetShim: parameter '{name}' has shape {parameter.shape}, of which 0 is not known yet. Call "
                    "`initialize()` on the block and give its sizes (in_units=…), or `initialize(X=…)` on the layer."
                )
            found[name] = parameter.data()
        return found

    def read_grads(self) -> dict[str, Any]:
        return gradients_of(self._model).take_all()

    def write(self, values: dict[str, Any]) -> None:
        parameters = self._parameters()
        for name, value in values.items():
            _replace(parameters[name], value)

    def param_names(self) -> list[str]:
        return [name for name, parameter in self._trained().items() if is_floating(parameter.data())]

    def _parameters(self) -> dict[str, Any]:
        """Place -> parameter, a shared one under its first place only."""
        named = self._model._collect_params_with_prefix()
        first = {id(parameter): name for name, parameter in reversed(named.items())}
        return {name: parameter for name, parameter in named.items() if first[id(parameter)] == name}

    def _trained(self) -> dict[str, Any]:
        return {
            name: parameter
            for name, parameter in self._parameters().items()
            if parameter.grad_req != "null" and parameter._data is not None
        }

    # Devices

    def to_device(self, device_type: str, device_id: int) -> None:
        mxnet = import_mxnet()
        if device_type not in ("cpu", "gpu"):
            raise DeviceError(f"MXNetShim can't move to '{device_type}'. Use 'cpu' or 'gpu'.")
        if device_type == "gpu" and device_id >= mxnet.context.num_gpus():
            raise DeviceError(f"MXNetShim can't move to GPU {device_id}: MXNet sees {mxnet.context.num_gpus()}.")
        context = mxnet.cpu() if device_type == "cpu" else mxnet.gpu(device_id)
        self._model.collect_params().reset_ctx(context)


def _replace(parameter: Any, value: Any) -> None:
    """Give a parameter new memory. `set_data` writes into the old, which open backward passes still read."""
    # The value is ours to keep; where it lies in the right place, the engine need not copy it.
    parameter._data = [value.as_in_context(context) for context in parameter.list_ctx()]
    for array in parameter._data:
        array.wait_to_read()
    if parameter.grad_req != "null" and parameter._grad is not None:
        import_mxnet().autograd.mark_variables(parameter._data, parameter._grad, parameter.grad_req)


def _finished(outputs: Any) -> Any:
    for array in iterate_recursive(is_mxnet_array, outputs):
        array.wait_to_read()
    return outputs


def _heads(outputs: Any, d_outputs: Any) -> tuple[list[Any], list[Any]]:
    """The outputs that have a gradient, with their gradients.

    d_outputs: in the structure of the outputs, or the ArgsKwargs of a converter of the user's,
    with `head_grads` beside the outputs.
    """
    if isinstance(d_outputs, ArgsKwargs):
        heads, grads = d_outputs.args[0], d_outputs.kwargs["head_grads"]
        return ([heads], [grads]) if is_mxnet_array(heads) else (list(heads), list(grads))
    heads, grads = [], []

    def collect(head: Any, grad: Any, path: str) -> None:
        if grad is not None:
            heads.append(head)
            grads.append(grad)

    pair_recursive(is_mxnet_array, collect, outputs, d_outputs)
    return heads, grads


def _zeros(shape: tuple[int, ...], like: Any) -> Any:
    return copied(numpy.zeros(shape, like.dtype), like.dtype)


def _take_grad(array: Any) -> Any:
    if array.grad is not None:
        array.grad.wait_to_read()
    return array.grad


def copy_block(block: Any) -> Any:
    """A deep copy. What `hybridize` has compiled can't be copied and is left out; it comes back at the next call."""
    found: list[Any] = []
    block.apply(found.append)
    compiled = [(each, each._cached_graph, each._cached_op) for each in found if hasattr(each, "_cached_op")]
    try:
        for each, _, _ in compiled:
            each._cached_graph, each._cached_op = (), None
        return copy.deepcopy(block)
    finally:
        for each, graph, operation in compiled:
            each._cached_graph, each._cached_op = graph, operation


@seeds("mxnet")
def _seed(seed: int) -> None:
    import_mxnet().random.seed(seed % 2**31)
