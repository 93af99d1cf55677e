"""Hold a Keras model that runs on torch or on JAX."""

import copy
from collections.abc import Callable
from typing import Any
from weakref import WeakValueDictionary

from ..types import ArgsKwargs
from .jax import JaxShim
from .keras_models import call_model, call_with, copy_frozen, own_name
from .keras_states import KerasStates, all_variables, named_variables, states_of
from .pytorch import PyTorchShim
from .shim import Shim
from .torch_arrays import import_torch


def keras_torch_shim(model: Any) -> "KerasTorchShim":
    """On torch a Keras model is a module, but `train` does not reach it, and its names change.

    Raises ValueError for a model that is not built.
    """
    _check_built(model, "torch")
    return KerasTorchShim(_module_of(model))


class KerasTorchShim(KerasStates, PyTorchShim):
    """A torch module around a Keras model."""

    def keras_model(self) -> Any:
        return self._model.model


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
                {f"{i}_{own_name(v)}": v.value for i, v in enumerate(all_variables(model))}
            )
            self.__dict__["model"] = model  # no part of its own: its weights are those above

        def forward(self, *args: Any, **kwargs: Any) -> Any:
            inputs, states = ArgsKwargs(args, kwargs), states_of(self.model)
            if not states:
                return call_model(self.model, inputs, training=self.training)
            # Keras writes states in place while the backward pass still needs the old ones.
            changing = [*self.model.non_trainable_variables, *states]
            before = [variable.value.clone() for variable in changing]
            outputs, after = call_with(self.model, changing, before, inputs, training=self.training)
            with torch.no_grad():
                for variable, old, new in zip(changing, before, after):
                    if new is not old:
                        variable.value.copy_(new)
            return outputs

        def __deepcopy__(self, memo: dict[int, Any]) -> Any:
            # Keras builds its copy anew: copies of the weights would be none of its own.
            other = memo[id(self)] = _module_of(copy.deepcopy(self.model, memo))
            copy_frozen(self.model, other.model)
            with torch.no_grad():
                for mine, theirs in zip(self.weights.values(), other.weights.values()):
                    theirs.copy_(mine)
            return other.train(self.training)

    return KerasModule()


def keras_jax_shim(model: Any) -> "KerasJaxShim":
    """On JAX the shim has values of its own: the Keras model does not learn, nor does another shim of it.

    Raises ValueError for a model that is not built.
    """
    _check_built(model, "jax")
    return KerasJaxShim(model)


class KerasJaxShim(KerasStates, JaxShim):
    """What is trained is asked in each call, so that layers can be frozen at any time.

    A copy looks at the same Keras model, so at the same `trainable`.
    """

    def __init__(self, model: Any):
        Shim.__init__(self, model)
        self._values = {name: variable.value for name, variable in named_variables(model).items()}
        self._options: list[str] = []
        self._buckets, self._grads = None, {}
        self._split()
        self._start()

    def _split(self) -> None:
        trained = {id(variable) for variable in self._model.trainable_variables}
        is_trained = [id(variable) in trained for variable in all_variables(self._model)]
        self._params = [name for name, each in zip(self._values, is_trained) if each]
        self._rest = [name for name, each in zip(self._values, is_trained) if not each]

    def _modes(self) -> Any:
        """Frozen layers may compute otherwise in training: BatchNormalization takes its averages."""
        return tuple(self._params), tuple(layer.trainable for layer in self._model._flatten_layers())

    def forward(self, inputs: ArgsKwargs, is_train: bool) -> tuple[Any, Callable[[Any], Any] | None]:
        self._split()
        return super().forward(inputs, is_train)

    def _call(self, params: dict, rest: dict, seed: Any, inputs: ArgsKwargs, is_train: bool) -> tuple[Any, dict]:
        values, variables = params | rest, all_variables(self._model)
        before = [values[name] for name in self._values]
        outputs, after = call_with(self._model, variables, before, inputs, training=is_train)
        changed = zip(self._values, before, after)
        return outputs, {name: new for name, old, new in changed if new is not old}

    def param_names(self) -> list[str]:
        self._split()
        return super().param_names()

    def tree(self) -> tuple[Any, Any]:
        """(values of what is trained, values of the rest), in Keras' order."""
        self._split()
        return [self._values[name] for name in self._params], [self._values[name] for name in self._rest]


def _check_built(model: Any, backend: str) -> None:
    if not model.built:
        raise ValueError(f"KerasWrapper: on {backend} the model must be built. Give it an Input, or call it once.")
