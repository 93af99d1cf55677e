"""Rows with mean 0 and variance 1."""

from .reference import Normalization

__all__ = ["Normalization"]
