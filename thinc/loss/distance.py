"""Losses that measure how far vectors are from their targets."""

from ..config import registry
from ..errors import ShapeError
from ..interop import get_array_module
from ..types import Floats2d
from .base import Loss


class L2Distance(Loss):
    """Σ (guess − truth)².

    normalize: divide the gradient by the number of rows.
    """

    def __init__(self, *, normalize: bool = True):
        self.normalize = normalize

    def __call__(self, guesses: Floats2d, truths: Floats2d) -> tuple[Floats2d, float]:
        d = self.get_grad(guesses, truths)
        return d, (d**2).sum()

    def get_grad(self, guesses: Floats2d, truths: Floats2d) -> Floats2d:
        """d = guess − truth, over the number of rows if `normalize`.

        guesses, truths: (n, width).
        """
        check_same_shape("L2Distance", guesses, truths)
        d = as_gradient(guesses - truths, guesses)
        return d / max(1, len(d)) if self.normalize else d

    def get_loss(self, guesses: Floats2d, truths: Floats2d) -> float:
        """Σ d²."""
        return (self.get_grad(guesses, truths) ** 2).sum()


class CosineDistance(Loss):
    """Σ |cos(guess, truth) − 1|.

    normalize: divide by the number of rows.
    ignore_zeros: rows whose truth is all zeros cost nothing.
    """

    def __init__(self, *, normalize: bool = True, ignore_zeros: bool = False):
        self.normalize = normalize
        self.ignore_zeros = ignore_zeros

    def get_similarity(self, guesses: Floats2d, truths: Floats2d) -> Floats2d:
        """c = ŷ · y / (‖ŷ‖ ‖y‖).

        guesses, truths: (n, width).  c: (n, 1).
        """
        check_same_shape("CosineDistance", guesses, truths)
        yh, y, norm_yh, norm_y = _with_norms(guesses, truths)
        return (yh * y).sum(axis=1, keepdims=True) / (norm_yh * norm_y)

    def get_grad(self, guesses: Floats2d, truths: Floats2d) -> Floats2d:
        """d = −(y / (‖ŷ‖ ‖y‖) − c · ŷ / ‖ŷ‖²), over the number of rows if `normalize`."""
        cosine = self.get_similarity(guesses, truths)
        yh, y, norm_yh, norm_y = _with_norms(guesses, truths)
        d = cosine * yh / norm_yh**2 - y / (norm_yh * norm_y)
        if self.ignore_zeros:
            d = _without_zero_rows(d, truths)
        d = as_gradient(d, guesses)
        return d / max(1, len(d)) if self.normalize else d

    def get_loss(self, guesses: Floats2d, truths: Floats2d) -> float:
        """Σ |c − 1|, over the number of rows if `normalize`."""
        losses = abs(self.get_similarity(guesses, truths) - 1)
        if self.ignore_zeros:
            losses = _without_zero_rows(losses, truths)
        if self.normalize:
            losses = losses / max(1, len(losses))
        return losses.sum()


@registry.losses("L2Distance.v1")
def configure_L2Distance(*, normalize: bool = True) -> L2Distance:
    """`L2Distance`, for a config."""
    return L2Distance(normalize=normalize)


@registry.losses("CosineDistance.v1")
def configure_CosineDistance(*, normalize: bool = True, ignore_zeros: bool = False) -> CosineDistance:
    """`CosineDistance`, for a config."""
    return CosineDistance(normalize=normalize, ignore_zeros=ignore_zeros)


def as_gradient(d, guesses):
    """d in the dtype of the guesses, which is what the layer that made them wants back."""
    return d.astype(guesses.dtype, copy=False) if guesses.dtype.kind == "f" else d


def check_same_shape(where: str, guesses, truths) -> None:
    """Raise ShapeError unless both arrays have one shape."""
    if guesses.shape != truths.shape:
        raise ShapeError(
            f"{where}: the guesses have the shape {guesses.shape} and the truths "
            f"{truths.shape}. Cannot calculate a loss of arrays of different shapes."
        )


def _with_norms(guesses: Floats2d, truths: Floats2d):
    """Both moved a little off zero, so that no norm is 0, with the norms of their rows."""
    xp = get_array_module(guesses)
    yh, y = guesses + 1e-8, truths + 1e-8
    norm_yh = xp.linalg.norm(yh, axis=1, keepdims=True)
    return yh, y, norm_yh, xp.linalg.norm(y, axis=1, keepdims=True)


def _without_zero_rows(values: Floats2d, truths: Floats2d):
    """The values, 0 in the rows where all truths are 0."""
    return get_array_module(values).where(truths.any(axis=1, keepdims=True), values, 0)
