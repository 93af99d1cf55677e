"""Parameters behind a proxy, as for training on several machines: reads come from it, gradients go to it."""

import numpy

from thinc.api import SGD, Linear, Relu, chain


class Far:
    """Holds the params of another process."""

    def __init__(self, params):
        self.params, self.grads = params, {}

    def get_param(self, model_id, name):
        return self.params[model_id, name]

    def set_param(self, model_id, name, value):
        self.params[model_id, name] = value

    def set_grad(self, model_id, name, value):
        self.grads[model_id, name] = value

    def inc_grad(self, model_id, name, value):
        self.grads[model_id, name] = self.grads.get((model_id, name), 0) + value


def make_pair():
    """The same model twice, the second one with its params behind a proxy."""
    near = chain(Relu(4, 3), Linear(2, 4)).initialize()
    model = near.copy()
    far = Far({(node.id, name): node.get_param(name) for node in model.walk() for name in node.param_names})
    for node in model.walk():
        node._params.proxy = far
    return near, model, far


def run(model, X):
    Y, backprop = model.begin_update(X)
    return Y, backprop(Y)


def test_gradients_are_collected_by_the_proxy():
    near, model, far = make_pair()
    X = numpy.arange(6, dtype="f").reshape(2, 3)
    for _ in range(2):
        for mine, other in zip(run(near, X), run(model, X)):
            numpy.testing.assert_allclose(mine, other, rtol=1e-6)
    for one, two in zip(near.walk(), model.walk()):
        for name in one.param_names:
            numpy.testing.assert_allclose(far.grads[two.id, name], one.get_grad(name), rtol=1e-6)
    assert not any(node.grad_names for node in model.walk())


def test_new_values_of_the_proxy_are_used_at_once_and_ours_are_sent_to_it():
    _, model, far = make_pair()
    X, last = numpy.ones((1, 3), "f"), model.layers[1]
    far.params[last.id, "W"] = numpy.zeros((2, 4), "f")
    assert not model.predict(X).any()
    last.set_param("b", numpy.ones(2, "f"))
    assert far.params[last.id, "b"].all() and model.predict(X).tolist() == [[1, 1]]
    last.set_grad("b", numpy.full(2, 3.0, "f"))
    assert far.grads[last.id, "b"].tolist() == [3, 3]


def test_an_optimizer_here_leaves_what_belongs_to_the_proxy():
    _, model, far = make_pair()
    run(model, numpy.ones((1, 3), "f"))
    before = {key: value.copy() for key, value in far.params.items()}
    model.finish_update(SGD(0.1))
    assert all((far.params[key] == value).all() for key, value in before.items())
