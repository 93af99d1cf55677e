"""What an encoder of windows does to a batch when it predicts, in one operation per step."""

from .reference import Encoding

__all__ = ["Encoding"]
