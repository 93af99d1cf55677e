"""Losses of one class per row, whose value is the cross-entropy."""

from collections.abc import Sequence
from typing import Any

import numpy

from ..backends._known import as_ints
from ..config import registry
from ..interop import get_array_module
from ..types import Floats2d
from .base import Loss
from .crossentropy import CategoricalCrossentropy, IntsOrFloatsOrStrs
from .distance import check_same_shape
from .targets import at_least, check_probabilities, ids_on_host, widen


class SoftmaxCrossentropy(Loss):
    """L = −Σ_c w_c t_c (1 − p_c)^γ log p_c, summed over the rows.

    The guesses are p, of a layer that ends in a softmax, or with `from_logits` x, where
    p = softmax(x). The gradient is the one at the logits in both cases, as `Softmax` hands on
    what it gets.
    normalize: divide by the sum of the known truths' class weights, or by the number of known
    rows if truths are probabilities.
    names: the names of the classes, if truths are names.
    class_weights: w, one for each class.
    label_smoothing: s in [0, 1), t = (1 − s) · truth + s / nC.
    missing_value: a truth that means "unknown"; its row costs nothing.
    gamma: γ of the focal loss, at least 0; the larger, the less easy rows cost.
    Compatibility: unlike that of `CategoricalCrossentropy`, the value is the cross-entropy.

    >>> import numpy
    >>> loss = SoftmaxCrossentropy(from_logits=True)
    >>> d, value = loss(numpy.zeros((1, 2)), [0])
    >>> d.tolist(), round(float(value), 4)
    ([[-0.5, 0.5]], 0.6931)
    """

    def __init__(
        self,
        *,
        normalize: bool = True,
        from_logits: bool = False,
        names: Sequence[str] | None = None,
        class_weights: Sequence[float] | None = None,
        label_smoothing: float = 0.0,
        missing_value: str | int | None = None,
        gamma: float = 0.0,
    ):
        if not 0.0 <= label_smoothing < 1.0 or gamma < 0.0:
            raise ValueError(
                f"SoftmaxCrossentropy: got label_smoothing={label_smoothing} and gamma={gamma}. "
                "The first must be in [0, 1), the second at least 0."
            )
        self.normalize = normalize
        self.from_logits = from_logits
        self.names = names
        self.class_weights = class_weights
        self.label_smoothing = label_smoothing
        self.missing_value = missing_value
        self.gamma = gamma
        self._reader = CategoricalCrossentropy(names=names, missing_value=missing_value)

    def __call__(self, guesses: Floats2d, truths: IntsOrFloatsOrStrs) -> tuple[Floats2d, float]:
        """(gradient, loss).  guesses: (n, nC).  truths: ids or names (n,), or probabilities (n, nC).

        ValueError: shapes differ, or probabilities are outside [0, 1].
        """
        xp, X = get_array_module(guesses), widen(guesses)
        T, known = self._read_truths(xp, truths, X)
        log_p = self._log_p(xp, X)
        p = xp.exp(log_p)
        n = at_least(1e-12, self._count(xp, T, known, truths), X.dtype) if self.normalize else 1.0
        smooth = (1 - self.label_smoothing) * T + self.label_smoothing / max(1, X.shape[1])
        W = self._weights(xp, X) * smooth * known
        factor = (1 - p) ** self.gamma if self.gamma else xp.ones_like(p)
        slope = -W * factor  # at log p
        if self.gamma:
            rest = xp.where(p < 1, 1 - p, 1)
            slope = slope + W * self.gamma * xp.where(p < 1, rest ** (self.gamma - 1), 0) * p * log_p
        d = (slope - p * slope.sum(axis=1, keepdims=True)) / n
        return d.astype(guesses.dtype, copy=False), -(W * factor * log_p).sum() / n

    def get_grad(self, guesses: Floats2d, truths: IntsOrFloatsOrStrs) -> Floats2d:
        """The gradient at the logits, see `__call__`."""
        return self(guesses, truths)[0]

    def get_loss(self, guesses: Floats2d, truths: IntsOrFloatsOrStrs) -> float:
        """The value, see `__call__`."""
        return self(guesses, truths)[1]

    def count(self, truths: Any) -> float:
        """What a normalized loss of these truths is divided by."""
        truths = ids_on_host(truths)
        xp = get_array_module(truths) if hasattr(truths, "ndim") else numpy
        if hasattr(truths, "ndim") and truths.ndim == 2:
            like = truths.astype("float64")
        else:
            # Without names or weights every known truth counts 1, whatever its class is.
            n_classes = len(self.names or self.class_weights or ()) or 1 + max(as_ints(truths), default=0)
            like = xp.zeros((len(truths), n_classes))
        T, known = self._read_truths(xp, truths, like)
        return float(self._count(xp, T, known, truths))

    def _read_truths(self, xp: Any, truths: Any, X: Floats2d) -> tuple[Floats2d, Floats2d]:
        """(targets (n, nC), mask (n, 1)) in the dtype of the guesses."""
        targets, mask = self._reader.convert_truths(truths, X)
        if hasattr(truths, "ndim") and truths.ndim == 2:
            targets = truths
            check_probabilities("SoftmaxCrossentropy", "truth", targets)
        check_same_shape("SoftmaxCrossentropy", X, targets)
        return targets.astype(X.dtype), mask[:, :1].astype(X.dtype)

    def _log_p(self, xp: Any, X: Floats2d) -> Floats2d:
        if not self.from_logits:
            check_probabilities("SoftmaxCrossentropy", "guesses", X)
            return xp.log(xp.maximum(X, xp.finfo(X.dtype).tiny))
        if not X.size:
            return X
        Z = X - X.max(axis=1, keepdims=True)
        return Z - xp.log(xp.exp(Z).sum(axis=1, keepdims=True))

    def _weights(self, xp: Any, X: Floats2d) -> Any:
        return xp.ones(X.shape[1], X.dtype) if self.class_weights is None else xp.asarray(self.class_weights, X.dtype)

    def _count(self, xp: Any, T: Floats2d, known: Floats2d, truths: Any) -> Any:
        is_share = hasattr(truths, "ndim") and truths.ndim == 2
        return known.sum() if is_share else (self._weights(xp, T) * T * known).sum()


class FocalCrossentropy(SoftmaxCrossentropy):
    """`SoftmaxCrossentropy` with γ = 2, as Lin et al. 2017, arXiv:1708.02002, found best."""

    def __init__(self, *, gamma: float = 2.0, **settings: Any):
        super().__init__(gamma=gamma, **settings)


@registry.losses("SoftmaxCrossentropy.v1")
def configure_SoftmaxCrossentropy(
    *,
    normalize: bool = True,
    from_logits: bool = False,
    names: list[str] | None = None,
    class_weights: list[float] | None = None,
    label_smoothing: float = 0.0,
    missing_value: str | int | None = None,
    gamma: float = 0.0,
) -> SoftmaxCrossentropy:
    """`SoftmaxCrossentropy`, for a config."""
    return SoftmaxCrossentropy(
        normalize=normalize,
        from_logits=from_logits,
        names=names,
        class_weights=class_weights,
        label_smoothing=label_smoothing,
        missing_value=missing_value,
        gamma=gamma,
    )


@registry.losses("FocalCrossentropy.v1")
def configure_FocalCrossentropy(
    *,
    normalize: bool = True,
    from_logits: bool = False,
    names: list[str] | None = None,
    class_weights: list[float] | None = None,
    label_smoothing: float = 0.0,
    missing_value: str | int | None = None,
    gamma: float = 2.0,
) -> SoftmaxCrossentropy:
    """`FocalCrossentropy`, for a config."""
    return FocalCrossentropy(
        normalize=normalize,
        from_logits=from_logits,
        names=names,
        class_weights=class_weights,
        label_smoothing=label_smoothing,
        missing_value=missing_value,
        gamma=gamma,
    )
