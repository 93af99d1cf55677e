"""The models of `layers.py` in raw torch, with its fused Adam."""

import numpy
import torch
from layers import WORDS, features, some

torch.set_num_threads(1)


class Embed(torch.nn.Module):
    """Four tables, four rows each per word; the rows are found by numpy beforehand."""

    def __init__(self, width, rows):
        super().__init__()
        self.tables = torch.nn.ModuleList(torch.nn.EmbeddingBag(n, width, mode="sum") for n in rows)

    def forward(self, ids):
        return torch.cat([table(ids[:, i]) for i, table in enumerate(self.tables)], dim=1)


class Maxout(torch.nn.Module):
    def __init__(self, nO, nI, nP=3):
        super().__init__()
        self.affine, self.nP = torch.nn.Linear(nI, nO * nP), nP

    def forward(self, X):
        return self.affine(X).view(len(X), -1, self.nP).amax(dim=2)


class Block(torch.nn.Module):
    """Windows of three, maxout, LayerNorm, dropout; added to what came in."""

    def __init__(self, width):
        super().__init__()
        self.maxout, self.norm, self.dropout = (
            Maxout(width, width * 3),
            torch.nn.LayerNorm(width),
            torch.nn.Dropout(0.1),
        )

    def forward(self, X):
        blank = X.new_zeros(1, X.shape[1])
        windows = torch.cat([torch.cat([blank, X[:-1]]), X, torch.cat([X[1:], blank])], dim=1)
        return X + self.dropout(self.norm(self.maxout(windows)))


def tok2vec(n):
    rows, width = [5000, 1000, 2500, 2500], 96
    mix = [Maxout(width, width * 4), torch.nn.LayerNorm(width), torch.nn.Dropout(0.1)]
    model = torch.nn.Sequential(Embed(width, rows), *mix, *(Block(width) for _ in range(4)), torch.nn.Linear(width, 50))
    keys = features(n)
    ids = numpy.stack([(keys[:, i, None] * numpy.arange(1, 5, dtype="uint64")) % r for i, r in enumerate(rows)], axis=1)
    return model, torch.from_numpy(ids.astype("int64"))


def training(model, X, dY):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001, fused=True)
    model.train()

    def step():
        optimizer.zero_grad(set_to_none=False)
        torch.nn.functional.softmax(model(X), dim=-1).backward(dY)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    return step


def predicting(model, X):
    model.eval()

    def predict():
        with torch.inference_mode():
            return torch.nn.functional.softmax(model(X), dim=-1)

    return predict


def tok2vec_case(train, n=WORDS):
    model, X = tok2vec(n)
    return training(model, X, torch.from_numpy(some(n, 50) * 0.01)) if train else predicting(model, X)


def mlp_case(name, train):
    def layer(nI):
        if name == "Maxout":
            return [Maxout(128, nI)]
        return [torch.nn.Linear(nI, 128), torch.nn.ReLU() if name == "Relu" else torch.nn.Mish()]

    model = torch.nn.Sequential(*layer(784), *layer(128), torch.nn.Linear(128, 10))
    X = torch.from_numpy(some(1280, 784))
    if not train:
        return predicting(model, X)
    steps = [training(model, X[i : i + 128], torch.from_numpy(some(128, 10) * 0.01)) for i in range(0, 1280, 128)]
    return lambda: [step() for step in steps]


def torch_cases():
    found = {}
    for train in (False, True):
        verb = "train" if train else "predict"
        found[f"tok2vec-{verb}"] = lambda train=train: tok2vec_case(train)
        found[f"tok2vec-{verb}-200words"] = lambda train=train: tok2vec_case(train, 200)
        for name in ("Relu", "Mish", "Maxout"):
            found[f"mlp-{name}-{verb}"] = lambda name=name, train=train: mlp_case(name, train)
    return found
