"""The one class of all layers."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Generic, Optional, TypeVar

from .._identity import LastId, next_id
from ..backends import NumpyOps, ParamServer, get_current_ops
from ..errors import ShapeError, UnsetError
from . import device, tree
from .border import Calls, InT, OutT
from .checks import as_children, as_size, as_sizes
from .gradients import update_nodes
from .initialize import empty_init
from .operators import Operators
from .paths import Paths, frozen_keys, skip
from .pickling import Pickling
from .state import State
from .summary import Summary, summarize

SelfT = TypeVar("SelfT", bound="Model")
CURES = {  # what to do about a value that is not set
    "nI": "make the layer with nI, or initialize with X",
    "nO": "make the layer with nO, or initialize with Y",
    "dim": "set it with set_dim, or initialize with X and Y",
    "param": "initialize the model, or load its weights",
    "ref": "set it with set_ref",
}


class Model(Calls[InT, OutT], Operators[InT, OutT], Paths, State, Pickling, Generic[InT, OutT]):
    """A forward function with its dims, params, attrs, refs, children and shims.

    Other attributes can't be assigned, except to instances of a subclass.
    """

    global_id = LastId()
    global_id_lock = threading.Lock()

    __slots__ = (
        "name", "id", "ops", "_func", "init", "_params", "_dims", "_attrs", "_refs",
        "_layers", "_shims", "_has_params", "_frozen",
    )  # fmt: skip
    _has_params: dict[str, bool | None]

    def __init__(
        self,
        name: str,
        forward: Callable,
        *,
        init: Callable | None = None,
        dims: dict[str, int | None] | None = None,
        params: dict[str, Any | None] | None = None,
        layers: Sequence["Model"] = (),
        shims: Sequence[Any] = (),
        attrs: dict[str, Any] | None = None,
        refs: dict[str, Optional["Model"]] | None = None,
        ops: Any | None = None,
        grads: dict[str, Any | None] | None = None,
    ):
        self._take_id()
        self.name, self._func = name, forward
        self.init = init if init is not None else partial(empty_init, self)
        self.ops = ops if ops is not None else get_current_ops()
        self._params, self._has_params, self._frozen = self._new_params(), {}, set()
        self._dims = as_sizes(name, dims) if dims else {}
        self._attrs, self._refs = dict(attrs) if attrs else {}, dict(refs) if refs else {}
        self._layers, self._shims = as_children(name, layers, Model) if layers else [], list(shims)
        for param, value in (params or {}).items():
            self.set_param(param, value)
        for param, value in (grads or {}).items():
            if value is not None:
                self.set_grad(param, value)

    def _take_id(self) -> None:
        self.id = next_id()

    @staticmethod
    def _new_params() -> ParamServer:
        return ParamServer()

    @property
    def layers(self) -> list["Model"]:
        """The children; the list may be changed in place."""
        return self._layers

    @property
    def shims(self) -> list[Any]:
        """The wrapped models of other frameworks; the list may be changed in place."""
        return self._shims

    @property
    def attrs(self) -> dict[str, Any]:
        """Everything else that configures the node; the dict may be changed in place."""
        return self._attrs

    @property
    def param_names(self) -> tuple[str, ...]:
        return tuple(self._has_params)

    @property
    def grad_names(self) -> tuple[str, ...]:
        return tuple(name for name in self._has_params if self.has_grad(name))

    @property
    def dim_names(self) -> tuple[str, ...]:
        return tuple(self._dims)

    @property
    def ref_names(self) -> tuple[str, ...]:
        return tuple(self._refs)

    @property
    def attr_names(self) -> tuple[str, ...]:
        return tuple(self._attrs)

    # -- dims: `has` is False for an unknown name, None for an unset value -----------------

    def has_dim(self, name: str) -> bool | None:
        value = self._dims.get(name, False)
        return None if value is None else value is not False

    def get_dim(self, name: str) -> int:
        """Raises KeyError for an unknown name, UnsetError for an unset dim."""
        value = self._dims.get(name)
        return _get(self, self._dims, "dim", name) if value is None else value

    def maybe_get_dim(self, name: str) -> int | None:
        return self._dims.get(name)

    def set_dim(self, name: str, value: int | None, *, force: bool = False) -> None:
        """A set dim can only be changed with `force`, and only while no param is set."""
        if name not in self._dims:
            raise KeyError(f"Model {self.name!r} has no dim {name!r}; it has {self.dim_names}")
        old, value = self._dims[name], as_size(self.name, name, value)
        if old is not None and old != value:
            has_params = any(self._has_params.values())
            if not force or has_params:
                hint = "its params have that size already" if has_params else "use force=True"
                raise ShapeError(f"Can't change dim {name!r} of model {self.name!r} from {old} to {value}: {hint}.")
        self._dims[name] = value

    def has_param(self, name: str) -> bool | None:
        return self._has_params.get(name, False)

    def get_param(self, name: str) -> Any:
        """Raises KeyError for an unknown name or an unset param."""
        server = self._params
        if server.proxy is None and self._has_params.get(name):
            return server._params[self.id, name]  # every layer asks in every batch: two calls less
        _get(self, self._has_params, "param", name)
        return server.get_param(self.id, name)

    def maybe_get_param(self, name: str) -> Any | None:
        return self.get_param(name) if self.has_param(name) else None

    def set_param(self, name: str, value: Any | None) -> None:
        """Keep this very array, under a known or a new name; None makes the param unset."""
        if value is not None:
            self._params.set_param(self.id, name, value)
        self._has_params[name] = None if value is None else True

    def has_grad(self, name: str) -> bool:
        return self._params.has_grad(self.id, name)

    def get_grad(self, name: str) -> Any:
        """Raises KeyError where none was stored."""
        return self._params.get_grad(self.id, name)

    def maybe_get_grad(self, name: str) -> Any | None:
        return self.get_grad(name) if self.has_grad(name) else None

    def set_grad(self, name: str, value: Any) -> None:
        self._params.set_grad(self.id, name, value)

    def inc_grad(self, name: str, value: Any) -> None:
        """Add to the gradient; the first value is copied."""
        self._params.inc_grad(self.id, name, value)

    def get_gradients(self) -> dict[tuple[int, str], tuple[Any, Any]]:
        """{(id of node, param): (param, gradient)} of the whole tree."""
        return {
            (node.id, name): (node.get_param(name), node.get_grad(name))
            for node in self.walk()
            for name in node.grad_names
        }

    def has_ref(self, name: str) -> bool | None:
        return None if self._refs.get(name, False) is None else name in self._refs

    def get_ref(self, name: str) -> "Model":
        """Raises KeyError for an unknown name, UnsetError for an unset ref."""
        return _get(self, self._refs, "ref", name)

    def maybe_get_ref(self, name: str) -> Optional["Model"]:
        return self._refs.get(name)

    def set_ref(self, name: str, value: Optional["Model"]) -> None:
        """Refer to a node of this tree, the node itself included; None makes the ref unset."""
        if value is not None and not any(value is node for node in self.walk()):
            raise ValueError(
                f"Can't set ref {name!r} of model {self.name!r}: "
                f"{getattr(value, 'name', value)!r} is not in its tree; add it as a layer first"
            )
        self._refs[name] = value

    def has_attr(self, name: str) -> bool:
        return name in self._attrs

    def get_attr(self, name: str) -> Any:
        if name not in self._attrs:
            raise KeyError(f"Model {self.name!r} has no attr {name!r}; it has {self.attr_names}")
        return self._attrs[name]

    def set_attr(self, name: str, value: Any) -> None:
        """Change an attr that exists; new ones are added through `attrs`."""
        self.get_attr(name)
        self._attrs[name] = value

    def finish_update(self, optimizer: Callable) -> None:
        """Let the optimizer change every shim and every param that has a gradient and isn't frozen."""
        nodes = list(self.walk())
        optimizer = skip(optimizer, frozen_keys(nodes))
        for node in nodes:
            for shim in node.shims:
                shim.finish_update(optimizer)
        update_nodes(nodes, optimizer)

    def use_params(self, params: dict[tuple[int, str], Any]) -> AbstractContextManager[None]:
        """Put these arrays in place of the tree's own, keyed (id of node, param), for a block.

        Other threads see them too, until the block ends.
        """
        return tree.use_params(self, params)

    def walk(self, *, order: str = "bfs") -> Iterator["Model"]:
        """Every distinct node once, this one included: "bfs", "dfs_pre" or "dfs_post"."""
        return tree.walk(self, order)

    def summary(self, show: bool = True) -> Summary:
        """A table of the tree: path, layer, dims, parameters, dtype, bytes, framework; printed with `show`."""
        table = summarize(self)
        if show:
            print(table)
        return table

    def remove_node(self, node: "Model") -> None:
        """Take the node out of the tree; refs to what has left become unset."""
        tree.remove_node(self, node)

    def replace_node(self, old: "Model", new: "Model") -> bool:
        """Put `new` wherever the tree below the root has `old`; say whether it had."""
        return tree.replace_node(self, old, new)

    def replace_callbacks(self, forward: Callable, *, init: Callable | None = None) -> None:
        self._func, self.init = forward, init

    def copy(self: SelfT) -> SelfT:
        """The same tree with new ids; gradients, refs, ops and classes are kept."""
        return tree.copy_model(self)

    def to_gpu(self, gpu_id: int) -> Any:
        """Move the tree to a GPU; return the device. Raises DeviceError without one.

        Operations run there whatever is current. Plain expressions of CuPy in layers and in your
        own code need `with device:` where it is not the current one.
        """
        return device.move_to_gpu(self, gpu_id)

    def to_cpu(self) -> None:
        self._to_ops(NumpyOps())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    def _to_ops(self, ops: Any) -> None:
        device.move_to_ops(self, ops)


def _get(model: Model, values: dict[str, Any], kind: str, name: str) -> Any:
    if name not in values:
        raise KeyError(f"Model {model.name!r} has no {kind} {name!r}; it has {tuple(values)}")
    if values[name] is None:
        cure = CURES.get(name) or CURES[kind]
        raise UnsetError(f"The {kind} {name!r} of model {model.name!r} is not set: {cure}.")
    return values[name]
