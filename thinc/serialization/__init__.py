"""Bytes and files: the bounded codec through which everything is saved."""

from typing import TYPE_CHECKING

from .. import _late

if TYPE_CHECKING:
    from .files import make_tempfile, read_path, write_path
    from .packing import dumps, loads

_late.load_late(__name__, {"files": "make_tempfile read_path write_path", "packing": "dumps loads"})

__all__ = ["dumps", "loads", "make_tempfile", "read_path", "write_path"]
