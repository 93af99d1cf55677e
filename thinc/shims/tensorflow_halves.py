"""Trace a Keras model in training once, and cut the trace in two: the outputs, then the gradients.

A tape finds its way back anew in each step, 0.5 ms of Python for an LSTM.  Here the whole step is
one graph.  The first half ends where the second begins: it returns what the second reads, so
nothing is computed twice.
"""

from collections.abc import Callable, Sequence
from typing import Any

from .keras_models import call_with
from .keras_states import states_of
from .tensorflow_arrays import TENSORFLOW, import_tensorflow
from .tensorflow_functions import traced
from .traced import Structure


def halves(
    model: Any, inputs: Structure, n_floats: int, specs: list[Any]
) -> Callable[[list[Any]], tuple[Any, Callable[[list[Any]], list[Any]]]]:
    """A function: (tensors) -> (outputs, pull).

    inputs: their structure; the first `n_floats` of the tensors are its floats.
    specs: the shapes and dtypes of the tensors.
    pull: the gradient of each float output, or None -> those of the floats and of the trainable
        variables, None where there is no way back.

    Raises ValueError for a model that does more than compute outputs, or a graph that can't be cut.
    """
    step = _Step(model, inputs, n_floats, specs)
    forward, backward = step.forward(), step.backward()
    n_heads, n_others = len(step.heads), len(step.others)
    # Not the step itself: its graph is as large as both halves together, and is needed no more.
    outputs, exists = step.outputs, [grad is not None for grad in step.grads]

    def run(tensors: list[Any]) -> tuple[Any, Callable[[list[Any]], list[Any]]]:
        results = forward(*tensors)
        heads, kept = results[:n_heads], results[n_heads + n_others :]

        def pull(d_heads: list[Any]) -> list[Any]:
            grads = iter(backward(*kept, *_dense(heads, d_heads)))
            return [next(grads) if each else None for each in exists]

        return outputs.filled(heads, results[n_heads : n_heads + n_others]), pull

    return run


class _Step:
    """The graph of a whole step: from the inputs and the variables to the outputs and the gradients."""

    heads: list[Any]
    others: list[Any]
    d_heads: list[Any]
    grads: list[Any]
    outputs: Structure

    def __init__(self, model: Any, inputs: Structure, n_floats: int, specs: list[Any]):
        tensorflow = import_tensorflow()
        self._model, self._inputs, self._n_floats, self._specs = model, inputs, n_floats, specs
        self._trained = model.trainable_variables
        self._rest = [*model.non_trainable_variables, *states_of(model)]
        self._changes: list[tuple[Any, Any]] = []
        values = [tensorflow.TensorSpec(v.shape, v.dtype) for v in (*self._trained, *self._rest)]
        self._whole = tensorflow.function(self._compute, autograph=False).get_concrete_function(*specs, *values)
        operations = self._whole.graph.get_operations()
        doing = sorted({op.type for op in operations if op.op_def is not None and op.op_def.is_stateful})
        if doing or not self.heads or not any(grad is not None for grad in self.grads):
            raise ValueError(f"The model can't be cut: it has {len(self.heads)} float outputs, and does {doing}.")
        self._kept = self._find_kept()

    def _compute(self, *tensors: Any) -> list[Any]:
        tensorflow = import_tensorflow()
        n, n_trained = len(self._specs), len(self._trained)
        arrays, trained, rest = tensors[:n], list(tensors[n : n + n_trained]), list(tensors[n + n_trained :])
        floats = arrays[: self._n_floats]
        inputs = self._inputs.filled(floats, arrays[self._n_floats :])
        variables = [*self._trained, *self._rest]
        outputs, values = call_with(self._model, variables, [*trained, *rest], inputs, training=True)
        self.outputs = Structure(outputs, TENSORFLOW.owns)
        self.heads, self.others = self.outputs.floats, self.outputs.others
        self.outputs.forget()
        if any(new is not old for old, new in zip(trained, values)):
            # SpectralNormalization: the gradient is that of the new value, which is none of our inputs.
            raise ValueError("The model can't be cut: it sets weights that are trained.")
        self._changes = [(v, new) for v, old, new in zip(self._rest, rest, values[n_trained:]) if new is not old]
        self.d_heads = [tensorflow.compat.v1.placeholder(head.dtype, head.shape) for head in self.heads]
        grads = tensorflow.gradients(self.heads, [*floats, *trained], self.d_heads)
        # Embeddings give slices. An identity, as a gradient may be one that was given: no result of anything.
        self.grads = [
            None if grad is None else tensorflow.identity(tensorflow.convert_to_tensor(grad)) for grad in grads
        ]
        return [*self.heads, *(grad for grad in self.grads if grad is not None)]

    def _find_kept(self) -> list[Any]:
        """The tensors of the first half that the second reads; constants are written down in both."""
        ends = [*self.heads, *self.others, *(new for _, new in self._changes), *self._whole.inputs]
        first = _ancestors([tensor.op for tensor in ends], stop=set())
        second = _ancestors([grad.op for grad in self.grads if grad is not None], stop=first)
        read = {id(tensor): tensor for op in second - first for tensor in op.inputs}
        read |= {id(grad): grad for grad in self.grads if grad is not None and grad.op in first}
        return [tensor for tensor in read.values() if tensor.op in first and not _is_constant(tensor.op)]

    def forward(self) -> Callable[..., list[Any]]:
        """(tensors) -> outputs that are floats, the others, what the second half needs; sets what changes."""
        results, news = [*self.heads, *self.others, *self._kept], [new for _, new in self._changes]

        def run(*tensors: Any) -> list[Any]:
            variables = [variable.value for variable in (*self._trained, *self._rest)]
            given = [import_tensorflow().convert_to_tensor(value) for value in (*tensors, *variables)]
            values = self._part([*given, *self._whole.captured_inputs], self._whole.inputs, [*results, *news])
            for (variable, _), new in zip(self._changes, values[len(results) :]):
                variable.assign(new)
            return values[: len(results)]

        return traced(run, self._specs)

    def backward(self) -> Callable[..., list[Any]]:
        """(what the first half kept, gradients of the float outputs) -> those gradients that exist."""
        feeds = [*self._kept, *self.d_heads]
        grads = [grad for grad in self.grads if grad is not None]
        spec = import_tensorflow().TensorSpec
        return traced(
            lambda *tensors: self._part(tensors, feeds, grads), [spec(tensor.shape, tensor.dtype) for tensor in feeds]
        )

    def _part(self, values: Sequence[Any], places: list[Any], results: list[Any]) -> list[Any]:
        """The results, with these values in the places; what they don't depend on is never computed."""
        return import_tensorflow().graph_util.import_graph_def(
            self._whole.graph.as_graph_def(),
            input_map={place.name: value for place, value in zip(places, values)},
            return_elements=[result.name for result in results],
            name="",
        )


def _is_constant(operation: Any) -> bool:
    """One that waits for another is none: the second half would take that in with it."""
    return operation.type == "Const" and not operation.control_inputs


def _ancestors(operations: list[Any], stop: set[Any]) -> set[Any]:
    """These operations and all that they wait for, not looking beyond `stop`."""
    found: set[Any] = set()
    waiting = list(operations)
    while waiting:
        operation = waiting.pop()
        if operation not in found and operation not in stop:
            found.add(operation)
            waiting += [*(tensor.op for tensor in operation.inputs), *operation.control_inputs]
    return found


def _dense(heads: list[Any], d_heads: list[Any]) -> list[Any]:
    """The gradients as tensors; zeros for an output that has none."""
    tensorflow = import_tensorflow()
    return [
        tensorflow.zeros_like(head) if grad is None else tensorflow.convert_to_tensor(grad, head.dtype)
        for head, grad in zip(heads, d_heads)
    ]
