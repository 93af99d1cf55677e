"""The front door: importing `thinc` loads numpy, the registry and nothing heavier."""

import numpy  # noqa: F401  (first: some wheels must not load their BLAS before numpy's)

from .about import __version__
from .config import registry

__all__ = ["registry", "__version__"]
