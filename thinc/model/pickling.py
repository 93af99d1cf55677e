"""Pickle and deep-copy trees of any depth."""

from typing import Any

# A level takes some ten frames of `copy.deepcopy` and six of `pickle`, of the 1,000 that Python allows.
STRIDE = 16


class Pickling:
    """A node's state begins with nodes far below it, so that no step of the recursion goes deeper.

    Both `pickle` and `copy` keep in mind what they have done: when they come to the layers of
    the node, the recursion ends at the next of those nodes.
    """

    __slots__ = ()

    def __reduce_ex__(self, protocol: Any) -> Any:
        make, args, state, *rest = super().__reduce_ex__(max(2, int(protocol)))  # type: ignore[misc]
        if type(self).__setstate__ is Pickling.__setstate__:
            state = [_far_nodes(self), state]
        return (make, args, state, *rest)

    def __setstate__(self, state: Any) -> None:
        # A copy by other means gives the pair as Python makes it, without our list around it.
        attributes, slots = state[1] if isinstance(state, list) else state
        if attributes:
            self.__dict__.update(attributes)
        for name, value in slots.items():
            object.__setattr__(self, name, value)


def _far_nodes(root: Any) -> list[Any]:
    """The nodes 16, 32, … levels below the root, the deepest first."""
    seen, level, far, depth = {id(root)}, [root], [], 0
    while level:
        if depth and depth % STRIDE == 0:
            far.append(level)
        below = {id(child): child for node in level for child in node.layers if id(child) not in seen}
        seen.update(below)
        level, depth = list(below.values()), depth + 1
    return [node for nodes in reversed(far) for node in nodes]
