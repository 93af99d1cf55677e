"""Make a run repeatable: seed every random number generator at once."""

from __future__ import annotations

import random

import numpy

from .._optional import load


def fix_random_seed(seed: int = 0) -> None:
    """Seed random, numpy and, where installed, torch and cupy, on all devices.

    seed: any integer; each library takes it modulo what it can hold.
    """
    random.seed(seed)
    numpy.random.seed(seed % 2**32)  # noqa: NPY002 (user code draws from it)
    torch = load("torch")
    if torch is not None:
        torch.manual_seed(seed % (2**64 - 1))
        if torch.cuda.is_available():
            torch.cuda.manual_seed_all(seed % (2**64 - 1))
            torch.backends.cudnn.deterministic = True
            torch.backends.cudnn.benchmark = False
    cupy = load("cupy")
    if cupy is not None and cupy.cuda.is_available():
        cupy.random.seed(seed % 2**32)
