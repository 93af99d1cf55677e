"""Read a file whole; replace a file whole."""

import contextlib
import os
import stat
from collections.abc import Iterator
from typing import Any

from ..errors import LoadError


def read_path(path: Any) -> bytes:
    """The contents of a regular file, or of an object with `.open("rb")`.

    Raises FileNotFoundError where there is no file, LoadError where there is a
    directory, a pipe or a device: those have no end, or no contents.
    """
    if not isinstance(path, (str, bytes, os.PathLike)):
        with path.open("rb") as stream:
            return stream.read()
    # A pipe without a writer would block open() for ever without O_NONBLOCK.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except (FileNotFoundError, PermissionError):
        if os.path.isdir(path):
            raise LoadError(repr(path), "this is a directory, not a file") from None
        raise
    except (OSError, ValueError) as error:
        raise LoadError(repr(path), f"can't be opened ({error})") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise LoadError(repr(path), "this is a directory, pipe or device, not a file")
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read()


def write_path(path: Any, data: bytes) -> None:
    """Write `data` so that other readers see the old file or the new one, no mixture."""
    if not isinstance(path, (str, bytes, os.PathLike)):
        with path.open("wb") as stream:
            stream.write(data)
        return
    target = os.path.realpath(os.fsdecode(path))
    if os.path.exists(target) and not os.path.isfile(target):
        with open(target, "wb") as stream:
            stream.write(data)
        return
    draft = f"{target}.{os.urandom(16).hex()}.tmp"
    try:
        stream = open(draft, "xb")
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            raise FileNotFoundError(error.errno, error.strerror, target) from None
        # A writable file in a folder that is not: it can only be written in place.
        with open(target, "wb") as stream:
            stream.write(data)
        return
    _replace(draft, target, stream, data)


@contextlib.contextmanager
def make_tempfile(mode: str = "r") -> Iterator[Any]:
    """An open file with a name, in the folder for temporary files, which is removed afterwards."""
    import tempfile  # rarely needed, and it imports eight modules

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file")
        with open(path, "xb"):
            pass
        with open(path, mode) as stream:
            yield stream


def _replace(draft: str, target: str, stream: Any, data: bytes) -> None:
    """Fill the draft and put it in the target's place; leave no draft behind."""
    try:
        with stream:
            stream.write(data)
        if os.path.exists(target):
            os.chmod(draft, stat.S_IMODE(os.stat(target).st_mode))
        os.replace(draft, target)
    except BaseException:
        if os.path.exists(draft):
            os.unlink(draft)
        raise
