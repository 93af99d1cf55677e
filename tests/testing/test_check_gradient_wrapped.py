"""check_gradient names the parameter of a wrapped module that is off."""

import numpy
import pytest
import torch

from thinc.api import Linear, PyTorchWrapper, chain
from thinc.testing import GradientError, check_gradient


def numbers(*shape):
    return numpy.random.default_rng(0).normal(size=shape).astype("float32")


def test_a_right_module_passes():
    module = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.Tanh(), torch.nn.Dropout(0.3), torch.nn.Linear(5, 3))
    check_gradient(chain(Linear(4, 6), PyTorchWrapper(module), Linear(2, 3)).initialize(), numbers(5, 6))


def test_the_parameter_that_is_off_is_named():
    class Detached(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = torch.nn.Linear(4, 4), torch.nn.Linear(4, 4)

        def forward(self, X):
            return self.one(X) + self.two(X).detach()

    with pytest.raises(GradientError) as caught:
        check_gradient(chain(Linear(4, 6), PyTorchWrapper(Detached())).initialize(), numbers(5, 6))
    wrong = {mismatch.where for mismatch in caught.value.mismatches}
    assert {"chain[1] > pytorch.two.weight", "chain[1] > pytorch.two.bias"} <= wrong
    assert not any(".one." in where for where in wrong)
