"""Make a run repeatable: seed every random number generator at once."""

from __future__ import annotations

import random

import numpy

from .._optional import is_loaded, load

# A framework that is imported after `fix_random_seed` is seeded with this when our shim first loads it.
_pending: dict[str, int] = {}


def fix_random_seed(seed: int = 0) -> None:
    """Seed random, numpy and every framework that is loaded; the others when a shim first loads them.

    seed: any integer; each library takes it modulo what it can hold.
    """
    random.seed(seed)
    numpy.random.seed(seed % 2**32)  # noqa: NPY002 (user code draws from it)
    _pending["torch"] = seed
    if is_loaded("torch"):
        seed_late("torch")
    if is_loaded("cupy"):
        cupy = load("cupy")
        if cupy is not None and cupy.cuda.is_available():
            cupy.random.seed(seed % 2**32)


def seed_late(name: str) -> None:
    """Give the framework `name` the seed that was fixed before it was loaded, once."""
    seed = _pending.pop(name, None)
    torch = load(name)
    if seed is None or torch is None:
        return
    torch.manual_seed(seed % (2**64 - 1))
    if torch.cuda.is_available():
        torch.cuda.manual_seed_all(seed % (2**64 - 1))
        torch.backends.cudnn.deterministic = True
        torch.backends.cudnn.benchmark = False
