"""One layer for the models of all frameworks: convert in, call the shim, convert out."""

from collections.abc import Callable
from typing import Any, TypeVar

from ..config import registry
from ..errors import BackpropError
from ..interop import (
    convert_recursive,
    dtype_name,
    get_array_module,
    is_floating,
    is_xp_array,
    iterate_recursive,
    pair_recursive,
)
from ..model import Model
from ..shims.refusals import check_gradient, no_backprop
from ..types import ArgsKwargs, Padded, Ragged

_PLAIN = ("float16", "float32", "float64", "complex64", "complex128")
ConvertT = TypeVar("ConvertT", bound=Callable[..., Any])


@registry.layers("FrameworkWrapper.v1")
def FrameworkWrapper(
    framework: str,
    model: Any,
    convert_inputs: Callable | None = None,
    convert_outputs: Callable | None = None,
    **settings: Any,
) -> Model[Any, Any]:
    """Use a model of any framework as a layer.

    framework: the name of a shim in `registry.shims`, "pytorch" for instance.
    settings: further arguments of the shim.
    convert_inputs: (layer, X, is_train) -> (ArgsKwargs of their arrays, get_dX)
    convert_outputs: (layer, (X, outputs), is_train) -> (Y, get_d_outputs)
    """
    shim = registry.shims.get(framework)(model, **settings)
    return wrap_shim(shim, framework, convert_inputs, convert_outputs)


def wrap_shim(
    shim: Any,
    name: str,
    convert_inputs: Callable | None = None,
    convert_outputs: Callable | None = None,
    forward: Callable | None = None,
    model_class: type[Model] = Model,
) -> Model[Any, Any]:
    """A layer around a shim; the converters are attrs, which are not saved."""
    attrs = {
        "convert_inputs": convert_inputs or convert_default_inputs,
        "convert_outputs": convert_outputs or convert_default_outputs,
    }
    return model_class(name, forward or call_shim, attrs=attrs, shims=[shim], dims={"nI": None, "nO": None})


def check_foreign(model: Any, wants: str) -> None:
    """Raises TypeError for a class that was not called, and for what can't be called at all."""
    if isinstance(model, type):
        raise TypeError(f"Got the class {model.__name__}, wants {wants}: make one, {model.__name__}(...).")
    if not callable(model):
        raise TypeError(f"Got {type(model).__name__}, wants {wants}.")


def call_shim(model: Model, X: Any, is_train: bool) -> tuple[Any, Callable]:
    convert_outputs = model.attrs["convert_outputs"]
    # A converter of the user's may ask for a graph that lasts.
    is_single_use = getattr(convert_outputs, "is_single_use", False)
    inputs, get_dX = model.attrs["convert_inputs"](model, X, is_train)
    outputs, backward = model.shims[0](inputs, is_train)
    if is_train and backward is None:
        raise BackpropError(f"{type(model.shims[0]).__name__}.forward returned no callback for training.")
    Y, get_d_outputs = convert_outputs(model, (X, outputs), is_train)
    pending = [(get_dX, backward, get_d_outputs)] if is_train else []

    def backprop(dY: Any) -> Any:
        if not pending:
            raise no_backprop(model.name, is_train)
        get_dX, backward, get_d_outputs = pending[0]
        d_outputs = get_d_outputs(dY)
        if is_single_use:
            pending.clear()  # the activations are free as soon as this call is over
        return get_dX(backward(d_outputs))

    return Y, backprop


def convert_default_inputs(model: Model, X: Any, is_train: bool) -> tuple[ArgsKwargs, Callable[[ArgsKwargs], Any]]:
    """Arrays anywhere in X become theirs; everything else goes through as it is.

    A list or tuple gives the arguments of the model, a dict its keywords.
    """
    shim = model.shims[0]
    inputs = convert_recursive(is_xp_array, lambda array: shim.take(array, is_train), X)

    def get_dX(d_inputs: ArgsKwargs) -> Any:
        kept = _structure(X)

        def to_dX(x: Any, dx: Any, path: str) -> Any:
            if dx is None:
                return x if id(x) in kept else get_array_module(x).zeros_like(x)
            return shim.framework.give(dx, get_array_module(x))

        return pair_recursive(is_xp_array, to_dX, X, _as_input(X, d_inputs))

    if isinstance(X, ArgsKwargs):
        return inputs, get_dX
    if isinstance(X, dict):
        return ArgsKwargs(args=(), kwargs=inputs), get_dX
    if isinstance(X, (tuple, list)):
        return ArgsKwargs(args=tuple(inputs), kwargs={}), get_dX
    return ArgsKwargs(args=(inputs,), kwargs={}), get_dX


def _structure(X: Any) -> set[int]:
    """The ids of arrays that say where sequences stand: the gradient of a batch has the same."""
    batches = iterate_recursive(lambda value: isinstance(value, (Ragged, Padded)), X)
    return {id(value) for batch in batches for name, value in vars(batch).items() if name != "data"}


def _as_input(X: Any, d_inputs: ArgsKwargs) -> Any:
    """The gradients in the container that X was given in."""
    if isinstance(X, ArgsKwargs):
        return d_inputs
    if isinstance(X, dict):
        return d_inputs.kwargs
    return d_inputs.args if isinstance(X, (tuple, list)) else d_inputs.args[0]


def single_use(convert_outputs: ConvertT) -> ConvertT:
    """Mark a converter of outputs: its callback serves one backward pass, so a second one is refused."""
    marked: Any = convert_outputs  # functions take attributes
    marked.is_single_use = True
    return convert_outputs


@single_use
def convert_default_outputs(model: Model, X_outputs: Any, is_train: bool) -> tuple[Any, Callable[[Any], Any]]:
    """Their arrays anywhere in the outputs become ours, read-only in training.

    They share memory with what the framework keeps for its backward pass, and it would not
    notice a write.
    """
    shim, framework, outputs = model.shims[0], model.shims[0].framework, X_outputs[1]

    def to_array(value: Any) -> Any:
        array = framework.give(value, model.ops.xp)
        if (is_train or getattr(value, "requires_grad", False)) and hasattr(array, "setflags"):
            array.setflags(write=False)
        return array

    Y = convert_recursive(framework.owns, to_array, outputs)

    def get_d_outputs(dY: Any) -> Any:
        def to_gradient(value: Any, dy: Any, path: str) -> Any:
            if dy is None or not is_floating(value):
                return None
            return framework.cast(shim.take_gradient(_as_plain(check_gradient(value, dy, path), value)), value)

        return pair_recursive(framework.owns, to_gradient, outputs, dY, f"Layer '{model.name}': dY")

    return Y, get_d_outputs


def _as_plain(dy: Any, value: Any) -> Any:
    """A real gradient of another type, float64 from a loss for instance, in that of its output or in float32."""
    kind = dtype_name(value)
    kind = kind if kind in _PLAIN else "float32"
    return dy if dy.dtype.name == kind or dy.dtype.kind not in "biuf" else dy.astype(kind)
