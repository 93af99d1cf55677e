"""Tables of vectors: hash, gather, scatter."""

from .reference import Lookup

__all__ = ["Lookup"]
