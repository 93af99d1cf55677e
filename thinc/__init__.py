"""The front door: importing `thinc` loads numpy, the registry and nothing heavier."""

from typing import Any

import numpy  # noqa: F401  (first: some wheels must not load their BLAS before numpy's)

from .about import __version__
from .config import registry

__all__ = ["registry", "__version__"]


def __getattr__(name: str) -> Any:
    """`thinc.set_num_threads` and `thinc.get_num_threads`, which load the backends."""
    if name in ("set_num_threads", "get_num_threads"):
        from .backends import threads

        return getattr(threads, name)
    raise AttributeError(f"module 'thinc' has no attribute {name!r}")
