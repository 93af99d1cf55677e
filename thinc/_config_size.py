"""How long a config text becomes when its variables are filled in.

Ten lines that each name the line before ten times make 10^10 characters ("billion laughs").
The length is computed from the lengths of the parts, before anything is filled in.
"""

from __future__ import annotations

import re

# Compiled, and kept by `re`, at first use: that would be 2 % of the import of thinc.api.
_VARIABLE = r"\$\{([\w./:-]+)\}"
_SECTION = r"\[([^\]]+)\]"
_KEY = r"([^\s=:#;\[][^=:]*?)\s*[=:](.*)"


def filled_size(text: str, limit: int) -> int:
    """The number of characters after filling in, or a number above `limit` where it is more."""
    values = _read(text)
    sections: dict[str, list[str]] = {}
    for name in values:
        section = name.rpartition(".")[0]
        while section:
            sections.setdefault(section, []).append(name)
            section = section.rpartition(".")[0]
    sizes: dict[str, int] = {}
    total = len(text)
    for name in values:
        total += _size_of(name, values, sections, sizes)
        if total > limit:
            break
    return total


def _read(text: str) -> dict[str, str]:
    """{section.key: raw value}; lines that go on are added to the value."""
    values: dict[str, str] = {}
    section, name = "", ""
    for line in text.splitlines():
        head, pair = re.match(_SECTION, line), re.match(_KEY, line)
        if head:
            section, name = head[1], ""
        elif pair:
            name = f"{section}.{pair[1]}"
            values[name] = pair[2]
        elif name:
            values[name] += line
    return values


def _size_of(name: str, values: dict[str, str], sections: dict[str, list[str]], sizes: dict[str, int]) -> int:
    """The size of a value with what it refers to; a stack of our own, since chains may be long."""
    stack = [name]
    while stack:
        top = stack[-1]
        parts = [part for found in re.findall(_VARIABLE, values[top]) for part in _targets(found, values, sections)]
        # A value that is being computed counts as empty: a circle is reported elsewhere.
        waiting = [part for part in parts if part not in sizes]
        if top not in sizes and waiting:
            sizes[top] = 0
            stack.extend(waiting)
            continue
        sizes[top] = len(values[top]) + sum(sizes[part] for part in parts)
        stack.pop()
    return sizes[name]


def _targets(variable: str, values: dict[str, str], sections: dict[str, list[str]]) -> list[str]:
    """The values that a variable stands for: one, or a whole section."""
    name = variable.replace(":", ".")
    return [name] if name in values else sections.get(name, [])
