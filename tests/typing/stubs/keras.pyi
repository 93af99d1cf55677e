"""keras as our code sees it: loaded late and by hand, of no known type, whether it is installed or not."""

from typing import Any

def __getattr__(name: str) -> Any: ...
