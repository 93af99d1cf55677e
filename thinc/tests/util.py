"""The path at which other packages' tests look for `thinc.testing.matching`."""

from ..testing.matching import *  # noqa: F403
