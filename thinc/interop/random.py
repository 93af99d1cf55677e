"""Make a run repeatable: seed every random number generator at once."""

from __future__ import annotations

import random
from collections.abc import Callable
from importlib import import_module
from operator import index

import numpy

from .._optional import is_loaded, load

# How to seed each framework; its shim says so, and imports nothing for it.
_SEEDERS: dict[str, Callable[[int], None]] = {}
# The modules that say so, where they have not been imported yet.
_HOMES: dict[str, str] = {}
# A framework that is imported after `fix_random_seed` is seeded with this when our shim first loads it.
_pending: dict[str, int] = {}


def fix_random_seed(seed: int = 0) -> None:
    """Seed random, numpy and every framework that is loaded; the others when a shim first loads them.

    seed: any integer; each library takes it modulo what it can hold.
    """
    seed = index(seed)
    random.seed(seed)
    numpy.random.seed(seed % 2**32)  # noqa: NPY002 (user code draws from it)
    for name in {**_HOMES, **_SEEDERS}:
        _pending[name] = seed
        if is_loaded(name):
            seed_late(name)
    if is_loaded("cupy"):
        cupy = load("cupy")
        if cupy is not None and cupy.cuda.is_available():
            cupy.random.seed(seed % 2**32)


def seeds(name: str) -> Callable[[Callable[[int], None]], Callable[[int], None]]:
    """The decorated function seeds the framework `name`, which is loaded when it is called."""

    def decorate(function: Callable[[int], None]) -> Callable[[int], None]:
        _SEEDERS[name] = function
        return function

    return decorate


def seeded_by(name: str, module: str) -> None:
    """A function in `module` seeds the framework `name`; it is imported when there is something to seed."""
    _HOMES[name] = module


def seed_late(name: str) -> None:
    """Give the framework `name` the seed that was fixed before it was loaded, once."""
    seed = _pending.pop(name, None)
    if seed is not None:
        if name not in _SEEDERS:
            import_module(_HOMES[name])
        _SEEDERS[name](seed)
