"""Check a saved tree completely before the first change is made."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy

from ..errors import LoadError
from ..interop import to_numpy
from .attributes import deserialize_attr, find_fault
from .param_shapes import expected_shape
from .tree import walk
from .turns import turns

MAX_NAME = 1_000_000
_LISTS = ("nodes", "attrs", "params", "shims")


class Staged:
    """What a load will do once everything has been checked."""

    def __init__(self) -> None:
        self.commits: list[Callable[[], Any]] = []
        self.shims: list[tuple[str, Any, bytes]] = []  # can't be checked without loading


def stage(root: Any, msg: Any, *, check_finite: bool = False, strict: bool = False) -> Staged:
    """All changes that loading `msg` makes; raises LoadError and changes nothing.

    check_finite: params with NaN or infinity are an error too.
    strict: so are params of the tree that the file leaves out.
    """
    nodes, staged = list(walk(root)), Staged()
    if not isinstance(msg, dict) or "nodes" not in msg:
        raise LoadError("nodes", "this is not a saved model: it has no nodes")
    for key in _LISTS:
        _check(isinstance(msg.get(key), (list, tuple)), key, "expected a list")
        _check(
            len(msg[key]) == len(nodes), key,
            f"mismatched structure: the file has {len(msg[key])} nodes, the model {len(nodes)}",
        )  # fmt: skip
    for i, node in enumerate(nodes):
        info, path = msg["nodes"][i], f"nodes[{i}]"
        _check(isinstance(info, dict), path, "expected a map")
        _stage_name(node, info.get("name"), f"{path}.name", staged)
        _stage_dims(node, info.get("dims"), f"{path}.dims", staged)
        _stage_refs(node, info.get("refs"), f"{path}.refs", staged, nodes)
        _stage_attrs(node, msg["attrs"][i], f"{path}.attrs", staged)
        dims = {**node._dims, **{name: size for name, size in info["dims"].items() if size is not None}}
        _stage_params(node, msg["params"][i], f"{path}.params", staged, dims, check_finite)
        left_out = [name for name in node.param_names if strict and name not in msg["params"][i]]
        _check(not left_out, f"{path}.params", f"the file leaves out {left_out} of model {node.name!r}")
        _stage_shims(node, msg["shims"][i], f"{path}.shims", staged)
    return staged


def commit_all(staged: Staged) -> None:
    """Make the changes; shims that can only be tried come first and are put back if one fails."""
    done: list[tuple[Any, bytes]] = []
    with turns.change():
        for path, shim, data in staged.shims:
            try:
                done.append((shim, shim.to_bytes()))
                shim.from_bytes(data)
            except Exception as error:
                for loaded, backup in reversed(done):
                    loaded.from_bytes(backup)
                raise LoadError(path, f"the shim refuses the data ({error!r:.200})") from error
        for commit in staged.commits:
            commit()


def _stage_name(node: Any, name: Any, path: str, staged: Staged) -> None:
    _check(isinstance(name, str), path, "expected a string")
    plain = len(name) <= MAX_NAME and name.isprintable()
    _check(plain or name == node.name, path, f"{name!r:.80} is too long or not printable")
    staged.commits.append(lambda: setattr(node, "name", name))


def _stage_dims(node: Any, dims: Any, path: str, staged: Staged) -> None:
    for name, value in _items(dims, path):
        where = f"{path}.{name}"
        _check(node.has_dim(name) is not False, where, f"model {node.name!r} has no such dim")
        if value is None:
            continue
        whole = isinstance(value, (int, numpy.integer)) and not isinstance(value, bool)
        _check(whole and 0 <= value < 2**63, where, f"{value!r:.80} is no size")
        own = node.maybe_get_dim(name)
        _check(own is None or own == value, where, f"the file has {value}, model {node.name!r} {own}")
        staged.commits.append(partial(node.set_dim, name, int(value)))


def _stage_refs(node: Any, refs: Any, path: str, staged: Staged, nodes: list[Any]) -> None:
    for name, index in _items(refs, path):
        target = None
        if index is not None:
            whole = isinstance(index, int) and not isinstance(index, bool)
            _check(whole and 0 <= index < len(nodes), f"{path}.{name}", f"no node {index!r:.80}")
            target = nodes[index]
            inside = target is node.maybe_get_ref(name) or any(target is n for n in walk(node))
            _check(inside, f"{path}.{name}", f"node {index} is not below model {node.name!r}")
        staged.commits.append(partial(node._refs.__setitem__, name, target))


def _stage_attrs(node: Any, attrs: Any, path: str, staged: Staged) -> None:
    for name, data in _items(attrs, path):
        where, default = f"{path}.{name}", node.attrs.get(name)
        try:
            value = deserialize_attr(default, data, name, node)
        except Exception as error:  # a registered function may raise anything
            raise LoadError(where, f"can't be decoded ({error!r:.200})") from error
        fault = find_fault(name, value, default)
        _check(fault is None, where, fault or "")
        staged.commits.append(partial(node.attrs.__setitem__, name, value))


def _stage_params(node: Any, params: Any, path: str, staged: Staged, dims: dict[str, Any], check_finite: bool) -> None:
    for name, value in _items(params, path):
        where = f"{path}.{name}"
        _check(node.has_param(name) is not False, where, f"model {node.name!r} has no such param")
        if value is None:
            _check(not node.has_param(name), where, "the file has no value, the model has one")
        else:
            value = _fit_array(node, name, value, where, dims)
            _check(not check_finite or numpy.isfinite(value).all(), where, "a value is NaN or infinite")
            value = node.ops.asarray(value)
        staged.commits.append(partial(node.set_param, name, value))


def _fit_array(node: Any, name: str, value: Any, where: str, dims: dict[str, Any]) -> Any:
    """A copy in the dtype of the model's param; refused where that would lose anything."""
    _check(hasattr(value, "dtype") and hasattr(value, "shape"), where, "expected an array")
    value = value if isinstance(value, numpy.ndarray) else to_numpy(value)
    _check(value.dtype.kind in "fiu", where, f"{value.dtype} is no dtype for a param")
    native = value.dtype.newbyteorder("=")
    own = node.maybe_get_param(name)
    if own is None:
        shape = expected_shape(node._func, dims, name)
        fits = shape is None or shape == value.shape
        _check(fits, where, f"the file has shape {value.shape}, by the dims it is {shape}")
        return value.astype(native)
    if tuple(own.shape) != value.shape:
        raise LoadError(where, f"the file has shape {value.shape}, the model {tuple(own.shape)}")
    if native == own.dtype:
        return value.astype(native)
    with numpy.errstate(all="ignore"):
        cast = value.astype(own.dtype)
        same = numpy.array_equal(cast.astype(native), value, equal_nan=native.kind == "f")
    _check(same, where, f"{native} can't be cast to {own.dtype} without loss")
    return cast


def _stage_shims(node: Any, payloads: Any, path: str, staged: Staged) -> None:
    _check(isinstance(payloads, (list, tuple)), path, "expected a list")
    count = len(node.shims)
    _check(len(payloads) == count, path, f"the file has {len(payloads)} shims, the model {count}")
    for j, (shim, data) in enumerate(zip(node.shims, payloads)):
        where = f"{path}[{j}]"
        if not _can_stage(type(shim)):
            # What its own to_bytes gives need not be bytes while nothing is packed.
            staged.shims.append((where, shim, data))
            continue
        _check(isinstance(data, bytes), where, "expected bytes")
        try:
            staged.commits.append(shim.stage_bytes(data))
        except LoadError as error:
            raise LoadError(f"{where}.{error.path}", error.reason) from error
        except Exception as error:
            raise LoadError(where, f"the shim refuses the data ({error!r:.200})") from error


def _can_stage(cls: type) -> bool:
    """Is stage_bytes as specific as from_bytes? A subclass may have overridden one only."""
    for base in cls.__mro__:
        if "stage_bytes" in vars(base):
            return True
        if "from_bytes" in vars(base):
            return False
    return False


def _items(entries: Any, path: str) -> list[tuple[str, Any]]:
    """The entries of a map with strings for keys."""
    _check(isinstance(entries, dict), path, "expected a map")
    for key in entries:
        _check(isinstance(key, str), path, f"{key!r:.80} is no name")
    return list(entries.items())


def _check(holds: Any, path: str, reason: str) -> None:
    if not holds:
        raise LoadError(path, reason)
