"""The loss of class probabilities over lists of sequences."""

from collections.abc import Sequence
from itertools import accumulate, chain
from typing import Any

import numpy

from ..config import registry
from ..errors import ContainerError
from ..interop import get_array_module, is_xp_array
from ..types import Floats2d
from .base import Loss
from .crossentropy import CategoricalCrossentropy, IntsOrFloatsOrStrs, fits, subtract_ones
from .targets import check_probabilities, ids_on_host


class SequenceCategoricalCrossentropy(Loss):
    """Guess one class per row, in a list of sequences.

    normalize: divide the gradient by the number of sequences. The other settings are those
    of `CategoricalCrossentropy`.
    """

    def __init__(
        self,
        *,
        normalize: bool = True,
        names: Sequence[str] | None = None,
        missing_value: str | int | None = None,
        neg_prefix: str | None = None,
        label_smoothing: float = 0.0,
    ):
        self.cc = CategoricalCrossentropy(
            normalize=False,
            names=names,
            missing_value=missing_value,
            neg_prefix=neg_prefix,
            label_smoothing=label_smoothing,
        )
        self.normalize = normalize

    def __call__(
        self, guesses: Sequence[Floats2d], truths: Sequence[IntsOrFloatsOrStrs]
    ) -> tuple[list[Floats2d], float]:
        grads = self.get_grad(guesses, truths)
        return grads, self._get_loss_from_grad(grads)

    def get_grad(self, guesses: Sequence[Floats2d], truths: Sequence[IntsOrFloatsOrStrs]) -> list[Floats2d]:
        """The gradient of every sequence, over their number if `normalize`."""
        if len(guesses) != len(truths):
            raise ContainerError(
                f"SequenceCategoricalCrossentropy: {len(guesses)} sequences of guesses came with "
                f"{len(truths)} of truths. Cannot calculate a loss; pass as many of each."
            )
        n = len(guesses) if self.normalize else 1
        d = self._grad_at_once(guesses, truths, n)
        if d is None:
            return [self.cc.get_grad(yh, y) / n for yh, y in zip(guesses, truths, strict=True)]
        ends = list(accumulate(map(len, guesses)))
        return [d[start:end] for start, end in zip([0, *ends], ends)]

    def _grad_at_once(self, guesses, truths, n) -> Any:
        """The gradients of all sequences, over n, in one array; or None where they don't go together."""
        if not guesses or any(len(yh) != len(y) for yh, y in zip(guesses, truths)):
            return None
        truths = [ids_on_host(y) for y in truths]
        if not all(is_xp_array(yh) and type(yh) is type(guesses[0]) for yh in guesses):
            return None
        if len({(yh.shape[1:], yh.dtype) for yh in guesses}) > 1 or len({type(y) for y in truths}) > 1:
            return None
        if isinstance(truths[0], (list, tuple)):
            ids = self.cc.plain_ids(list(chain.from_iterable(truths)))
        elif isinstance(truths[0], numpy.ndarray) and len({(y.ndim, y.dtype.kind) for y in truths}) == 1:
            ids = self.cc.plain_ids(numpy.concatenate(truths)) if truths[0].ndim == 1 else None
        else:
            return None
        if ids is None:
            return None
        flat = get_array_module(guesses[0]).concatenate(guesses)
        if not fits(ids, flat):
            return None
        check_probabilities("CategoricalCrossentropy", "guesses", flat, guesses)
        return subtract_ones(flat, ids, n)

    def get_loss(self, guesses: Sequence[Floats2d], truths: Sequence[IntsOrFloatsOrStrs]) -> float:
        """Σ d² over all sequences."""
        return self._get_loss_from_grad(self.get_grad(guesses, truths))

    def _get_loss_from_grad(self, grads: list[Floats2d]) -> float:
        return sum((self.cc._get_loss_from_grad(d) for d in grads), 0.0)


@registry.losses("SequenceCategoricalCrossentropy.v1")
def configure_SequenceCategoricalCrossentropy_v1(
    *, normalize: bool = True, names: Sequence[str] | None = None
) -> SequenceCategoricalCrossentropy:
    """`SequenceCategoricalCrossentropy`, for a config."""
    return SequenceCategoricalCrossentropy(normalize=normalize, names=names)


@registry.losses("SequenceCategoricalCrossentropy.v2")
def configure_SequenceCategoricalCrossentropy_v2(
    *,
    normalize: bool = True,
    names: Sequence[str] | None = None,
    neg_prefix: str | None = None,
) -> SequenceCategoricalCrossentropy:
    """v1 with `neg_prefix`."""
    return SequenceCategoricalCrossentropy(normalize=normalize, names=names, neg_prefix=neg_prefix)


@registry.losses("SequenceCategoricalCrossentropy.v3")
def configure_SequenceCategoricalCrossentropy_v3(
    *,
    normalize: bool = True,
    names: Sequence[str] | None = None,
    missing_value: str | int | None = None,
    neg_prefix: str | None = None,
    label_smoothing: float = 0.0,
) -> SequenceCategoricalCrossentropy:
    """v2 with `missing_value` and `label_smoothing`."""
    return SequenceCategoricalCrossentropy(
        normalize=normalize,
        names=names,
        missing_value=missing_value,
        neg_prefix=neg_prefix,
        label_smoothing=label_smoothing,
    )
