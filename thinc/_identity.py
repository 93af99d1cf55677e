"""One counter for the ids of models and shims, so that optimizer keys never collide."""

import itertools

_ids = itertools.count(1)


def next_id() -> int:
    """A number that no other model or shim of this process has."""
    return next(_ids)
