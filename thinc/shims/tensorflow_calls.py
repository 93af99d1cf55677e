"""Run a Keras model through a traced function, or eagerly where it can't be traced."""

import threading
from collections.abc import Callable
from typing import Any

from ..interop import dtype_name
from ..types import ArgsKwargs
from .tensorflow_arrays import TENSORFLOW, import_tensorflow
from .traced import Latest, Structure, signature

# A trace of a small model takes some MB; plain numbers among the inputs have one each.
MOST_TRACES = 64


class TracedCalls:
    """Functions traced once for each kind of inputs; axis 0 may have any length.

    Where a second length of another axis comes, that axis is left open and traced anew, so a
    layer that needs to know its sizes keeps them as long as they don't change.
    """

    def __init__(self, call: Callable, describe: Callable):
        """call: (inputs, is_train) -> outputs; describe: (is_train) -> what else a trace depends on."""
        self._call, self._describe = call, describe
        self._functions = Latest(MOST_TRACES)
        self._is_eager = False

    def __call__(self, inputs: ArgsKwargs, is_train: bool) -> Any:
        if self._is_eager:
            return self._call(inputs, is_train)
        kinds = signature(inputs, TENSORFLOW.owns, lambda tensor: (dtype_name(tensor), len(tensor.shape)))
        key = is_train, self._describe(is_train), kinds
        traced = self._functions.get(key, lambda: _Traced(self._call, inputs, is_train))
        try:
            run = traced.prepared(inputs)
        except Exception:  # whatever a user's model raises when it meets symbols in place of numbers
            outputs = self._call(inputs, is_train)
            self._is_eager = True  # it was no mistake in the inputs
            return outputs
        return run(inputs)


class _Traced:
    """One function, with the lengths that all its inputs had so far."""

    def __init__(self, call: Callable, inputs: ArgsKwargs, is_train: bool):
        found = Structure(inputs, TENSORFLOW.owns)
        self._shapes = [_first_open(tensor) for tensor in (*found.floats, *found.others)]
        self._count = len(found.floats)
        self._inputs, self._outputs = found.forget(), None
        self._call, self._is_train = call, is_train
        self._run: Callable | None = None
        self._lock = threading.RLock()

    def prepared(self, inputs: ArgsKwargs) -> Callable[[ArgsKwargs], Any]:
        """What runs these inputs; traced, if they are the first, or the first of their lengths."""
        tensors = _tensors(inputs)
        with self._lock:
            shapes = [_common(shape, tensor) for shape, tensor in zip(self._shapes, tensors)]
            if self._run is None or shapes != self._shapes:
                self._run = self._trace(shapes, tensors)
                self._shapes = shapes  # after a trace that failed, the old one still serves the old lengths
            return self._run

    def _trace(self, shapes: list[Any], tensors: list[Any]) -> Callable[[ArgsKwargs], Any]:
        tensorflow = import_tensorflow()
        specs = [tensorflow.TensorSpec(shape, tensor.dtype) for shape, tensor in zip(shapes, tensors)]
        function = tensorflow.function(self._compute, autograph=False)
        concrete = function.get_concrete_function(*specs)
        structure = self._outputs

        def run(inputs: ArgsKwargs) -> Any:
            return structure.filled(*concrete(*_tensors(inputs)))

        return run

    def _compute(self, *tensors: Any) -> tuple[list[Any], list[Any]]:
        inputs = self._inputs.filled(tensors[: self._count], tensors[self._count :])
        found = Structure(self._call(inputs, self._is_train), TENSORFLOW.owns)
        arrays = found.floats, found.others
        self._outputs = found.forget()
        return arrays


def _tensors(inputs: ArgsKwargs) -> list[Any]:
    found = Structure(inputs, TENSORFLOW.owns)
    return [*found.floats, *found.others]


def _first_open(tensor: Any) -> list[int | None]:
    return [None, *tensor.shape[1:]] if len(tensor.shape) else []


def _common(shape: list[int | None], tensor: Any) -> list[int | None]:
    return [length if length == came else None for length, came in zip(shape, tensor.shape)]
