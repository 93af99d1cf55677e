"""Use a Keras model as a layer."""

from collections.abc import Callable
from typing import Any

from ..config import registry
from ..model import Model
from ..shims.keras_models import keras_subclass, maybe_handshake_model
from ..shims.keras_other import keras_jax_shim, keras_torch_shim
from ..shims.tensorflow import TensorFlowShim
from ..shims.tensorflow_arrays import import_keras
from ._framework import convert_default_inputs, convert_default_outputs, wrap_shim

__all__ = ["KerasWrapper", "TensorFlowWrapper", "keras_subclass"]


@registry.layers("TensorFlowWrapper.v1")
def TensorFlowWrapper(
    tensorflow_model: Any,
    convert_inputs: Callable | None = None,
    convert_outputs: Callable | None = None,
    optimizer: Any = None,
    model_class: type[Model] = Model,
    model_name: str = "tensorflow",
) -> Model[Any, Any]:
    """Wrap a `keras.Model` that runs on TensorFlow: Sequential, Functional or subclassed.

    convert_inputs: (model, X, is_train) -> (ArgsKwargs of tensors, get_dX)
    convert_outputs: (model, outputs, is_train) -> (Y, get_d_outputs)
    optimizer: kept in the shim; thinc's own optimizer does the updates.
    Layers of one model share its weights; the first that is updated steps with the sum of the gradients.  Layers of a
    model and of a part of it would each step with their own.

    Raises ValueError for anything but a Keras model.
    """
    keras = import_keras()
    if not isinstance(tensorflow_model, keras.Model):
        raise ValueError(f"TensorFlowWrapper got {type(tensorflow_model).__name__}. Give it a keras.Model.")
    backend = keras.backend.backend()
    if backend != "tensorflow":
        raise ValueError(f"TensorFlowWrapper: Keras runs on {backend} in this process. Use KerasWrapper.")
    shim = TensorFlowShim(maybe_handshake_model(tensorflow_model), optimizer=optimizer)
    return _wrap(shim, model_name, convert_inputs, _without_X(convert_outputs), model_class)


@registry.layers("KerasWrapper.v1")
def KerasWrapper(
    keras_model: Any,
    convert_inputs: Callable | None = None,
    convert_outputs: Callable | None = None,
    model_class: type[Model] = Model,
    model_name: str = "keras",
) -> Model[Any, Any]:
    """Wrap a `keras.Model` on the backend that Keras has in this process: TensorFlow, torch or JAX.

    convert_outputs: (model, (X, outputs), is_train) -> (Y, get_d_outputs)
    Sizes that the model does not know become known in `initialize(X=…)`; on torch and JAX it must be built.
    On JAX the layer has weights of its own: the model does not learn, nor does another layer of it.

    A layer with `stateful=True` goes on where it stopped, in predict too, as in Keras; what it remembers is saved
    with the weights.  `model.shims[0].reset_states()` starts new sequences, after `initialize` of a chain for instance.
    """
    backend = import_keras().backend.backend()
    shims: dict[str, Callable] = {"tensorflow": TensorFlowShim, "torch": keras_torch_shim, "jax": keras_jax_shim}
    if backend not in shims:
        raise ValueError(f"KerasWrapper knows {', '.join(shims)}, but Keras runs on {backend} in this process.")
    shim = shims[backend](maybe_handshake_model(keras_model))
    return _wrap(shim, model_name, convert_inputs, convert_outputs, model_class)


def _wrap(shim: Any, name: str, convert_inputs: Any, convert_outputs: Any, model_class: type[Model]) -> Model[Any, Any]:
    model = wrap_shim(shim, name, convert_inputs, convert_outputs, model_class=model_class)
    model.init = init
    return model


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    if X is not None:
        with model.shims[0].kept_states():
            model.predict(X)  # Keras makes the weights at the first call


def _without_X(convert_outputs: Callable | None) -> Callable | None:
    """A converter of the published kind, which is not given X."""
    if convert_outputs is None:
        return None
    return lambda model, X_outputs, is_train: convert_outputs(model, X_outputs[1], is_train)


convert_tensorflow_default_inputs = convert_default_inputs
convert_tensorflow_default_outputs = convert_default_outputs
