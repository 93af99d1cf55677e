"""What our small data classes have in common, written once.

`dataclass` compiles these methods anew for each class, 0.3 ms a class: more than an
ordinary module of ours takes to import.
"""

from __future__ import annotations

from typing import Any


class Record:
    """Print and compare by the fields of a dataclass made with init=False, repr=False, eq=False.

    As for every class that defines `__eq__` alone, there is no hash.
    """

    __dataclass_fields__: dict[str, Any]

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__dataclass_fields__)
        return f"{type(self).__qualname__}({fields})"

    def __eq__(self, other: Any) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        mine, theirs = ([getattr(one, name) for name in self.__dataclass_fields__] for one in (self, other))
        return mine == theirs
