"""Recurrent networks over packed sequences."""

from .reference import Recurrent

__all__ = ["Recurrent"]
