"""Predict with several layers in one operation, where they are those that encoders of words are made of."""

from collections.abc import Iterator, Sequence
from typing import Any

from ..model import Model
from .array_getitem import forward as forward_getitem
from .array_getitem import take
from .chain import forward as forward_chain
from .dropout import forward as forward_dropout
from .expand_window import forward as forward_window
from .hashembed import forward as forward_embed
from .layernorm import EPS
from .layernorm import forward as forward_norm
from .maxout import forward as forward_maxout

ENCODER = [forward_window, forward_maxout, forward_norm]
EMBEDDING = [forward_getitem, forward_embed]


def encode(block: Model, X: Any) -> Any | None:
    """X + block(X), where the block is expand_window >> maxout >> layernorm and X a matrix; else None.

    None too where the operation fails: the layers, one after the other, say where.
    """
    if block._func is not forward_chain:
        return None
    steps = list(steps_of(block))
    if [step._func for step in steps] != ENCODER or not _is_batch(steps, X):
        return None
    window, maxout, norm = steps
    try:
        W, b, G, shift = (*params_of(maxout, "W", "b"), *params_of(norm, "G", "b"))
        return maxout.ops.encode_windows(X, W, b, G, shift, window.attrs["window_size"], norm.attrs.get("eps", EPS))
    except Exception:
        return None


def embed(layers: Sequence[Model], X: Any) -> Any | None:
    """The layers' outputs side by side, where all are hash embeddings of a column of X; else None, as in `encode`."""
    if layers[0]._func is not forward_chain:
        return None
    pairs = [list(steps_of(layer)) for layer in layers]
    steps = [step for pair in pairs for step in pair]
    if [step._func for step in steps] != EMBEDDING * len(layers) or not _is_batch(steps, X):
        return None
    try:
        ids: list[Any] = [take(X, column.attrs["index"]) for column, _ in pairs]
        tables = [table.get_param("E") for _, table in pairs]
        if any(keys.ndim != 1 for keys in ids):
            return None
        return steps[0].ops.hash_embeds(tables, ids, [table.attrs["seed"] for _, table in pairs])
    except Exception:
        return None


def steps_of(layer: Model) -> Iterator[Model]:
    """The layers that a prediction runs one after the other."""
    if layer._func is forward_chain and type(layer) is Model:
        for part in layer.layers:
            yield from steps_of(part)
    elif layer._func is not forward_dropout:
        yield layer


def params_of(node: Model, *names: str) -> list[Any]:
    """The parameters with these names."""
    return [node.get_param(name) for name in names]


def _is_batch(steps: Sequence[Model], X: Any) -> bool:
    """Are these plain nodes on one kind of device, and is X a matrix there, with some rows?"""
    ops = steps[0].ops
    if any(type(step) is not Model or type(step.ops) is not type(ops) for step in steps):
        return False
    return isinstance(X, ops.xp.ndarray) and X.ndim == 2 and len(X) > 0
