"""The torch modules that stand for our combinators and for layers of sequences.

They are made by `make(name, …)` and not by class statements, since torch isn't imported before
it is needed. Every one of them is called as `module(X, lengths=None)`: X (batch, time, width),
lengths (batch,) ints. What stands beyond the lengths is never read; in the output it has no meaning.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..errors import ShapeError
from ..shims.torch_arrays import import_torch


@dataclass(frozen=True)
class Context:
    """What the modules below a call have to know.

    lengths: (batch,), or None if no sequence has padding.
    scores: (batch, heads, rows, columns) numbers that attention adds to its scores, −∞ for what
        isn't seen; or None. The first three axes may be 1.
    """

    lengths: Any = None
    scores: Any = None


def make(name: str, **parts: Any) -> Any:
    """A module of one of the kinds below; parts: its submodules and settings."""
    module = _class(name)()
    for key, value in parts.items():
        setattr(module, key, value)
    return module


def call(module: Any, X: Any, context: Context) -> Any:
    """Modules of torch see the rows alone."""
    return module.run(X, context) if hasattr(module, "run") else module(X)


def forward(self: Any, X: Any, lengths: Any = None) -> Any:
    return self.run(X, Context(None if lengths is None else import_torch().as_tensor(lengths)))


def run_chain(self: Any, X: Any, context: Context) -> Any:
    for layer in self.layers:
        X = call(layer, X, context)
    return X


def run_residual(self: Any, X: Any, context: Context) -> Any:
    return X + call(self.layer, X, context)


def run_add(self: Any, X: Any, context: Context) -> Any:
    Y = call(self.layers[0], X, context)
    for layer in self.layers[1:]:
        Y = Y + call(layer, X, context)
    return Y


def run_concatenate(self: Any, X: Any, context: Context) -> Any:
    return import_torch().cat([call(layer, X, context) for layer in self.layers], dim=-1)


def run_first(self: Any, X: Any, context: Context) -> Any:
    """The first of several outputs."""
    return self.layer(*X)[0] if isinstance(X, tuple) else self.layer(X)[0]


def run_recurrent(self: Any, X: Any, context: Context) -> Any:
    if context.lengths is None:
        return self.layer(X)[0]
    rnn, torch = import_torch().nn.utils.rnn, import_torch()
    # torch refuses empty sequences: they get one row, which is then set to zero.
    steps = context.lengths.clamp(min=1).cpu()
    packed = rnn.pack_padded_sequence(X, steps, batch_first=True, enforce_sorted=False)
    Y = rnn.pad_packed_sequence(self.layer(packed)[0], batch_first=True, total_length=X.shape[1])[0]
    return torch.where(is_row(X, context)[..., None], Y, Y.new_zeros(()))


def run_conv(self: Any, X: Any, context: Context) -> Any:
    """Conv1d over (batch, time, width). left, right: rows of zeros at the ends."""
    torch = import_torch()
    if context.lengths is not None:
        X = torch.where(is_row(X, context)[..., None], X, X.new_zeros(()))
    Z = torch.nn.functional.pad(X.transpose(1, 2), (self.left, self.right))
    Y = self.layer(Z).transpose(1, 2)
    if context.lengths is not None and Y.shape[1] != X.shape[1]:
        raise ShapeError("a convolution that changes the lengths got lengths; give it sequences of one length")
    return Y


def run_batch_norm(self: Any, X: Any, context: Context) -> Any:
    if context.lengths is None:
        return self.layer(X.reshape(-1, X.shape[-1])).reshape(X.shape)
    rows = is_row(X, context)
    Y = import_torch().zeros_like(X)
    Y[rows] = self.layer(X[rows])
    return Y


def run_attention(self: Any, X: Any, context: Context) -> Any:
    """X: queries, or (queries, memory), or (queries, keys, values)."""
    torch = import_torch()
    Q, K, V = (X, X, X) if not isinstance(X, tuple) else (*X, X[-1])[:3]
    scores = Q.new_zeros((1, 1, Q.shape[1], K.shape[1])) if context.scores is None else context.scores
    if context.lengths is not None:
        scores = scores.masked_fill(~is_row(K, context)[:, None, None, :], -torch.inf)
    if self.is_causal:
        scores = scores + torch.full_like(scores[:1, :1], -torch.inf).triu(1)
    # A row that sees nothing is NaN in torch, and would make every gradient NaN.
    scores = scores.masked_fill(scores.isneginf().all(-1, keepdim=True), 0.0)
    shape = (Q.shape[0], self.layer.num_heads, Q.shape[1], K.shape[1])
    mask = scores.expand(shape).reshape(-1, *shape[2:]).to(Q.dtype)
    return self.layer(Q, K, V, attn_mask=mask, need_weights=False)[0]


def run_axes(self: Any, X: Any, context: Context) -> Any:
    """Arrays with their axes in another order, see `with_axes`."""
    word = _word(self.axes, X)
    Z = _to_btw(X, word)
    Y = call(self.layer, Z, context)
    if context.lengths is not None:
        Y = import_torch().where(is_row(Y, context)[..., None], Y, Y.new_zeros(()))
    return _from_btw(Y, word)


def forward_masked(self: Any, *args: Any, **kwargs: Any) -> Any:
    """The arguments of the torch module that this one stands for: data, masks and padding."""
    given = {**dict(zip(self.names, args)), **kwargs}
    data = [given[name] for name in ("query", "key", "value", self.names[0]) if given.get(name) is not None]
    data = data[:3] if "query" in given else data[:1]
    word = _word(self.axes, data[0])
    views = tuple(_to_btw(X, word) for X in data)
    context = Context(scores=_scores(given, views[0], views[min(1, len(views) - 1)]))
    return _from_btw(call(self.layer, views if views[1:] else views[0], context), word)


def is_row(X: Any, context: Context) -> Any:
    """(batch, time), true where a sequence has not ended."""
    return import_torch().arange(X.shape[1], device=X.device)[None] < context.lengths.to(X.device)[:, None]


RUNS: dict[str, Callable] = {
    "Chain": run_chain,
    "Residual": run_residual,
    "Add": run_add,
    "Concatenate": run_concatenate,
    "First": run_first,
    "Recurrent": run_recurrent,
    "Conv": run_conv,
    "BatchNorm": run_batch_norm,
    "Attention": run_attention,
    "Axes": run_axes,
}


@cache
def _class(name: str) -> type:
    methods: dict[str, Any] = {"forward": forward, "run": RUNS[name]} if name in RUNS else {"forward": forward_masked}
    return type(name, (import_torch().nn.Module,), {**methods, "__module__": __name__})


def __getattr__(name: str) -> Any:
    """The classes by their names, which is how pickle finds them."""
    if name in RUNS or name == "Masked":
        return _class(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _scores(given: dict[str, Any], Q: Any, K: Any) -> Any:
    """The masks as numbers to add to the scores, None if there are none."""
    torch = import_torch()
    attention = next((given[name] for name in ("attn_mask", "mask", "src_mask") if given.get(name) is not None), None)
    padding = next((given[n] for n in ("key_padding_mask", "src_key_padding_mask") if given.get(n) is not None), None)
    parts = []
    if attention is not None:
        parts.append(
            attention[None, None] if attention.ndim == 2 else attention.reshape(len(Q), -1, *attention.shape[1:])
        )
    elif given.get("is_causal"):
        parts.append(torch.ones((1, 1, Q.shape[1], K.shape[1]), dtype=torch.bool, device=Q.device).triu(1))
    if padding is not None:
        parts.append(padding.reshape(len(Q), 1, 1, -1))
    if not parts:
        return None
    zeros = torch.zeros((), dtype=Q.dtype, device=Q.device)
    return sum(zeros.masked_fill(part, -torch.inf) if part.dtype == torch.bool else part for part in parts)


def _word(axes: tuple[str, ...], X: Any) -> str:
    for word in axes:
        if len(word) == X.ndim:
            return word
    raise ShapeError(f"got {list(X.shape)}; give it a tensor with the axes {' or '.join(axes)}")


def _to_btw(X: Any, word: str) -> Any:
    """(batch, time, width), with 1 for the axes that X doesn't have."""
    ordered = X.permute([word.index(axis) for axis in "btw" if axis in word])
    return ordered[tuple(slice(None) if axis in word else None for axis in "btw")]


def _from_btw(Y: Any, word: str) -> Any:
    squeezed = Y[tuple(slice(None) if axis in word else 0 for axis in "btw")]
    order = [axis for axis in "btw" if axis in word]
    return squeezed.permute([order.index(axis) for axis in word])
