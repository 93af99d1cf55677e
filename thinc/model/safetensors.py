"""Exchange the tensors of a tree by name, in safetensors files that other tools read.

A parameter of a layer is called by its path, `chain[2] > linear.W` (see `thinc.model.paths`); a
tensor of a wrapped model by the path of the layer and the framework's name for it,
`chain[1] > pytorch.encoder.0.weight`.  Buffers have names too; structure, dims and attrs are not
in the file.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import ContainerError, LoadError
from ..interop import Framework, to_numpy
from ..serialization.files import read_path, write_path
from ..serialization.safetensors import Tensor, decode, encode
from ..shims.named_tensors import check_fit, pack_tensors, unpack_tensors
from .paths import walk_paths
from .turns import turns

RenameT = Callable[[str], str | None] | Mapping[str, str | None]


class _Native(Framework):
    """Our own arrays, through the same functions as those of the frameworks."""

    __slots__ = ()

    def take(self, array: Any) -> Any:
        return array

    def give(self, value: Any, xp: Any = None) -> Any:
        return to_numpy(value)


NATIVE = _Native("numpy", "")


@dataclass
class _Part:
    """Tensors that are written together: the params of one node, or those of one shim."""

    place: str  # what stands in front of the names
    values: dict[str, Any]
    node: Any
    shim: Any = None

    @property
    def framework(self) -> Framework:
        return NATIVE if self.shim is None else self.shim.framework


def export_safetensors(model: Any, path: Any) -> None:
    """Write all parameters and buffers of the tree into one safetensors file.

    Raises DTypeError for a dtype that the format lacks, ContainerError where two tensors have one
    name or a shim can't list its tensors.
    """
    tensors: dict[str, Tensor] = {}
    for part in _parts(model):
        for name, kind, shape, data in pack_tensors(part.framework, part.values):
            if part.place + name in tensors:
                raise ContainerError(f"Two tensors are called '{part.place + name}'. Rename the layer or its param.")
            tensors[part.place + name] = Tensor(kind, shape, data if isinstance(data, bytes) else b"".join(data))
    write_path(path, encode(tensors))


def import_safetensors(
    model: Any, path: Any, *, prefix: str = "", rename: RenameT | None = None, strict: bool = True
) -> list[str]:
    """Set the tensors of the tree that a safetensors file names; return their paths.

    prefix: stands in front of each name; only the tensors of the tree whose paths begin with it
        are meant. A file of a torch module fits the layer with `prefix="pytorch."`.
    rename: name in the file -> path without the prefix, as a function or a dict; None leaves the
        tensor out, and a name that a dict lacks stays.
    strict: the file must name each tensor, and no others.

    Raises LoadError, and changes nothing, where names, shapes or dtypes don't fit; it lists all
    that don't.
    """
    found = _renamed(decode(read_path(path)), prefix, rename)
    parts = list(_parts(model))
    mine = {part.place + name: value for part in parts for name, value in part.values.items()}
    _check(found, {name: value for name, value in mine.items() if name.startswith(prefix)}, strict)
    with turns.lock:
        commits = [_stage(part, found) for part in parts]
        with turns.change():
            for commit in commits:
                commit()
    return [name for name in mine if name in found]


def _parts(model: Any) -> Iterable[_Part]:
    """What is set in the tree; a param without a value has no tensor."""
    for node, path in walk_paths(model):
        yield _Part(f"{path}.", {name: node.get_param(name) for name in node.param_names if node.has_param(name)}, node)
        for i, shim in enumerate(node.shims):
            place = path if len(node.shims) == 1 else f"{path}.shims[{i}]"
            try:
                yield _Part(f"{place}.", shim.read(), node, shim)
            except NotImplementedError:
                raise ContainerError(
                    f"{place}: {type(shim).__name__} can't list its tensors. Save the model with `to_disk`."
                ) from None


def _renamed(tensors: dict[str, Tensor], prefix: str, rename: RenameT | None) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        new: str | None = name
        if rename is not None:
            new = rename.get(name, name) if isinstance(rename, Mapping) else rename(name)
        if new is None:
            continue
        if prefix + new in found:
            raise LoadError(f"tensors[{name!r:.80}]", f"two tensors are renamed to {prefix + new!r:.80}")
        found[prefix + new] = tensor
    return found


def _check(found: dict[str, Tensor], mine: dict[str, Any], strict: bool) -> None:
    """Raises LoadError with everything that is missing, unexpected or of another kind."""
    faults = []
    if strict:
        faults += [f"missing {name!r}" for name in mine if name not in found]
        faults += [f"unexpected {name!r}" for name in found if name not in mine]
    for name in mine:
        if name in found:
            try:
                check_fit(name, found[name].dtype, found[name].shape, mine[name])
            except LoadError as error:
                faults.append(f"{name!r}: {error.reason}")
    if faults:
        more = f"; … ({len(faults)} in all)" if len(faults) > 20 else ""
        raise LoadError("tensors", "; ".join(faults[:20]) + more + _advise_prefix(found, mine))


def _advise_prefix(found: dict[str, Tensor], mine: dict[str, Any]) -> str:
    """The prefix that the names of a whole file lack, as that of a torch module does."""
    first = next(iter(found), "")
    lacking = {name.removesuffix(first) for name in mine if first and name.endswith(first)}
    prefix = next((each for each in lacking if each and {each + name for name in found} == set(mine)), "")
    return f". The names fit with prefix={prefix!r}" if prefix else ""


def _stage(part: _Part, found: dict[str, Tensor]) -> Callable[[], None]:
    """Unpack the tensors of a part; the result sets them."""
    mine = {name: value for name, value in part.values.items() if part.place + name in found}
    rows = [[name, *found[part.place + name]] for name in mine]
    values = unpack_tensors(part.framework, rows, mine)

    def commit() -> None:
        if part.shim is None:
            for name, array in values.items():
                part.node.set_param(name, part.node.ops.asarray(array))
        elif values:
            part.shim.write(values)

    return commit
