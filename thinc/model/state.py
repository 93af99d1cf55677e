"""Save a tree of models, load it, and compare it with a saved one."""

import os
from typing import Any

from .. import serialization
from ..backends import Ops
from ..errors import DTypeError, LoadError
from .attributes import serialize_attr
from .staging import commit_all, stage
from .tree import walk
from .turns import turns


class State:
    """The methods of a model that save and load; a failed load changes nothing."""

    __slots__ = ()
    ops: Ops

    def to_dict(self) -> dict[str, Any]:
        """Four parallel lists, one entry a node in breadth-first order; arrays are live."""
        nodes = list(walk(self))
        index = {node.id: i for i, node in enumerate(nodes)}
        return {
            "nodes": [
                {"index": i, "name": node.name, "dims": dict(node._dims), "refs": _save_refs(node, index)}
                for i, node in enumerate(nodes)
            ],
            "attrs": [_save_attrs(node) for node in nodes],
            "params": [{name: node.maybe_get_param(name) for name in node.param_names} for node in nodes],
            "shims": [[shim.to_bytes() for shim in node.shims] for node in nodes],
        }

    def to_bytes(self) -> bytes:
        """The tree in the upstream file format; arrays are little-endian."""
        msg = self.to_dict()
        for params in msg["params"]:
            for name, value in params.items():
                if hasattr(value, "dtype") and hasattr(value, "shape"):
                    params[name] = self.ops.to_numpy(value, byte_order="<")
        return serialization.dumps(msg)

    def to_disk(self, path: Any) -> None:
        serialization.write_path(path, self.to_bytes())

    def from_dict(self, msg: dict[str, Any], *, check_finite: bool = False, strict: bool = False) -> Any:
        """Raises LoadError, and changes nothing, where the message does not fit the tree.

        check_finite: params with NaN or infinity do not fit either.
        strict: nor does a message that leaves out a param of the tree, which would keep its value.
        Predictions in other threads see the old tree or the new one, never a mixture.
        """
        with turns.lock:
            commit_all(stage(self, msg, check_finite=check_finite, strict=strict))
        return self

    def from_bytes(self, bytes_data: bytes, *, check_finite: bool = False, strict: bool = False) -> Any:
        """As `from_dict`, from what `to_bytes` wrote."""
        return self.from_dict(serialization.loads(bytes_data), **_asked(check_finite=check_finite, strict=strict))

    def from_disk(self, path: Any, *, check_finite: bool = False, strict: bool = False) -> Any:
        """Raises LoadError like `from_dict`, FileNotFoundError where there is no file."""
        return self.from_bytes(serialization.read_path(path), **_asked(check_finite=check_finite, strict=strict))

    def can_from_bytes(self, bytes_data: bytes, *, strict: bool = True) -> bool:
        """Can these bytes be loaded? strict: names and attrs must be equal too."""
        try:
            msg = serialization.loads(bytes_data)
        except ValueError:
            return False
        return self.can_from_dict(msg, strict=strict)

    def can_from_disk(self, path: Any, *, strict: bool = True) -> bool:
        if isinstance(path, (str, os.PathLike)) and not os.path.isfile(path):
            return False
        try:
            data = serialization.read_path(path)
        except (LoadError, FileNotFoundError):
            return False
        return self.can_from_bytes(data, strict=strict)

    def can_from_dict(self, msg: dict[str, Any], *, strict: bool = True) -> bool:
        """As `can_from_bytes`. A dim that only this tree has set makes it False.

        Compatibility: the published method says True to files whose params or shims can't be loaded.
        """
        nodes = list(walk(self))
        try:
            lists = [msg[key] for key in ("nodes", "attrs", "params", "shims")]
            if any(len(entries) != len(nodes) for entries in lists):
                return False
            if not all(_fits(node, entry, strict) for node, *entry in zip(nodes, *lists)):
                return False
            stage(self, msg)
        except (KeyError, TypeError, AttributeError, LoadError):
            return False
        return True


def _asked(**options: bool) -> dict[str, bool]:
    """The options that are on: a subclass written for the published library knows none of them."""
    return {name: True for name, is_on in options.items() if is_on}


def _save_refs(node: Any, index: dict[int, int]) -> dict[str, Any]:
    refs = {name: node.maybe_get_ref(name) for name in node.ref_names}
    dangling = [name for name, ref in refs.items() if ref is not None and ref.id not in index]
    if dangling:
        raise ValueError(f"Can't save model {node.name!r}: its refs {dangling} point outside of the tree")
    return {name: None if ref is None else index[ref.id] for name, ref in refs.items()}


def _save_attrs(node: Any) -> dict[str, bytes]:
    """Attrs that can't be written are left out, but object arrays are an error."""
    saved = {}
    for name, value in node.attrs.items():
        try:
            saved[name] = serialize_attr(value, value, name, node)
        except DTypeError:
            raise
        except TypeError:
            continue
    return saved


def _fits(node: Any, entry: list[Any], strict: bool) -> bool:
    info, attrs, params, shims = entry
    if strict and info["name"] != node.name or len(shims) != len(node.shims):
        return False
    for name, value in info["dims"].items():
        has = node.has_dim(name)
        if has is False or has and node.get_dim(name) != value:
            return False
    for name, value in params.items():
        if node.has_param(name) is False:
            return False
        if value is not None and node.has_param(name):
            if tuple(value.shape) != tuple(node.get_param(name).shape):
                return False
    return not strict or all(_same_attr(node, name, value) for name, value in attrs.items())


def _same_attr(node: Any, name: str, value: bytes) -> bool:
    if name not in node.attrs:
        return True
    try:
        own = node.attrs[name]
        return serialize_attr(own, own, name, node) == value
    except TypeError:
        return True
