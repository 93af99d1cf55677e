"""Steps of training: dropout, optimizer primitives, averages."""

from .reference import Training

__all__ = ["Training"]
