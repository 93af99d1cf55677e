"""What stateful recurrent layers of Keras remember from one batch to the next."""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..interop import dtype_name
from .keras_models import own_name
from .named_tensors import pack_tensors
from .shim import Shim
from .tensorflow_arrays import import_keras


def states_of(model: Any) -> list[Any]:
    """The states of layers with `stateful=True`, which Keras counts among no variables."""
    found: dict[int, Any] = {}
    for layer in model._flatten_layers():
        if getattr(layer, "stateful", False):
            found |= {id(each): each for each in import_keras().tree.flatten(getattr(layer, "states", None))}
    return [each for each in found.values() if hasattr(each, "assign")]


def all_variables(model: Any) -> list[Any]:
    """Weights, statistics, seeds of random generators; the states of recurrent layers come last."""
    return [*model.variables, *states_of(model)]


def named_variables(model: Any) -> dict[str, Any]:
    """All variables by their positions, `0.kernel`."""
    return {f"{place}.{own_name(variable)}": variable for place, variable in enumerate(all_variables(model))}


class KerasStates(Shim):
    """States are saved and copied like weights, but say nothing about batches of another size."""

    def keras_model(self) -> Any:
        """The Keras model, or None where there is none yet."""
        return self._model

    def state_names(self) -> list[str]:
        """The names, as in `read`, of what stateful recurrent layers remember."""
        model = self.keras_model()
        if model is None or not model.built or not states_of(model):
            return []
        n_weights = len(model.variables)
        return [name for name in self.read() if _place_of_state(name) >= n_weights]

    def reset_states(self) -> None:
        """Forget what stateful recurrent layers remember: the next batch starts new sequences."""
        names = self.state_names()
        values = self.read_some(names) if names else {}
        self.write({name: import_keras().ops.zeros_like(values[name]) for name in names})

    @contextmanager
    def kept_states(self) -> Iterator[None]:
        """Put the states back as they are now; as zeros, if they are made only within."""
        framework, before = self._framework(), {}
        names = self.state_names()
        if names:
            values = self.read_some(names)
            before = {name: framework.give(values[name]).copy() for name in names}
        try:
            yield
        finally:
            self.reset_states()
            if before:
                values = self.read_some(names)
                self.write({name: self._owned(name, before[name], values[name]) for name in names})

    def _unpack(self, bytes_data: bytes) -> dict[str, Any]:
        """States that the file lacks, or has for another number of sequences, are zeros.

        It is common to train without states or on many sequences, and to predict one of them step by step.
        """
        message, model = super()._unpack(bytes_data), self.keras_model()
        if model is None or not model.built or not isinstance(message.get("tensors"), list):
            return message
        names, mine = self.state_names(), self.read()
        rows = [row for row in message["tensors"] if not _is_useless(row, mine, len(model.variables))]
        came = {row[0] for row in rows if isinstance(row, list) and row and isinstance(row[0], str)}
        new = {name: import_keras().ops.zeros_like(mine[name]) for name in names if name not in came}
        return {**message, "tensors": [*rows, *pack_tensors(self._framework(), new)]}


def _is_useless(row: Any, mine: dict[str, Any], n_weights: int) -> bool:
    """Is this the state of a layer that has none here, or one for another number of sequences?"""
    if not isinstance(row, list) or len(row) != 4 or not isinstance(row[0], str):
        return False
    if _place_of_state(row[0]) < n_weights or not _is_whole(*row[1:]):
        return False
    if row[0] not in mine:
        return True
    n_sequences, *shape = mine[row[0]].shape
    return row[1] == dtype_name(mine[row[0]]) and row[2][1:] == shape and row[2][:1] != [n_sequences]


def _is_whole(kind: Any, shape: Any, data: Any) -> bool:
    """Can these be the dtype, the shape and the bytes of a state, of whatever size?"""
    bits = re.fullmatch(r"b?float(\d+)", kind) if isinstance(kind, str) else None
    if bits is None or not isinstance(shape, list) or not all(type(n) is int and n >= 0 for n in shape):
        return False
    chunks = data if isinstance(data, list) else [data]
    if not all(isinstance(chunk, bytes) for chunk in chunks):
        return False
    return 8 * sum(map(len, chunks)) == int(bits[1]) * math.prod(shape)


def _place_of_state(name: str) -> int:
    """Its place among all variables; -1 for a name that no state has."""
    found = re.fullmatch(r"(?:weights\.)?(\d{1,9})[._]rnn_state", name)
    return int(found[1]) if found else -1
