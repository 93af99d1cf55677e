"""Read the CUDA sources: which kernels there are, what they take, and the program for one of them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy

HERE = Path(__file__).parent
# float16 is stored as two bytes, and widened to float in registers.
FLOATS = {"float16": "thinc::Half", "float32": "float", "float64": "double"}
SCALARS: dict[str, Callable[[Any], Any]] = {
    "std::size_t": numpy.uint64,
    "std::uint64_t": numpy.uint64,
    "std::uint32_t": numpy.uint32,
    "long long": numpy.int64,
    "int": numpy.int32,
    "bool": numpy.bool_,
    "double": numpy.float64,
}
_INCLUDE = re.compile(r'^#include "([^"]+)"$', re.MULTILINE)
_MARK = r"__global__ void (?P<bounds>__launch_bounds__\([^)]*\))?\s*"
_KERNEL = re.compile(r"(?:template <(?P<types>[^\n]*)>\n)?" + _MARK + r"(?P<name>\w+)\((?P<arguments>[^)]*)\)")
_EXPRESSION = re.compile(r"thinc::\w+::(?P<kernel>\w+)(?:<(?P<types>.*)>)?")


@dataclass(frozen=True)
class Signature:
    """What a kernel takes: (type, name) of each argument, for how many types it is made, and its bounds or ""."""

    arguments: tuple[tuple[str, str], ...]
    n_types: int
    bounds: str

    def convert(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """Numbers in the type that the kernel expects; arrays as they are."""
        pairs = zip(self.arguments, values, strict=True)
        return tuple(value if kind.endswith("*") else SCALARS[kind](value) for (kind, _), value in pairs)


def expression_of(family: str, kernel: str, types: tuple[str, ...]) -> str:
    """The C++ name of a kernel made for these types."""
    made_for = ", ".join(FLOATS.get(name, name) for name in types)
    return f"thinc::{family}::{kernel}" + (f"<{made_for}>" if types else "")


def name_of(expression: str) -> str:
    """The name of its kernel in `program_of`, which profilers show."""
    return re.sub(r"\W+", "_", expression).strip("_")


@lru_cache
def source_of(family: str) -> str:
    """The kernels of a family with all headers in place: CuPy's cache sees every change."""
    seen: set[Path] = set()

    def read(path: Path) -> str:
        path = path.resolve()
        if path in seen:
            return ""
        seen.add(path)
        text = path.read_text("utf8").replace("#pragma once\n", "")
        return _INCLUDE.sub(lambda found: read(path.parent / found[1]), text)

    return read(HERE / family / "kernels.cu")


@lru_cache
def signatures(family: str) -> dict[str, Signature]:
    """Every kernel of a family, read from its source."""
    found = {}
    for match in _KERNEL.finditer(source_of(family)):
        pieces = [piece.split() for piece in match["arguments"].split(",")]
        arguments = tuple((" ".join(words[:-1]), words[-1]) for words in pieces)
        found[match["name"]] = Signature(arguments, _count(match["types"] or ""), match["bounds"] or "")
    return found


def program_of(family: str, expressions: tuple[str, ...]) -> str:
    """A source that defines the kernels of these expressions under the names that `name_of` gives.

    They are C functions around the templates.  CuPy 13.6 keeps no program on disk whose names
    it has to ask NVRTC for, and every process would compile every kernel again.
    """
    functions = re.sub(_MARK, "__device__ __forceinline__ void ", source_of(family))
    return "\n".join([functions, *(_entry(family, expression) for expression in expressions)])


def _entry(family: str, expression: str) -> str:
    match = _EXPRESSION.fullmatch(expression)
    assert match is not None, f"{expression!r} names no kernel"
    signature, last = signatures(family)[match["kernel"]], (match["types"] or "").rpartition(", ")[2]
    kinds = [re.sub(r"\bT\b", last, kind) for kind, _ in signature.arguments]
    names = [name for _, name in signature.arguments]
    arguments = ", ".join(f"{kind} {name}" for kind, name in zip(kinds, names, strict=True))
    head = f'extern "C" __global__ void {signature.bounds} {name_of(expression)}({arguments})'
    return f"{head} {{ {expression}({', '.join(names)}); }}"


def _count(types: str) -> int:
    """`template <typename> class F, typename T` has two; T is always the last."""
    return len(re.findall(r"\b(?:class|typename) \w+|\bint \w+", types))
