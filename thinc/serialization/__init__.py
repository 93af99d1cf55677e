"""Bytes and files: the bounded codec through which everything is saved."""

from .files import read_path, write_path
from .msgpack import dumps, loads

__all__ = ["dumps", "loads", "read_path", "write_path"]
