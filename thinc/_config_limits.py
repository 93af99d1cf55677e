"""Refuse a config that would take without bound to read, before it is read.

Ten lines that each name the line before ten times make 10^10 characters ("billion laughs"). The
length is computed from the lengths of the parts, before anything is filled in. What takes more
than linear time to read is bounded by the number of sections, keys and levels instead.
"""

from __future__ import annotations

import configparser
from typing import NamedTuple

from confection import ConfigValidationError

from ._config_shape import MAX_DEPTH

# Reading takes 20 µs a key, 0.4 µs for each pair of sections and 0.6 µs an item of a list, and a
# section that variables repeat is written out in 100 µs a key: a few seconds at each of these
# limits. Configs of trained pipelines have 150 keys in 40 sections.
MAX_CHARACTERS = 5_000_000  # also with all variables filled in
MAX_KEYS = 100_000
MAX_SECTIONS = 3_000
KEY = 100  # characters that each key counts for where there are variables
SMALL = 8_000  # characters that hold too little for any of this, unless there are variables


def check_text(text: str, interpolate: bool) -> None:
    """Raises ConfigValidationError for a text that is beyond the limits."""
    if len(text) > MAX_CHARACTERS:
        raise _beyond(MAX_CHARACTERS, "characters")
    has_variables = interpolate and "$" in text
    if len(text) < SMALL and not has_variables:
        return
    parser = _Parser(interpolation=None)
    try:
        parser.read_string(text)
    except configparser.Error:
        return  # the real reading says more about it
    if parser.defaults():  # would be repeated in each section
        raise ConfigValidationError(title="Found config values without a top-level section")
    names = parser.sections()
    if len(names) > MAX_SECTIONS:
        raise _beyond(MAX_SECTIONS, "sections")
    if any(name.count(".") > MAX_DEPTH for name in names):
        raise ConfigValidationError(title="Can't read the config", desc=f"Sections lie more than {MAX_DEPTH} deep.")
    found = _Values({name: dict(parser.items(name)) for name in names})
    if len(found.texts) > MAX_KEYS:
        raise _beyond(MAX_KEYS, "keys")
    if has_variables and found.filled_size() > MAX_CHARACTERS:
        raise _beyond(MAX_CHARACTERS, "characters with all variables filled in")


class _Parser(configparser.ConfigParser):
    """Without Python's lower case for keys."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def _beyond(limit: int, what: str) -> ConfigValidationError:
    return ConfigValidationError(title="Can't read the config", desc=f"It has more than {limit:,} {what}.")


class _Key(NamedTuple):
    """A value by its section and name; all values of a section, and those of the sections in it, have no name."""

    section: str
    name: str | None


class _Values:
    """All values of a text by section and name, with variables in them."""

    def __init__(self, sections: dict[str, dict[str, str]]):
        self.sections = sections
        self.texts = {_Key(section, name): text for section, keys in sections.items() for name, text in keys.items()}
        self.below: dict[_Key, list[_Key]] = {}  # section -> its values, and the sections that lie directly in it
        for section, keys in sections.items():
            whole, is_new = _Key(section, None), True
            self.below.setdefault(whole, []).extend(_Key(section, name) for name in keys)
            while "." in whole.section and is_new:
                outer = _Key(whole.section.rpartition(".")[0], None)
                is_new = outer not in self.below and outer.section not in sections
                self.below.setdefault(outer, []).append(whole)
                whole = outer
        self.sizes: dict[_Key, int] = {}

    def filled_size(self) -> int:
        """The number of characters after filling in, or a number above the limit where it is more."""
        total = 0
        for key in self.texts:
            total += self._size(key)
            if total > MAX_CHARACTERS:
                break
        return total

    def _size(self, key: _Key) -> int:
        """The size of a value with what it refers to; a stack of our own, since chains may be long."""
        stack, parts_of = [key], dict[_Key, list[_Key]]()
        while stack:
            top = stack[-1]
            if top not in self.sizes:
                self.sizes[top] = 0  # what is being computed counts as empty: circles are reported elsewhere
                parts_of[top] = self._parts(top)
                stack.extend(part for part in parts_of[top] if part not in self.sizes)
                continue
            stack.pop()
            if top in parts_of:  # not when it came to the stack twice
                self.sizes[top] = self._own_size(top) + sum(map(self._cost, parts_of.pop(top)))
        return self.sizes[key]

    def _own_size(self, key: _Key) -> int:
        """The rest of a value is copied at each `$`: 5,000 characters in the time of five."""
        if key.name is None:
            return 0
        text = self.texts[key]
        return KEY + len(text) + text.count("$") * len(text) // 1000

    def _cost(self, key: _Key) -> int:
        """configparser copies the whole section when it fills in a value with variables of its own."""
        copies = key.name is not None and "$" in self.texts[key]
        return self.sizes[key] + (len(self.sections[key.section]) if copies else 0)

    def _parts(self, key: _Key) -> list[_Key]:
        """What lies in a section, or what the variables of a value stand for."""
        if key.name is None:
            return self.below[key]
        import re  # compiled, and kept by `re`, at first use: that would be 2 % of the import of thinc.api

        text, found = self.texts[key], list[_Key]()
        # Without the end, where nothing is closed: there the search would look to the end at each `${`.
        for variable in re.findall(r"\$\{([^}]+)\}", text[: text.rfind("}") + 1]):
            path = variable.replace(":", ".")
            before, _, name = path.rpartition(".")
            value, section = _Key(before or key.section, name), _Key(path, None)
            found += [value] if value in self.texts else [section] if section in self.below else []
        return found
