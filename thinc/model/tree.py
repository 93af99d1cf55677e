"""Walk, change and copy the tree that models form; nothing here recurses."""

import copy
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any


def walk(root: Any, order: str = "bfs") -> Iterator[Any]:
    """Every distinct node once, the root included, in "bfs", "dfs_pre" or "dfs_post" order."""
    if order not in WALKERS:
        raise ValueError(f"Invalid order: {order!r}; choose one of {', '.join(WALKERS)}")
    return WALKERS[order](root)


def remove_node(root: Any, node: Any) -> None:
    """Take `node` out of every list of layers; refs that leave the tree become unset."""
    for parent in list(walk(root)):
        if any(child is node for child in parent.layers):
            parent.layers[:] = [child for child in parent.layers if child is not node]
    nodes = list(walk(root))
    left = {id(kept) for kept in nodes}
    for kept in nodes:
        for name in kept.ref_names:
            target = kept.maybe_get_ref(name)
            if target is not None and id(target) not in left:
                kept.set_ref(name, None)


def replace_node(root: Any, old: Any, new: Any) -> bool:
    """Put `new` wherever the tree has `old`; say whether it had. The root stays."""
    found = False
    for node in list(walk(root, "dfs_post")):
        if node is old:
            found = True
            continue
        if any(child is old for child in node.layers):
            node.layers[:] = [new if child is old else child for child in node.layers]
        for name in node.ref_names:
            if node.maybe_get_ref(name) is old:
                node.set_ref(name, new)
    return found


@contextmanager
def use_params(root: Any, params: dict[tuple[int, str], Any]) -> Iterator[None]:
    """See `Model.use_params`."""
    if params is None:
        raise TypeError("use_params: expected a dict keyed (id, name), got None")
    replaced: list[tuple[Any, str, Any]] = []
    shims: list[Any] = []
    entered: Any
    try:
        for node in walk(root):
            shims += node.shims
            for name in node.param_names:
                if (node.id, name) in params:
                    replaced.append((node, name, node.maybe_get_param(name)))
                    node.set_param(name, params[node.id, name])
        with ExitStack() if shims else nullcontext() as entered:
            for shim in shims:
                entered.enter_context(shim.use_params(params))
            yield
    finally:
        for node, name, value in replaced:
            node.set_param(name, value)


def wrap_model_recursive(model: Any, wrapper: Callable[[Any], Any]) -> Any:
    """Replace every node by `wrapper(node)`, in place; return the wrapper of the root."""
    for node in list(walk(model)):
        replace_node(model, node, wrapper(node))
    return wrapper(model)


def copy_model(root: Any) -> Any:
    """A tree of the same shape, with new ids and with copies of everything that can change.

    A node, shim or foreign model that occurs twice is copied once, and so is a parameter of two
    foreign models, where their framework's deep copies can tell. Classes, ops and refs are kept.
    """
    nodes = list(walk(root))
    # deepcopy reads this memo too: an attr that holds a node of the tree gets its copy.
    memo: dict[int, Any] = {id(node): object.__new__(type(node)) for node in nodes}
    shims: dict[int, Any] = {}
    for node in nodes:
        _fill_copy(node, memo[id(node)], memo, shims)
    return memo[id(root)]


def _fill_copy(node: Any, copied: Any, memo: dict[int, Any], shims: dict[int, Any]) -> None:
    type(node)._take_id(copied)
    copied.name, copied.ops, copied._func, copied.init = node.name, node.ops, node._func, node.init
    copied._dims = dict(node._dims)
    copied._params = type(node)._new_params()
    copied._has_params, copied._frozen = dict(node._has_params), set(node._frozen)
    copied._attrs = copy.deepcopy(node._attrs, memo)
    copied._layers = [memo[id(child)] for child in node._layers]
    copied._refs = {name: memo.get(id(ref), ref) for name, ref in node._refs.items()}
    copied._shims = [_copy_shim(shim, shims, memo) for shim in node._shims]
    for name in node.param_names:
        if node.has_param(name):
            copied.set_param(name, _copy_value(node.get_param(name)))
        if node.has_grad(name):
            copied.set_grad(name, _copy_value(node.get_grad(name)))
    if hasattr(node, "__dict__"):
        copied.__dict__.update(copy.deepcopy(node.__dict__, memo))


def _copy_shim(shim: Any, known: dict[int, Any], memo: dict[int, Any]) -> Any:
    """known: id of a shim or of a foreign model -> its copy; weights that two shims share stay shared."""
    if id(shim) not in known:
        known[id(shim)] = new = shim.copy_in_tree(memo) if hasattr(shim, "copy_in_tree") else shim.copy()
        foreign = getattr(shim, "_model", None)
        first = None if foreign is None else known.setdefault(id(foreign), new._model)
        if first is not None and first is not new._model:
            new.hold(first)
    return known[id(shim)]


def _copy_value(value: Any) -> Any:
    return value.copy() if hasattr(value, "copy") else copy.deepcopy(value)


def _walk_bfs(root: Any) -> Iterator[Any]:
    queue, seen = [root], {id(root)}
    for node in queue:  # which grows meanwhile
        yield node
        for child in node._layers:  # twice as fast as by the property
            if id(child) not in seen:
                seen.add(id(child))
                queue.append(child)


def _walk_pre(root: Any) -> Iterator[Any]:
    stack, seen = [root], set()
    while stack:
        node = stack.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            stack.extend(reversed(node.layers))


def _walk_post(root: Any) -> Iterator[Any]:
    seen: set[int] = {id(root)}
    stack: list[Any] = [(root, iter(root.layers))]
    while stack:
        node, children = stack[-1]
        for child in children:
            if id(child) not in seen:
                seen.add(id(child))
                stack.append((child, iter(child.layers)))
                break
        else:
            stack.pop()
            yield node


WALKERS = {"bfs": _walk_bfs, "dfs_pre": _walk_pre, "dfs_post": _walk_post}
