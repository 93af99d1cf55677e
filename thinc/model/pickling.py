"""Pickle and deep-copy trees of any depth."""

import threading
from typing import Any

# A level takes some ten frames of `copy.deepcopy` and six of `pickle`, of the 1,000 that Python allows.
STRIDE = 16


class _Coming(threading.local):
    """ids: of the nodes that the pickling of a tree, begun in this thread, is yet to come to."""

    def __init__(self) -> None:
        self.ids: set[int] = set()


_coming = _Coming()


class Pickling:
    """A node's state begins with nodes far below it, so that no step of the recursion goes deeper.

    Both `pickle` and `copy` keep in mind what they have done: when they come to the layers of
    the node, the recursion ends at the next of those nodes.
    """

    __slots__ = ()

    def __reduce_ex__(self, protocol: Any) -> Any:
        make, args, state, *rest = super().__reduce_ex__(max(2, int(protocol)))
        if type(self).__setstate__ is Pickling.__setstate__:
            state = [_begin(self), state]
        return (make, args, state, *rest)

    def __setstate__(self, state: Any) -> None:
        # A copy by other means gives the pair as Python makes it, without our list around it.
        attributes, slots = state[1] if isinstance(state, list) else state
        if attributes:
            self.__dict__.update(attributes)
        for name, value in slots.items():
            object.__setattr__(self, name, value)


def _begin(node: Any) -> list[Any]:
    """The nodes that must come before what the node holds.

    For the first node of a tree these are all far ones. The others are come to once each, and
    then those of the next stride do: collecting all for each took 2 s for 1,000 levels. Where a
    pickling was broken off and begins again at a node that it had not come to, these must do, too:
    they are enough for 1,500 levels.
    """
    if id(node) in _coming.ids:
        _coming.ids.discard(id(node))
        return _far_nodes(node, 1)[0]
    far, _coming.ids = _far_nodes(node)
    return far


def _far_nodes(root: Any, strides: int | None = None) -> tuple[list[Any], set[int]]:
    """The nodes 16, 32, … levels below the root, the deepest first, and the ids of all that were seen."""
    seen, level, far, depth = {id(root)}, [root], [], 0
    while level and (strides is None or depth <= strides * STRIDE):
        if depth and depth % STRIDE == 0:
            far.append(level)
        below = {id(child): child for node in level for child in node.layers if id(child) not in seen}
        seen.update(below)
        level, depth = list(below.values()), depth + 1
    seen.discard(id(root))
    return [node for nodes in reversed(far) for node in nodes], seen
