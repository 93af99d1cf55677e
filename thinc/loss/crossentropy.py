"""Losses of class probabilities, whose gradient is the one at the logits."""

from collections.abc import Sequence
from typing import Any, Union

import numpy

from ..backends._known import as_host, inherit, remember_host
from ..config import registry
from ..errors import ContainerError
from ..interop import get_array_module, is_xp_array
from ..types import Floats2d, Ints1d
from .base import Loss
from .distance import as_gradient, check_same_shape
from .targets import check_probabilities, ids_of_names, ids_on_host, to_categorical

IntsOrFloatsOrStrs = Union[Ints1d, Floats2d, Sequence[int], Sequence[str]]  # noqa: UP007  # some of these are typing aliases at run time


class CategoricalCrossentropy(Loss):
    """Guess one class per row.

    normalize: divide the gradient by the number of rows.
    names: the names of the classes, if truths are names.
    missing_value: a truth that means "unknown"; its row costs nothing.
    neg_prefix: a name with this prefix means "not this class".
    label_smoothing: how much of a truth goes to the other classes, see `to_categorical`.
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
        self.normalize = normalize
        self.names = names
        self.missing_value = missing_value
        self.neg_prefix = neg_prefix
        self.label_smoothing = label_smoothing
        self._name_to_i: dict[str, int] = {name: i for i, name in enumerate(names or ())}

    def __call__(self, guesses: Floats2d, truths: IntsOrFloatsOrStrs) -> tuple[Floats2d, float]:
        d = self.get_grad(guesses, truths)
        return d, self._get_loss_from_grad(d)

    def convert_truths(self, truths: IntsOrFloatsOrStrs, guesses: Floats2d) -> tuple[Floats2d, Floats2d]:
        """(targets, mask): what the guesses should be, and 1 where that is known, else 0.

        truths: class ids or names (n,), or probabilities (n, nC).
        targets, mask: (n, nC), float32.
        """
        xp = get_array_module(guesses)
        mask = xp.ones((len(truths), guesses.shape[-1]), dtype="float32")
        array: Any = ids_on_host(truths)  # a sequence that is no list or tuple is an array
        if isinstance(array, (list, tuple)):
            ids, missing, negated = self._read_sequence(array)
            targets = self._targets(numpy.asarray(ids, dtype="int64"), missing, xp, mask)
            if any(negated):
                rows = xp.asarray(numpy.flatnonzero(numpy.asarray(negated)))
                mask[rows] = targets[rows] = 0
                mask[rows, xp.asarray(ids)[rows]] = 1  # only the class that it is not
        elif array.ndim == 1:
            missing = [] if self.missing_value is None else array == self.missing_value
            targets = self._targets(array.astype("int64"), missing, xp, mask)
        else:
            targets, missing = self._read_probabilities(truths)
        if len(missing):
            mask *= ~xp.asarray(missing, dtype=bool)[:, None]
        return targets, mask

    def get_grad(self, guesses: Floats2d, truths: IntsOrFloatsOrStrs) -> Floats2d:
        """d = (guess − target) · mask, over the number of rows if `normalize`.

        guesses: (n, nC), probabilities in [0, 1].  truths: as in `convert_truths`.
        ValueError: shapes differ, or a guess or target is outside [0, 1].
        """
        ids = self.plain_ids(truths)
        if ids is not None and fits(ids, guesses):
            check_probabilities("CategoricalCrossentropy", "guesses", guesses)
            return subtract_ones(guesses.copy(), ids, len(ids) if self.normalize else 1)
        targets, mask = self.convert_truths(truths, guesses)
        check_same_shape("CategoricalCrossentropy", guesses, targets)
        check_probabilities("CategoricalCrossentropy", "guesses", guesses)
        check_probabilities("CategoricalCrossentropy", "truth", targets)
        d = as_gradient((guesses - targets) * mask, guesses)
        return d / max(1, len(d)) if self.normalize else d

    def get_loss(self, guesses: Floats2d, truths: IntsOrFloatsOrStrs) -> float:
        """Σ d²."""
        return self._get_loss_from_grad(self.get_grad(guesses, truths))

    def plain_ids(self, truths: IntsOrFloatsOrStrs) -> Any:
        """The class ids, (n,) int, of truths that are all known and meant as they are; else None."""
        if self.label_smoothing or not len(truths):
            return None
        if isinstance(truths, (list, tuple)) and isinstance(truths[0], str):
            keys: Any = truths
            names, prefix = self._name_to_i, self.neg_prefix
            if self.missing_value in names or (prefix and any(name.startswith(prefix) for name in names)):
                return None
            try:
                return numpy.fromiter(map(names.__getitem__, keys), "int64", len(truths))
            except (KeyError, TypeError):  # missing, negated or wrong
                return None
        if isinstance(truths, (list, tuple)) and not is_xp_array(truths[0]):
            truths = numpy.asarray(truths)
        truths = ids_on_host(truths)
        if not isinstance(truths, numpy.ndarray) or truths.ndim != 1 or truths.dtype.kind not in "iu":
            return None
        missing = isinstance(self.missing_value, int) and bool((truths == self.missing_value).any())
        return None if missing else truths

    def _read_sequence(self, truths) -> tuple[list[int], list[bool], list[bool]]:
        """(ids, missing, negated) of a list of ids or names."""
        if len(truths) == 0:
            return [], [], []
        if not isinstance(truths[0], str) and truths[0] is not None:
            if any(truth is None or isinstance(truth, str) for truth in truths):
                raise ContainerError(
                    "CategoricalCrossentropy: the truths mix class ids with names or None. "
                    "Pass ids only, with a number as missing_value."
                )
            missing = [truth == self.missing_value for truth in truths]
            return [int(truth) for truth in truths], missing, [False] * len(truths)
        if not self.names:
            raise ContainerError(
                f"CategoricalCrossentropy: the truths are names ({truths[0]!r}, …), and the loss "
                "knows none. Use CategoricalCrossentropy(names=[...])."
            )
        return ids_of_names(truths, self._name_to_i, self.missing_value, self.neg_prefix)

    def _targets(self, ids, missing, xp, mask) -> Floats2d:
        """One row per id.  IndexError: an id is not a class."""
        nC, known = mask.shape[1], ids
        if len(missing):
            where = get_array_module(ids)
            known = where.where(where.asarray(missing, dtype=bool) & (ids < 0), 0, ids)
        host = as_host(known)  # here already but for ids that nobody but the device has seen
        if host.size and (host.min() < 0 or host.max() >= nC):
            raise IndexError(
                f"CategoricalCrossentropy: the class ids go from {host.min()} to {host.max()}, "
                f"and the guesses have {nC} classes."
            )
        return to_categorical(
            remember_host(xp.asarray(known), host), n_classes=nC, label_smoothing=self.label_smoothing
        )

    def _read_probabilities(self, truths) -> tuple[Floats2d, Any]:
        """(targets, missing) of an array (n, nC)."""
        if self.label_smoothing:
            raise ValueError(
                "CategoricalCrossentropy: the truths are probabilities, and label smoothing "
                "needs class ids or names. Pass those, or label_smoothing=0."
            )
        missing: Any = []
        if self.missing_value is not None and truths.size:
            missing = truths.argmax(axis=-1) == self.missing_value
        return inherit(truths.astype("float32"), truths), missing

    def _get_loss_from_grad(self, d: Floats2d) -> float:
        return (d**2).sum()


def fits(ids: Any, guesses: Any) -> bool:
    """Are these ids, on the host, of the classes of the guesses, one for each row?"""
    if not is_xp_array(guesses) or guesses.ndim != 2 or guesses.dtype.kind != "f":
        return False
    return len(ids) == len(guesses) and 0 <= int(ids.min()) and int(ids.max()) < guesses.shape[1]


def subtract_ones(guesses: Floats2d, ids: Any, n: int) -> Floats2d:
    """(guess − 1 where the class is right, else guess) / n, in place."""
    xp = get_array_module(guesses)
    guesses[xp.arange(len(ids)), xp.asarray(ids)] -= 1
    if n > 1:
        guesses /= n
    return guesses


@registry.losses("CategoricalCrossentropy.v1")
def configure_CategoricalCrossentropy_v1(
    *,
    normalize: bool = True,
    names: Sequence[str] | None = None,
    missing_value: str | int | None = None,
) -> CategoricalCrossentropy:
    """`CategoricalCrossentropy`, for a config."""
    return CategoricalCrossentropy(normalize=normalize, names=names, missing_value=missing_value)


@registry.losses("CategoricalCrossentropy.v2")
def configure_CategoricalCrossentropy_v2(
    *,
    normalize: bool = True,
    names: Sequence[str] | None = None,
    missing_value: str | int | None = None,
    neg_prefix: str | None = None,
) -> CategoricalCrossentropy:
    """v1 with `neg_prefix`."""
    return CategoricalCrossentropy(normalize=normalize, names=names, missing_value=missing_value, neg_prefix=neg_prefix)


@registry.losses("CategoricalCrossentropy.v3")
def configure_CategoricalCrossentropy_v3(
    *,
    normalize: bool = True,
    names: Sequence[str] | None = None,
    missing_value: str | int | None = None,
    neg_prefix: str | None = None,
    label_smoothing: float = 0.0,
) -> CategoricalCrossentropy:
    """v2 with `label_smoothing`."""
    return CategoricalCrossentropy(
        normalize=normalize,
        names=names,
        missing_value=missing_value,
        neg_prefix=neg_prefix,
        label_smoothing=label_smoothing,
    )
