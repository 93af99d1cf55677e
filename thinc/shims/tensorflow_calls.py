"""Run a Keras model through traced functions, or eagerly where it can't be traced."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from ..interop import dtype_name
from ..types import ArgsKwargs
from .keras_models import call_model
from .keras_states import all_variables, states_of
from .tensorflow_arrays import TENSORFLOW, import_tensorflow
from .tensorflow_functions import traced
from .tensorflow_halves import halves
from .traced import Latest, Structure, signature

# A trace of a small model takes some MB; plain numbers among the inputs have one each.
MOST_TRACES = 64

# The gradient of each float output, or None -> those of the float inputs and of the variables.
Pull = Callable[[list[Any]], list[Any]]


class TracedCalls:
    """Functions traced once for each kind of inputs; axis 0 may have any length.

    Where a second length of another axis comes, that axis is left open and traced anew, so a
    layer that needs to know its sizes keeps them as long as they don't change.  In training, inputs
    with the lengths of the first ones keep a trace of their own, with no length open: an LSTM then
    takes a quarter less time.  What is frozen,
    and which weights there are, is looked at in each call; any other attribute of the model keeps
    the value that it had in the trace, as in Keras' own compiled steps, until `forget`.
    """

    def __init__(self, get_model: Callable[[], Any]):
        self._get_model = get_model
        self.forget()

    def forget(self) -> None:
        """Trace the model anew when it is called next."""
        self._functions = Latest(MOST_TRACES)
        self._is_eager = False

    def predict(self, inputs: ArgsKwargs) -> Any:
        """The outputs."""
        return self._call(_Prediction, inputs, [])

    def begin_update(self, inputs: ArgsKwargs, variables: list[Any]) -> tuple[Any, Pull]:
        """(outputs, pull).  variables: the trainable ones of the model."""
        return self._call(_Training, inputs, variables)

    def _call(self, kind: type["_Traced"], inputs: ArgsKwargs, variables: list[Any]) -> Any:
        model = self._get_model()
        if self._is_eager:
            return kind.run_eagerly(model, inputs, variables)
        states = states_of(model)

        def describe(tensor: Any) -> tuple:
            # A layer with states knows how many sequences it has; in an open trace it would not see another number.
            return dtype_name(tensor), len(tensor.shape), tuple(tensor.shape[:1]) if states else ()

        # Which weights are trained is one more question: single ones can be frozen, not only layers.
        known = tuple(map(id, (*model.variables, *states))), tuple(map(id, variables))
        key = kind, known, kind.modes_of(model), signature(inputs, TENSORFLOW.owns, describe)
        traced = self._functions.get(key, lambda: kind(model, inputs, variables))
        try:
            run = traced.prepared(inputs)
        except Exception:  # whatever a user's model raises when it meets symbols in place of numbers
            result = kind.run_eagerly(model, inputs, variables)
            self._is_eager = True  # it was no mistake in the inputs
            return result
        return run(inputs)


class _Traced:
    """One function, with the lengths that all its inputs had so far."""

    def __init__(self, model: Any, inputs: ArgsKwargs, variables: list[Any]):
        found = Structure(inputs, TENSORFLOW.owns)
        tensors, has_states = (*found.floats, *found.others), bool(states_of(model))
        self._shapes = [[*tensor.shape] if has_states else _first_open(tensor) for tensor in tensors]
        self._count = len(found.floats)
        self._inputs, self._n_floats = found.forget(), 0
        self._outputs: Any = None  # a Structure as soon as something is traced
        self._model, self._variables = model, variables
        self._weights = all_variables(model)  # kept, so that no other variable gets the id of one of them
        self._run: Callable | None = None
        self._lock = threading.RLock()

    @staticmethod
    def modes_of(model: Any) -> tuple:
        """What a trace depends on beside the inputs and which variables there are."""
        return ()

    @staticmethod
    def run_eagerly(model: Any, inputs: ArgsKwargs, variables: list[Any]) -> Any:
        raise NotImplementedError

    def prepared(self, inputs: ArgsKwargs) -> Callable[[ArgsKwargs], Any]:
        """What runs these inputs; traced, if they are the first, or the first of their lengths."""
        tensors = _tensors(inputs)
        with self._lock:
            shapes = [_common(shape, tensor) for shape, tensor in zip(self._shapes, tensors)]
            if self._run is None or shapes != self._shapes:
                self._run = self._trace(_specs(shapes, tensors))
                self._shapes = shapes  # after a trace that failed, the old one still serves the old lengths
            return self._run

    def _trace(self, specs: list[Any]) -> Callable[[ArgsKwargs], Any]:
        raise NotImplementedError

    def _compute(self, is_train: bool, *tensors: Any) -> tuple[list[Any], list[Any]]:
        inputs = self._inputs.filled(tensors[: self._count], tensors[self._count :])
        found = Structure(call_model(self._model, inputs, training=is_train), TENSORFLOW.owns)
        arrays = found.floats, found.others
        self._n_floats, self._outputs = len(found.floats), found.forget()
        return arrays


class _Prediction(_Traced):
    @staticmethod
    def run_eagerly(model: Any, inputs: ArgsKwargs, variables: list[Any]) -> Any:
        return call_model(model, inputs, training=False)

    def _trace(self, specs: list[Any]) -> Callable[[ArgsKwargs], Any]:
        compute = traced(partial(self._compute, False), specs)
        n_floats, structure = self._n_floats, self._outputs

        def run(inputs: ArgsKwargs) -> Any:
            results = compute(*_tensors(inputs))
            return structure.filled(results[:n_floats], results[n_floats:])

        return run


class _Training(_Traced):
    """A function for the lengths of the first inputs, and one for all others."""

    def __init__(self, model: Any, inputs: ArgsKwargs, variables: list[Any]):
        super().__init__(model, inputs, variables)
        self._lengths = [tensor.shape for tensor in _tensors(inputs)]
        self._run_first: Callable | None = None

    def prepared(self, inputs: ArgsKwargs) -> Callable[[ArgsKwargs], Any]:
        tensors = _tensors(inputs)
        if [tensor.shape for tensor in tensors] != self._lengths:
            return super().prepared(inputs)
        with self._lock:
            if self._run_first is None:
                self._run_first = self._trace(_specs(self._lengths, tensors))
            return self._run_first

    @staticmethod
    def modes_of(model: Any) -> tuple:
        """Frozen layers may compute otherwise in training: BatchNormalization takes its averages."""
        return tuple(layer.trainable for layer in model._flatten_layers())

    @staticmethod
    def run_eagerly(model: Any, inputs: ArgsKwargs, variables: list[Any]) -> tuple[Any, Pull]:
        def call(inputs: ArgsKwargs) -> Any:
            return call_model(model, inputs, training=True)

        return run_on_tape(call, inputs, variables)

    def _trace(self, specs: list[Any]) -> Callable[[ArgsKwargs], tuple[Any, Pull]]:
        try:
            run = halves(self._model, self._inputs, self._count, specs)
            return lambda inputs: run(_tensors(inputs))
        except Exception:  # no pure function of its weights, or an op that can't be moved
            function = import_tensorflow().function(partial(self._compute, True), autograph=False)
            concrete, structure = function.get_concrete_function(*specs), self._outputs

            def call(inputs: ArgsKwargs) -> Any:
                return structure.filled(*concrete(*_tensors(inputs)))

            return lambda inputs: run_on_tape(call, inputs, self._variables)


def run_on_tape(call: Callable[[ArgsKwargs], Any], inputs: ArgsKwargs, variables: list[Any]) -> tuple[Any, Pull]:
    """Any model's way to gradients: TensorFlow writes down what it does, 1 ms for an LSTM."""
    tensorflow = import_tensorflow()
    floats = Structure(inputs, TENSORFLOW.owns).floats
    with tensorflow.GradientTape() as tape:
        tape.watch(floats)
        outputs = call(inputs)
    heads = Structure(outputs, TENSORFLOW.owns).floats

    def pull(d_heads: list[Any]) -> list[Any]:
        pairs = [(head, grad) for head, grad in zip(heads, d_heads) if grad is not None]
        sources = [*floats, *(variable.value for variable in variables)]
        grads = tape.gradient([head for head, _ in pairs], sources, output_gradients=[grad for _, grad in pairs])
        # Embeddings give slices.
        return [None if grad is None else tensorflow.convert_to_tensor(grad) for grad in grads]

    return outputs, pull


def _tensors(inputs: ArgsKwargs) -> list[Any]:
    found = Structure(inputs, TENSORFLOW.owns)
    return [*found.floats, *found.others]


def _specs(shapes: list[Any], tensors: list[Any]) -> list[Any]:
    spec = import_tensorflow().TensorSpec
    return [spec(shape, tensor.dtype) for shape, tensor in zip(shapes, tensors)]


def _first_open(tensor: Any) -> list[int | None]:
    return [None, *tensor.shape[1:]] if len(tensor.shape) else []


def _common(shape: list[int | None], tensor: Any) -> list[int | None]:
    return [length if length == came else None for length, came in zip(shape, tensor.shape)]
