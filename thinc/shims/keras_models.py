"""What Keras models need beyond their weights: examples, architectures, argument lists."""

import inspect
import json
import re
from collections.abc import Callable
from typing import Any

from ..config import keras_model_fns
from ..errors import LoadError
from ..types import ArgsKwargs
from .tensorflow_arrays import import_keras

# They run code from the config, or load what it names from outside.
_REFUSED = {"Lambda", "__lambda__", "TFSMLayer", "TorchModuleWrapper", "FlaxLayer", "JaxLayer"}
_FILES = ("filepath", "vocabulary")  # arguments of Keras layers that may name a file
_EXAMPLES = ("catalogue_name", "eg_x", "eg_y", "eg_shape", "eg_compile")


def call_model(model: Any, inputs: ArgsKwargs, **options: Any) -> Any:
    """Call a Keras model as it wants to be called.

    A model that was built from a list of inputs gets a list. What is no array goes by keyword.
    """
    args, kwargs = inputs.args, dict(inputs.kwargs)
    if len(args) > 1 and len(getattr(model, "inputs", None) or ()) == len(args):
        return model([*args], **kwargs, **options)
    if any(not hasattr(arg, "shape") for arg in args[1:]):
        for name, arg in zip(list(inspect.signature(model.call).parameters)[1:], args[1:]):
            kwargs[name] = arg
        args = args[:1]
    return model(*args, **kwargs, **options)


def call_with(model: Any, variables: list[Any], values: list[Any], inputs: ArgsKwargs, **options: Any) -> Any:
    """(outputs, new values): call a Keras model as a pure function of its variables.

    Not `stateless_call`, which leaves out what `__call__` does for the model: it would fail where
    `call` takes no `training`, and cast nothing.
    """
    scope = import_keras().StatelessScope(state_mapping=[*zip(variables, values)])
    with scope:
        outputs = call_model(model, inputs, **options)
    return outputs, [scope.get_current_value(variable) for variable in variables]


def own_name(variable: Any) -> str:
    """The last part of its path; one without a name is `variable`, not `variable_7` as in this process."""
    return re.sub(r"^variable_\d+$", "variable", variable.path.rpartition("/")[2])


def copy_frozen(model: Any, other: Any) -> None:
    """Freeze the single weights in a copy that are frozen in the model: Keras keeps the flags of layers alone."""
    for mine, theirs in zip(model.variables, other.variables):
        if theirs.trainable != mine.trainable:
            theirs.trainable = mine.trainable


def keras_subclass(
    name: str, X: Any, Y: Any, input_shape: tuple[int, ...], compile_args: dict[str, Any] | None = None
) -> Callable[[type], type]:
    """Decorate a subclass of `keras.Model`: register a factory under `name`, keep an example batch.

    X, Y: an example batch. The constructor's arguments must be what JSON can hold, and are kept.
    """
    defaults = {"optimizer": "adam", "loss": "mse"}

    def decorate(cls: type) -> type:
        original = cls.__init__

        def init(self: Any, *args: Any, **kwargs: Any) -> None:
            try:
                json.dumps([args, kwargs])
            except (TypeError, ValueError) as error:
                raise ValueError(
                    f"keras_subclass '{name}': the constructor's arguments must be JSON values, but {error}."
                ) from error
            original(self, *args, **kwargs)
            self.eg_args = ArgsKwargs(args, kwargs)

        values = (name, X, Y, input_shape, {**defaults, **(compile_args or {})})
        cls.__init__ = init
        for attribute, value in zip(("catalogue_name", "eg_x", "eg_y", "eg_shape", "eg_compile"), values):
            setattr(cls, attribute, property(lambda self, value=value: value))
        keras_model_fns(name, func=lambda *args, **kwargs: cls(*args, **kwargs))
        return cls

    return decorate


def maybe_handshake_model(keras_model: Any) -> Any:
    """Build a model of a class from `keras_subclass` by one call on its example; return the model.

    Raises ValueError for a model without `get_config` that was not decorated.
    """
    if not all(hasattr(keras_model, name) for name in _EXAMPLES):
        if hasattr(keras_model, "get_config"):
            return keras_model
        raise ValueError(
            f"{type(keras_model).__name__} has no get_config: decorate its class with "
            "`keras_subclass(name, X, Y, input_shape)`, so that it can be built."
        )
    if not keras_model.built:
        keras_model.compile(**keras_model.eg_compile)
        keras_model(keras_model.eg_x, training=False)
    return keras_model


def pack_architecture(model: Any) -> str:
    """The layers of the model and how they are put together, as JSON; no code."""
    return json.dumps(import_keras().saving.serialize_keras_object(model))


def load_architecture(text: Any) -> Any:
    """A model with new weights.

    Raises LoadError for anything that is neither from Keras nor registered with Keras by the
    user, for Lambda layers and for wrappers of other frameworks, which could run code, and for
    layers that name a file.
    """
    keras = import_keras()
    try:
        config = json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise LoadError("architecture", f"this is not JSON: {error}") from error
    _check_classes(config, set(keras.saving.get_custom_objects()))
    try:
        return keras.saving.deserialize_keras_object(config, safe_mode=True)
    except Exception as error:  # Keras raises all kinds for a config that was tampered with
        raise LoadError("architecture", f"Keras can't read it: {error!r:.200}") from error


def _check_classes(config: Any, registered: set[str]) -> None:
    waiting = [config]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            waiting.extend(value.values())
            module, name = value.get("module"), value.get("class_name")
            is_ours = value.get("registered_name") in registered
            is_keras = module is None or str(module).partition(".")[0] in ("keras", "builtins")
            if str(name) in _REFUSED or not (is_keras or is_ours):
                raise LoadError("architecture", f"the class {module}.{name} is not allowed; register it first")
            if not is_ours and any(isinstance(value.get(key), str) for key in _FILES):
                raise LoadError("architecture", "a layer that names a file is not allowed")
