"""Name the nodes and parameters of a tree by their paths, and freeze parameters by them.

The path of a node says how to get to it from the root: `chain[2] > linear` is layer number 2
(counted from 0) of a chain, and is named "linear". `chain[0] > with_array[0] > linear` lies one
deeper. A node is called by its name; what its name says about its own layers is left out, so
that `linear>>relu` is `chain`, `a|b` is `concatenate` and `with_array(linear)` is `with_array`.
A node that occurs twice has the path of its first place in breadth-first order.

The path of a parameter adds its name after a dot: `chain[2] > linear.W`. That of a wrapped
model's parameter adds the framework's name for it: `chain[1] > pytorch.encoder.0.weight`.

A pattern is a path in which `*` stands for any text, ` > ` included, and `?` for one character;
brackets mean themselves, and the blanks around `>` may be left out. A pattern that fits a node
fits all parameters of the node and of what lies below it: `chain[1]` stands for the whole of
layer 1, `*.b` for every bias.

>>> from thinc.api import Adam, Linear, Relu, chain
>>> model = chain(Relu(4, 3), Linear(2, 4)).initialize()
>>> list(model.find_params("*.b"))
['chain[0] > relu.b', 'chain[1] > linear.b']
>>> model.freeze("chain[0]") is model
True
>>> optimizer = Adam(0.001)
>>> group = optimizer.add_group(model, "chain[1]", lr_scale=0.1)
"""

import re
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

SYMBOLS = {">>": "chain", "|": "concatenate"}
KeyT = tuple[int, str]


class Paths:
    """The methods of a model that go by paths."""

    __slots__ = ()
    _frozen: set[Any]  # names of own parameters, and (number of the shim, name)

    def find_params(self, pattern: str = "*") -> dict[str, KeyT]:
        """{path: key} of the parameters whose paths fit the pattern (see `thinc.model.paths`).

        Parameters of wrapped models are found too. The key is the one that optimizers get.
        ValueError: none fits.
        """
        found = {path: key for path, (_, _, key) in _fitting(self, pattern)}
        if not found:
            raise _no_match(self, pattern)
        return found

    def freeze(self, pattern: str = "*") -> Any:
        """Leave the fitting parameters as they are, whatever optimizer updates the tree.

        Gradients still flow through. `finish_update` sets those of frozen parameters to zero
        and lets the optimizer forget their moments and averages. Freezing is not saved with
        the model. ValueError: no parameter fits the pattern.
        """
        for _, (node, name, _) in _must_fit(self, pattern):
            node._frozen.add(name)
        return self

    def unfreeze(self, pattern: str = "*") -> Any:
        """Let the fitting parameters be updated again.  ValueError: no parameter fits."""
        for _, (node, name, _) in _must_fit(self, pattern):
            node._frozen.discard(name)
        return self

    def is_frozen(self, name: str) -> bool:
        """Is this parameter of the node itself frozen?"""
        return name in self._frozen


def path_of(root: Any, node: Any) -> str:
    """The path of a node below the root, or its name if it isn't there."""
    for found, path in walk_paths(root):
        if found is node:
            return path
    return call(node)


def walk_paths(root: Any) -> Iterable[tuple[Any, str]]:
    """Every distinct node with its path, breadth first."""
    queue, seen = deque([(root, call(root))]), set()
    while queue:
        node, path = queue.popleft()
        if id(node) not in seen:
            seen.add(id(node))
            yield node, path
            queue.extend((child, f"{path}[{i}] > {call(child)}") for i, child in enumerate(node.layers))


def call(node: Any) -> str:
    """The name of a node without what it says about the node's layers."""
    name = node.name
    if not node.layers:
        return name
    parts = [child.name for child in node.layers]
    for symbol, word in SYMBOLS.items():
        if name == symbol.join(parts):
            return word
    if name.endswith(")") and "(" in name and name[: name.index("(")].isidentifier():
        return name[: name.index("(")]
    return next((word for symbol, word in SYMBOLS.items() if symbol in name), name)


def frozen_keys(nodes: list[Any]) -> set[KeyT]:
    """The optimizer's keys of everything that is frozen in these nodes, whichever shim holds it."""
    keys = {_key(node, name) for node in nodes for name in node._frozen}
    if not keys:
        return keys  # in nearly every step
    foreign = [(node.shims[name[0]], name[1]) for node in nodes for name in node._frozen if not isinstance(name, str)]
    if foreign:
        weights = {shim.id: _weight_ids(shim) for node in nodes for shim in node.shims}
        frozen = {weights[shim.id].get(name) for shim, name in foreign}
        keys |= {(owner, name) for owner, ids in weights.items() for name, weight in ids.items() if weight in frozen}
    return keys


def skip(optimizer: Callable, keys: set[KeyT]) -> Callable:
    """An optimizer that leaves these keys alone, sets their gradients to zero and forgets them."""
    if not callable(optimizer):
        raise TypeError(f"finish_update got {type(optimizer).__name__}, wants an Optimizer: Adam(0.001), for instance.")
    if not keys:
        return optimizer
    forget = getattr(optimizer, "forget", None)

    def update(key: KeyT, weights: Any, gradient: Any, **options: Any) -> tuple[Any, Any]:
        if key not in keys:
            return optimizer(key, weights, gradient, **options)
        gradient.fill(0)
        if forget is not None:
            forget(key)
        return weights, gradient

    return update


def _key(node: Any, name: str | tuple[int, str]) -> KeyT:
    """name: of a parameter, or (number of the shim, name in the framework)."""
    return (node.id, name) if isinstance(name, str) else (node.shims[name[0]].id, name[1])


def _params(root: Any) -> Iterable[tuple[str, tuple[Any, Any, KeyT]]]:
    """(path, (node, name, key)) of every parameter, set or not."""
    for node, path in walk_paths(root):
        for name in node.param_names:
            yield f"{path}.{name}", (node, name, _key(node, name))
        for j, shim in enumerate(node.shims):
            place = path if len(node.shims) == 1 else f"{path}.shims[{j}]"
            for name in _names(shim):
                yield f"{place}.{name}", (node, (j, name), _key(node, (j, name)))


def _names(shim: Any) -> Iterable[str]:
    """What an optimizer may change; a minimal shim that can't say so has no paths."""
    try:
        return shim.param_names()
    except NotImplementedError:
        return []


def _weight_ids(shim: Any) -> dict[str, Any]:
    return shim.weight_ids() if _names(shim) else {}


def _fitting(root: Any, pattern: str) -> list[tuple[str, tuple[Any, Any, KeyT]]]:
    fits = _compile(pattern).fullmatch
    return [(path, found) for path, found in _params(root) if fits(path)]


def _must_fit(root: Any, pattern: str) -> list[tuple[str, tuple[Any, Any, KeyT]]]:
    fitting = _fitting(root, pattern)
    if not fitting:
        raise _no_match(root, pattern)
    return fitting


def _compile(pattern: str) -> re.Pattern:
    """The pattern, and anything below what it fits."""
    spaced = re.sub(r"(?<![>\s])\s*>\s*(?!>)", " > ", pattern.strip())
    text = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in spaced)
    return re.compile(rf"{text}(?:(?:\[| > |\.).*)?", re.DOTALL)


def _no_match(root: Any, pattern: str) -> ValueError:
    paths = [path for path, _ in _params(root)]
    shown = "; ".join(paths[:8]) + (f"; … ({len(paths)} in all)" if len(paths) > 8 else "")
    return ValueError(f"No parameter of model {root.name!r} fits {pattern!r}. Its parameters: {shown or 'none'}")
