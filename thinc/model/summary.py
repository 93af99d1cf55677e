"""List the layers of a tree with their sizes, wrapped models included."""

from typing import Any, NamedTuple

import numpy

from ..interop import dtype_name
from .paths import walk_paths
from .tree import walk

HEAD = ("path", "layer", "dims", "parameters", "dtype", "bytes", "framework")
RIGHT = (3, 5)  # columns of numbers
WIDEST = 32  # letters of a name that are printed: that of a chain holds those of all its layers


class Row(NamedTuple):
    """One node: its own parameters, and those of the models that it wraps.

    dims: name -> size, None where it is not set.  parameters, bytes: None where one is not set.
    dtype: of the parameters, several joined by commas.  framework: "thinc" or that of the shim.
    """

    path: str
    layer: str
    dims: dict[str, int | None]
    parameters: int | None
    dtype: str
    bytes: int | None
    framework: str

    def cells(self) -> tuple[str, ...]:
        dims = " ".join(f"{name}={'?' if size is None else size}" for name, size in self.dims.items())
        count, size = ("?" if n is None else f"{n:,}" for n in (self.parameters, self.bytes))
        layer = self.layer if len(self.layer) <= WIDEST else self.layer[: WIDEST - 1] + "…"
        return self.path, layer, dims, count, self.dtype, size, self.framework


class Summary:
    """The rows of a tree, each layer before its children; a node that occurs twice is counted once."""

    def __init__(self, rows: tuple[Row, ...]):
        self.rows = rows

    @property
    def parameters(self) -> int:
        """Numbers in all parameters that are set."""
        return sum(row.parameters or 0 for row in self.rows)

    @property
    def bytes(self) -> int:
        """Memory of all parameters that are set."""
        return sum(row.bytes or 0 for row in self.rows)

    def __str__(self) -> str:
        total = ("total", "", "", f"{self.parameters:,}", "", f"{self.bytes:,}", "")
        lines = [HEAD, *(row.cells() for row in self.rows), total]
        widths = [max(len(line[i]) for line in lines) for i in range(len(HEAD))]
        text = ["  ".join(_fill(cell, i, widths[i]) for i, cell in enumerate(line)).rstrip() for line in lines]
        rule = "  ".join("-" * width for width in widths)
        return "\n".join([text[0], rule, *text[1:-1], rule, text[-1]])

    def __repr__(self) -> str:
        return f"<Summary: {len(self.rows)} layers, {self.parameters:,} parameters, {self.bytes:,} bytes>"


def summarize(root: Any) -> Summary:
    """One row for every node of the tree, each layer followed by its children."""
    paths = {id(node): path for node, path in walk_paths(root)}
    return Summary(tuple(_row(node, paths[id(node)]) for node in walk(root, "dfs_pre")))


def _row(node: Any, path: str) -> Row:
    own = [node.maybe_get_param(name) for name in node.param_names]
    wrapped, frameworks = [], []
    for shim in node.shims:
        framework = getattr(shim, "framework", None)
        frameworks.append(type(shim).__name__ if framework is None else framework.name)
        wrapped += _wrapped(shim)
    arrays = [array for array in (*own, *wrapped) if array is not None]
    unset = len(arrays) < len(own) + len(wrapped)
    counts = [int(numpy.prod(array.shape)) for array in arrays]
    sizes = [count * _itemsize(dtype_name(array)) for count, array in zip(counts, arrays)]
    return Row(
        path=path,
        layer=node.name,
        dims={name: node.maybe_get_dim(name) for name in node.dim_names},
        parameters=None if unset else sum(counts),
        dtype=", ".join(dict.fromkeys(map(dtype_name, arrays))),
        bytes=None if unset else sum(sizes),
        framework=", ".join(dict.fromkeys(frameworks)) or "thinc",
    )


def _wrapped(shim: Any) -> list[Any]:
    """What an optimizer may change of a wrapped model; nothing where its shim can't say."""
    try:
        values = shim.read()
        return [values[name] for name in shim.param_names()]
    except NotImplementedError:
        return []


def _itemsize(name: str) -> int:
    """Bytes of one number; dtypes that NumPy lacks say their bits (bfloat16, float8_e4m3fn)."""
    try:
        return numpy.dtype(name).itemsize
    except TypeError:
        digits = "".join(c if c.isdigit() else " " for c in name).split()
        return max(1, int(digits[0]) // 8) if digits else 1


def _fill(cell: str, column: int, width: int) -> str:
    return cell.rjust(width) if column in RIGHT else cell.ljust(width)
