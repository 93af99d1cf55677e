"""Hold a Keras model that runs on torch or on JAX."""

import copy
from collections.abc import Callable
from typing import Any
from weakref import WeakValueDictionary

from ..types import ArgsKwargs
from .jax import JaxShim
from .keras_models import call_model, call_with, copy_frozen
from .pytorch import PyTorchShim
from .torch_arrays import import_torch


def keras_torch_shim(model: Any) -> PyTorchShim:
    """On torch a Keras model is a module, but `train` does not reach it, and its names change.

    Raises ValueError for a model that is not built.
    """
    _check_built(model, "torch")
    return PyTorchShim(_module_of(model))


# By the id of the Keras model, which lives as long as its module does.
_modules: WeakValueDictionary[int, Any] = WeakValueDictionary()


def _module_of(model: Any) -> Any:
    """One torch module for each Keras model, so that layers of one model are known to share it."""
    found = _modules.get(id(model))
    if found is None:
        found = _modules[id(model)] = _new_module(model)
    return found


def _new_module(model: Any) -> Any:
    torch = import_torch()

    class KerasModule(torch.nn.Module):
        """The model with its weights named by position, and told whether it is training."""

        def __init__(self) -> None:
            super().__init__()
            self.weights = torch.nn.ParameterDict(
                {f"{i}_{v.path.rpartition('/')[2]}": v.value for i, v in enumerate(model.variables)}
            )
            self.__dict__["model"] = model  # no part of its own: its weights are those above

        def forward(self, *args: Any, **kwargs: Any) -> Any:
            return call_model(self.model, ArgsKwargs(args, kwargs), training=self.training)

        def __deepcopy__(self, memo: dict[int, Any]) -> Any:
            # Keras builds its copy anew: copies of the weights would be none of its own.
            other = memo[id(self)] = _module_of(copy.deepcopy(self.model, memo))
            copy_frozen(self.model, other.model)
            with torch.no_grad():
                for mine, theirs in zip(self.weights.values(), other.weights.values()):
                    theirs.copy_(mine)
            return other.train(self.training)

    return KerasModule()


def keras_jax_shim(model: Any) -> JaxShim:
    """On JAX the weights are the parameters, and what else varies is the state.

    The shim has values of its own: the Keras model does not learn, nor does another shim of it.

    Raises ValueError for a model that is not built.
    """
    _check_built(model, "jax")

    def apply(params: Any, state: Any, *args: Any, is_train: bool, **kwargs: Any) -> Any:
        values = [*params, *state]
        outputs, values = call_with(model, variables, values, ArgsKwargs(args, kwargs), training=is_train)
        return outputs, values[len(params) :]

    trained, rest = model.trainable_variables, model.non_trainable_variables
    variables = [*trained, *rest]
    shim = KerasJaxShim(apply, [variable.value for variable in trained], [variable.value for variable in rest])
    shim.model, shim.trained = model, _places(model)
    return shim


class KerasJaxShim(JaxShim):
    """What can be trained is settled when the model is wrapped; a later change is refused, not ignored."""

    model: Any
    trained: list[int]

    def forward(self, inputs: ArgsKwargs, is_train: bool) -> tuple[Any, Callable[[Any], Any] | None]:
        """Raises ValueError where `trainable` was changed since the model was wrapped."""
        if is_train and _places(self.model) != self.trained:
            raise ValueError(
                "KerasWrapper: `trainable` was changed after the model was wrapped, which Keras on JAX can't follow. "
                "Set it before, or wrap the model again."
            )
        return super().forward(inputs, is_train)


def _places(model: Any) -> list[int]:
    """Where among its variables those are that are trained; the same in a deep copy."""
    trained = {id(variable) for variable in model.trainable_variables}
    return [place for place, variable in enumerate(model.variables) if id(variable) in trained]


def _check_built(model: Any, backend: str) -> None:
    if not model.built:
        raise ValueError(f"KerasWrapper: on {backend} the model must be built. Give it an Input, or call it once.")
