"""Bytes and files: the bounded codec through which everything is saved."""

from .files import make_tempfile, read_path, write_path
from .packing import dumps, loads

__all__ = ["dumps", "loads", "make_tempfile", "read_path", "write_path"]
