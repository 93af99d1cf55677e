"""Ragged sequences: packing, windows, reductions."""

from .reference import Sequences

__all__ = ["Sequences"]
