"""Small torch networks and batches for the tests of the torch shim."""

import numpy
import torch


def data(*shape):
    return numpy.random.default_rng(0).normal(size=shape).astype("f")


def net():
    """Two linear parts around a dropout that its user has frozen."""
    torch.manual_seed(0)
    drop = torch.nn.Dropout(0.5).eval()
    return torch.nn.Sequential(torch.nn.Linear(3, 4), drop, torch.nn.Linear(4, 2))


def tied():
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.Linear(3, 3))
    module[1].weight = module[0].weight
    return module


def noisy():
    """Answers differ wherever dropout or batch statistics are used by mistake."""
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Linear(3, 16), torch.nn.BatchNorm1d(16), torch.nn.Dropout(0.5), torch.nn.Linear(16, 2)
    )


def flags(module):
    return [part.training for part in module.modules()]


class Calls(torch.nn.Module):
    """The network that a function and some parts make."""

    def __init__(self, call, *parts):
        super().__init__()
        self.parts = torch.nn.ModuleList(parts)
        self.call = call

    def forward(self, *args, **kwargs):
        return self.call(*self.parts, *args, **kwargs)
