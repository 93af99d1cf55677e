"""Trees of any depth are pickled in linear time, also after a pickling that was broken off."""

import copy
import pickle

import numpy
import pytest

from thinc.model import Model, pickling


def forward(model, X, is_train):
    return X, lambda dY: dY


def deep(levels, **options):
    node = Model("leaf", forward, **options)
    for i in range(levels):
        node = Model(f"n{i}", forward, layers=[node])
    return node


def names(model):
    return [node.name for node in model.walk()]


class Counting(Model):
    """Says when its layers are looked at."""

    seen = staticmethod(lambda name: None)

    @property
    def layers(self):
        self.seen(self.name)
        return super().layers


TWINS = [lambda model: pickle.loads(pickle.dumps(model)), copy.deepcopy]


@pytest.mark.parametrize("twin_of", TWINS, ids=["pickle", "copy"])
def test_each_node_is_looked_at_a_bounded_number_of_times(twin_of, monkeypatch):
    visits = []
    monkeypatch.setattr(Counting, "seen", visits.append)
    node = Counting("leaf", forward)
    for _ in range(600):
        node = Counting("x", forward, layers=[node])
    twin = twin_of(node)
    assert len(visits) < 40 * 600
    assert len(names(twin)) == 601


@pytest.mark.parametrize("twin_of", TWINS, ids=["pickle", "copy"])
def test_a_pickling_that_was_broken_off_does_not_harm_the_next(twin_of):
    class Unwilling:
        def __reduce_ex__(self, protocol):
            raise RuntimeError("not I")

    model = deep(1200, attrs={"x": Unwilling()})
    with pytest.raises(RuntimeError, match="not I"):
        twin_of(model)
    nodes = list(model.walk())
    nodes[-1].attrs.clear()
    assert pickling._coming.ids
    for node in (nodes[1], nodes[0]):
        assert names(twin_of(node)) == names(node)


def test_trees_within_trees_and_shared_nodes_stay_shared():
    leaf = Model("leaf", forward, params={"W": numpy.ones(2)})
    inner = deep(40)
    root = Model("root", forward, layers=[deep(40), leaf, leaf], attrs={"other": inner}, refs={"leaf": leaf})
    twin, other = pickle.loads(pickle.dumps((root, inner)))
    assert twin.layers[1] is twin.layers[2] is twin.get_ref("leaf") and twin.attrs["other"] is other
    assert names(twin) == names(root) and names(other) == names(inner)
