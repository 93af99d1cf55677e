"""What Python sees of the allocator for NumPy."""

from typing import Any

aligned: Any
"""The allocator, in a capsule as NumPy passes it."""

def set_handler(capsule: Any) -> Any:
    """Let NumPy allocate with it in this context, with its own where that is None; gives what was set before."""
