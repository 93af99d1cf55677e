"""The front door: importing `thinc` loads numpy, the registry and nothing heavier."""

from typing import TYPE_CHECKING

import numpy  # noqa: F401  (first: some wheels must not load their BLAS before numpy's)

from . import _late
from .about import __version__
from .config import registry

__all__ = ["registry", "__version__"]

if TYPE_CHECKING:
    from .backends.threads import get_num_threads as get_num_threads
    from .backends.threads import set_num_threads as set_num_threads

_late.load_late(__name__, {"backends.threads": "get_num_threads set_num_threads"})
