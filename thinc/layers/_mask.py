"""Tell the attention layers below a call what they may see."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from ..errors import ShapeError


@dataclass(frozen=True)
class Mask:
    """What limits every attention layer that runs while the mask is in use.

    is_seen: booleans, bias: what is added to the scores; None for no limit of that kind.
    Both (batch, heads, nT, nS), where the first three axes may be 1; the batch in its original order.
    """

    is_seen: Any = None
    bias: Any = None


# The mask stands beside the batch and not in it: it has to pass through layers that know only
# Ragged, and a context variable is one per thread.
NOTHING_HIDDEN = Mask()
_current: ContextVar[Mask] = ContextVar("attention_mask", default=NOTHING_HIDDEN)


@contextmanager
def use_mask(mask: Mask) -> Iterator[None]:
    """Let all attention layers that are called in this block, in this thread, keep to the mask."""
    token = _current.set(mask)
    try:
        yield
    finally:
        _current.reset(token)


def limit(is_seen: Any, shape: tuple[int, ...], dtype: Any) -> tuple[Any, Any]:
    """`is_seen` within the mask in use, and the bias.  shape: (batch, heads, nT, nS).

    ShapeError: the mask doesn't fit the shape.
    """
    mask = _current.get()
    for part in (mask.is_seen, mask.bias):
        if part is not None and not _fits(part.shape, shape):
            raise ShapeError(
                f"the attention mask has the shape {list(part.shape)} for scores of the shape {list(shape)}; "
                "give it (batch, heads, rows, columns), with 1 for what is the same everywhere"
            )
    seen = is_seen if mask.is_seen is None else is_seen & mask.is_seen
    return seen, None if mask.bias is None else mask.bias.astype(dtype, copy=False)


def _fits(part: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    return len(part) == 4 and part[3] == shape[3] and all(a in (1, b) for a, b in zip(part, shape))
