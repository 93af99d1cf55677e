"""The path at which spaCy's tests look for `thinc.testing.strategies`."""

from ..testing.strategies import *  # noqa: F403
