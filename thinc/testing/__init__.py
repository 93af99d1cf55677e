"""Tools for testing your own layers."""

from .gradient import GradientError, Mismatch, check_gradient

__all__ = ["GradientError", "Mismatch", "check_gradient"]
