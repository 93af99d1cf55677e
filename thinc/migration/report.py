"""Say of every torch module what has become of it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One module without converted modules below it.

    path: its name in the tree, "" for the root.  module: its class.
    layer: the name of the native layer, "" if it is wrapped, and why it is.
    nP: how many parameters it has, those of its submodules included.
    """

    path: str
    module: str
    layer: str
    reason: str
    nP: int

    @property
    def is_native(self) -> bool:
        return not self.reason

    @property
    def outcome(self) -> str:
        return f"native: {self.layer}" if self.is_native else f"wrapped: {self.reason}"


class Report(list):
    """The entries in the order of the modules; printed as a table."""

    @property
    def native(self) -> list[Entry]:
        return [entry for entry in self if entry.is_native]

    @property
    def wrapped(self) -> list[Entry]:
        return [entry for entry in self if not entry.is_native]

    @property
    def is_native(self) -> bool:
        """Is nothing wrapped?"""
        return not self.wrapped

    def __str__(self) -> str:
        head = ("path", "module", "parameters", "has become")
        rows: list[Any] = [(e.path or "(root)", e.module, str(e.nP), e.outcome) for e in self]
        widths = [max(len(row[i]) for row in (head, *rows)) for i in range(3)]
        lines = [
            "  ".join((path.ljust(widths[0]), module.ljust(widths[1]), nP.rjust(widths[2]), outcome))
            for path, module, nP, outcome in (head, *rows)
        ]
        parts = [sum(e.nP for e in entries) for entries in (self.native, self.wrapped)]
        count = (
            f"{len(self.native)} native ({parts[0]} parameters), {len(self.wrapped)} wrapped ({parts[1]} parameters)"
        )
        return "\n".join((*lines, count))
