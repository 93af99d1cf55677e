"""Losses of yes and no, whose value is the cross-entropy and whose gradient is the value's."""

from collections.abc import Sequence
from typing import Any

from ..config import registry
from ..interop import get_array_module
from ..types import FloatsXd
from .base import Loss
from .distance import check_same_shape
from .targets import at_least, check_probabilities, widen

LOWEST_LOG = -100.0  # log 0 counts as that much, as it does in torch
SMALLEST = 1e-12


class BinaryCrossentropy(Loss):
    """L = −Σ w ⊙ (1 − q)^γ ⊙ (v t log p + (1 − t) log(1 − p)), q = p t + (1 − p) (1 − t).

    The guesses are p, or with `from_logits` x, where p = σ(x); the gradient is with respect to
    what was guessed, as `Logistic` and `Sigmoid` have slopes of their own.
    normalize: divide by the number of known truths.
    class_weights: w, one for each column.  pos_weights: v, one for each column.
    label_smoothing: s in [0, 1), t = (1 − s) · truth + s / 2.
    missing_value: a truth that means "unknown" and costs nothing; NaN always does.
    gamma: γ of the focal loss, at least 0; the larger, the less easy truths cost.
    alpha: weighs truths of 1 by α and truths of 0 by 1 − α; None doesn't.
    Lin et al. 2017, arXiv:1708.02002, eq. 5.

    >>> import numpy
    >>> loss = BinaryCrossentropy()
    >>> d, value = loss(numpy.asarray([[0.5], [0.5]]), numpy.asarray([[1.0], [numpy.nan]]))
    >>> d.tolist(), round(float(value), 4)
    ([[-2.0], [0.0]], 0.6931)
    """

    def __init__(
        self,
        *,
        normalize: bool = True,
        from_logits: bool = False,
        class_weights: Sequence[float] | None = None,
        pos_weights: Sequence[float] | None = None,
        label_smoothing: float = 0.0,
        missing_value: float | None = None,
        gamma: float = 0.0,
        alpha: float | None = None,
    ):
        if not 0.0 <= label_smoothing < 1.0 or gamma < 0.0:
            raise ValueError(
                f"BinaryCrossentropy: got label_smoothing={label_smoothing} and gamma={gamma}. "
                "The first must be in [0, 1), the second at least 0."
            )
        self.normalize = normalize
        self.from_logits = from_logits
        self.class_weights = class_weights
        self.pos_weights = pos_weights
        self.label_smoothing = label_smoothing
        self.missing_value = missing_value
        self.gamma = gamma
        self.alpha = alpha

    def __call__(self, guesses: FloatsXd, truths: FloatsXd) -> tuple[FloatsXd, float]:
        """(gradient, loss).  guesses: (n, nC) or (n,).  truths: the same shape, in [0, 1].

        ValueError: shapes differ, or truths, or guesses that are no logits, are outside [0, 1].
        """
        xp = get_array_module(guesses)
        X, T, known, logs = self._read(xp, guesses, truths)
        log_yes, log_no, p = logs
        v = 1.0 if self.pos_weights is None else xp.asarray(self.pos_weights, dtype=X.dtype)
        entropy = -(v * T * log_yes + (1 - T) * log_no)
        slope = (1 - T) * p - v * T * (1 - p)  # of the entropy, at the logits
        if self.gamma:
            entropy, slope = self._focus(xp, T, p, entropy, slope)
        weights = known * self._weights(xp, T)
        if not self.from_logits:
            slope = slope / xp.maximum(p * (1 - p), SMALLEST)
        n = at_least(1.0, known.sum(), X.dtype) if self.normalize else 1.0
        d = weights * slope / n
        return d.astype(guesses.dtype, copy=False), (weights * entropy).sum() / n

    def get_grad(self, guesses: FloatsXd, truths: FloatsXd) -> FloatsXd:
        """The gradient, see `__call__`."""
        return self(guesses, truths)[0]

    def get_loss(self, guesses: FloatsXd, truths: FloatsXd) -> float:
        """The value, see `__call__`."""
        return self(guesses, truths)[1]

    def count(self, truths: FloatsXd) -> float:
        """How many truths are known."""
        return float(self._known(get_array_module(truths), truths).sum())

    def _read(self, xp: Any, guesses: FloatsXd, truths: FloatsXd) -> tuple:
        """Guesses, targets and mask as floats, with (log p, log(1 − p), p)."""
        check_same_shape("BinaryCrossentropy", guesses, truths)
        X = widen(guesses)
        known = self._known(xp, truths)
        T = xp.where(known, truths, 0).astype(X.dtype)
        check_probabilities("BinaryCrossentropy", "truth", T, [truths])
        if self.label_smoothing:
            T = (1 - self.label_smoothing) * T + self.label_smoothing / 2
        if self.from_logits:
            shared = xp.log1p(xp.exp(-xp.abs(X)))
            p = xp.exp(xp.minimum(X, 0) - shared)
            return X, T, known, (xp.minimum(X, 0) - shared, xp.minimum(-X, 0) - shared, p)
        check_probabilities("BinaryCrossentropy", "guesses", X)
        yes, no = (xp.maximum(xp.log(xp.maximum(q, xp.finfo(X.dtype).tiny)), LOWEST_LOG) for q in (X, 1 - X))
        yes, no = xp.where(X > 0, yes, LOWEST_LOG), xp.where(X < 1, no, LOWEST_LOG)
        return X, T, known, (yes.astype(X.dtype), no.astype(X.dtype), X)

    def _known(self, xp: Any, truths: FloatsXd) -> Any:
        """True where the truth is neither NaN nor the missing value."""
        known = truths == truths
        return known if self.missing_value is None else known & (truths != self.missing_value)

    def _weights(self, xp: Any, T: FloatsXd) -> FloatsXd:
        weights = xp.ones_like(T)
        if self.class_weights is not None:
            weights = weights * xp.asarray(self.class_weights, dtype=T.dtype)
        if self.alpha is not None:
            weights = weights * (self.alpha * T + (1 - self.alpha) * (1 - T))
        return weights

    def _focus(self, xp: Any, T: FloatsXd, p: FloatsXd, entropy: FloatsXd, slope: FloatsXd) -> tuple:
        """Entropy and slope times (1 − q)^γ, with the slope of that factor."""
        miss = p + T - 2 * p * T  # 1 − q
        factor = miss**self.gamma
        root = xp.where(miss > 0, xp.where(miss > 0, miss, 1) ** (self.gamma - 1), 0)
        d_factor = self.gamma * root * (1 - 2 * T) * p * (1 - p)
        return factor * entropy, factor * slope + d_factor * entropy


class BinaryFocalCrossentropy(BinaryCrossentropy):
    """`BinaryCrossentropy` with γ = 2 and α = 0.25, as Lin et al. 2017 found best."""

    def __init__(self, *, gamma: float = 2.0, alpha: float | None = 0.25, **settings: Any):
        super().__init__(gamma=gamma, alpha=alpha, **settings)


@registry.losses("BinaryCrossentropy.v1")
def configure_BinaryCrossentropy(
    *,
    normalize: bool = True,
    from_logits: bool = False,
    class_weights: list[float] | None = None,
    pos_weights: list[float] | None = None,
    label_smoothing: float = 0.0,
    missing_value: float | None = None,
    gamma: float = 0.0,
    alpha: float | None = None,
) -> BinaryCrossentropy:
    """`BinaryCrossentropy`, for a config."""
    return BinaryCrossentropy(
        normalize=normalize,
        from_logits=from_logits,
        class_weights=class_weights,
        pos_weights=pos_weights,
        label_smoothing=label_smoothing,
        missing_value=missing_value,
        gamma=gamma,
        alpha=alpha,
    )


@registry.losses("BinaryFocalCrossentropy.v1")
def configure_BinaryFocalCrossentropy(
    *,
    normalize: bool = True,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    missing_value: float | None = None,
    gamma: float = 2.0,
    alpha: float | None = 0.25,
) -> BinaryFocalCrossentropy:
    """`BinaryFocalCrossentropy`, for a config."""
    return BinaryFocalCrossentropy(
        normalize=normalize,
        from_logits=from_logits,
        label_smoothing=label_smoothing,
        missing_value=missing_value,
        gamma=gamma,
        alpha=alpha,
    )
