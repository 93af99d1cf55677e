"""Torch modules of random sizes, each with a batch for it: at least twenty architectures."""

from dataclasses import dataclass
from typing import Any

import numpy
from torch import nn

from thinc.api import ArgsKwargs

ACTIVATIONS = (
    nn.ReLU(), nn.ReLU6(), nn.LeakyReLU(0.2), nn.ELU(0.7), nn.SELU(), nn.GELU(), nn.GELU("tanh"), nn.SiLU(), nn.Mish(),
    nn.Hardswish(), nn.Hardsigmoid(), nn.Hardtanh(-0.5, 0.7), nn.Sigmoid(), nn.Tanh(), nn.Softplus(2.0), nn.Softmax(-1),
    nn.LogSoftmax(-1), nn.GLU(-1),
)  # fmt: skip


@dataclass
class Case:
    """A module and what it takes. sees: the rows of the output that count."""

    module: Any
    X: Any
    sees: Any = None


class Sizes:
    """Random sizes and numbers from one seed."""

    def __init__(self, seed, dtype):
        self.rng, self.dtype = numpy.random.default_rng(seed), dtype
        self.nB, self.nT, self.nS, self.nI, self.nO, self.nF = (int(n) for n in self.rng.integers(2, 7, 6))
        self.n_heads = int(self.rng.integers(1, 4))
        # Norms of one or two features multiply roundings by hundreds, in torch as here.
        self.nM = self.n_heads * int(self.rng.integers(5, 8))
        self.depth = int(self.rng.integers(1, 4))

    def floats(self, *shape):
        return self.rng.normal(size=shape).astype(self.dtype)

    def ids(self, *shape, nV=9):
        return self.rng.integers(0, nV, shape)

    def sequences(self, batch_first, nI=None):
        shape = (self.nB, self.nT) if batch_first else (self.nT, self.nB)
        return self.floats(*shape, self.nI if nI is None else nI)

    def padding(self):
        """(nB, nT), true where a row is not to be seen; each sequence has a row that is."""
        mask = self.rng.random((self.nB, self.nT)) < 0.4
        mask[:, 0] = False
        return mask

    def attention_mask(self, nS=None):
        """(nT, nS), true where a row doesn't see another."""
        return numpy.triu(numpy.ones((self.nT, nS or self.nT), bool), 1)


def mlp(n):
    return Case(nn.Sequential(nn.Linear(n.nI, n.nF), nn.ReLU(), nn.Linear(n.nF, n.nO)), n.floats(n.nB, n.nI))


def deep_mlp(n):
    blocks = [nn.Sequential(nn.Linear(n.nM, n.nM, bias=False), nn.LayerNorm(n.nM), nn.GELU("tanh")) for _ in range(4)]
    return Case(nn.Sequential(*blocks, nn.Softmax(dim=1)), n.floats(n.nB, n.nM))


def rows_of_sequences(n):
    layers = [nn.Linear(n.nI, n.nF), nn.Mish(), nn.RMSNorm(n.nF), nn.Dropout(0.0), nn.Linear(n.nF, n.nO)]
    return Case(nn.Sequential(*layers), n.floats(n.nB, n.nT, n.nI))


def every_activation(n):
    layers = [layer for act in ACTIVATIONS[:-1] for layer in (act, nn.Linear(n.nI, n.nI))]
    return Case(nn.Sequential(*layers), n.floats(n.nB, n.nI))


def gated(n):
    layers = [nn.Linear(n.nI, 2 * n.nF), nn.GLU(), nn.Linear(n.nF, n.nO), nn.Tanh()]
    return Case(nn.Sequential(*layers), n.floats(n.nB, n.nT, n.nI))


def batch_norm_mlp(n):
    layers = [nn.Linear(n.nI, n.nF), nn.BatchNorm1d(n.nF, momentum=0.3), nn.SiLU(), nn.Linear(n.nF, n.nO)]
    return Case(nn.Sequential(*layers), n.floats(8, n.nI))


def norms_without_weights(n):
    layers = [
        nn.LayerNorm(n.nM, elementwise_affine=False), nn.RMSNorm(n.nM, 1e-3, False), nn.LayerNorm(n.nM, 1e-3, bias=False),
        nn.Linear(n.nM, n.nO), nn.BatchNorm1d(n.nO, affine=False),
    ]  # fmt: skip
    return Case(nn.Sequential(*layers), n.floats(8, n.nM))


def embedded(n):
    layers = [nn.Embedding(9, n.nI, padding_idx=int(n.rng.integers(9))), nn.Linear(n.nI, n.nO), nn.Hardtanh()]
    return Case(nn.Sequential(*layers), n.ids(n.nB, n.nT))


def convolutions(n):
    layers = [
        nn.Conv1d(n.nI, n.nF, 3, padding="same"), nn.BatchNorm1d(n.nF), nn.ReLU6(), nn.Conv1d(n.nF, 2 * n.nO, 2, stride=2),
        nn.GLU(dim=1), nn.Conv1d(n.nO, n.nO, 2, dilation=2, padding=1, bias=False),
    ]  # fmt: skip
    return Case(nn.Sequential(*layers), n.floats(n.nB, n.nI, n.nT + 6))


def one_convolved_sequence(n):
    return Case(nn.Sequential(nn.Conv1d(n.nI, n.nO, 5, padding="same"), nn.Sigmoid()), n.floats(n.nI, n.nT + 4))


def classifier_of_sequences(n):
    """Pooling and Flatten have no converter: they are wrapped between native layers."""
    layers = [nn.Conv1d(n.nI, n.nF, 2), nn.ReLU(), nn.AdaptiveMaxPool1d(2), nn.Flatten(), nn.Linear(2 * n.nF, n.nO)]
    return Case(nn.Sequential(*layers), n.floats(n.nB, n.nI, n.nT + 3))


def recurrent(make, **settings):
    def case(n):
        module = make(n.nI, n.nO, n.depth, **settings)
        return Case(module, n.sequences(module.batch_first))

    return case


def one_recurrent_sequence(n):
    return Case(nn.LSTM(n.nI, n.nO, n.depth, bidirectional=True), n.floats(n.nT, n.nI))


def recurrent_without_biases(n):
    return Case(nn.GRU(n.nI, n.nO, n.depth, bias=False), n.sequences(False))


def tagger(n):
    return Case(nn.Sequential(nn.Embedding(9, n.nI), nn.GRU(n.nI, n.nO, batch_first=True)), n.ids(n.nB, n.nT))


def self_attention(batch_first):
    def case(n):
        X = n.sequences(batch_first, n.nM)
        arguments = {"attn_mask": n.attention_mask(), "key_padding_mask": n.padding()}
        return Case(nn.MultiheadAttention(n.nM, n.n_heads, batch_first=batch_first), ArgsKwargs((X, X, X), arguments))

    return case


def cross_attention(n):
    module = nn.MultiheadAttention(n.nM, n.n_heads, kdim=n.nI, vdim=n.nI)
    return Case(module, (n.sequences(False, n.nM), n.floats(n.nS, n.nB, n.nI), n.floats(n.nS, n.nB, n.nI)))


def attention_with_added_mask(n):
    module = nn.MultiheadAttention(n.nM, n.n_heads, bias=False, batch_first=True)
    mask = n.floats(n.nB * n.n_heads, n.nT, n.nT)
    mask[:, n.attention_mask()] = -numpy.inf
    return Case(module, ArgsKwargs((n.sequences(True, n.nM),) * 3, {"attn_mask": mask}))


def one_attended_sequence(n):
    return Case(nn.MultiheadAttention(n.nM, n.n_heads), (n.floats(n.nT, n.nM),) * 3)


def block(n, **settings):
    return nn.TransformerEncoderLayer(n.nM, n.n_heads, n.nF, dropout=0.0, **settings)


def encoder_layer(n):
    module = block(n, batch_first=True, norm_first=True, activation="gelu")
    return Case(module, ArgsKwargs((n.sequences(True, n.nM),), {"src_key_padding_mask": n.padding()}))


def encoder(batch_first, norm_first):
    def case(n):
        layer = block(n, batch_first=batch_first, norm_first=norm_first, activation=nn.SiLU(), layer_norm_eps=1e-3)
        norm = nn.LayerNorm(n.nM) if norm_first else None
        module = nn.TransformerEncoder(layer, n.depth, norm, enable_nested_tensor=False)
        masks = {"mask": n.attention_mask(), "src_key_padding_mask": n.padding()}
        sees = ~masks["src_key_padding_mask"]
        return Case(module, ArgsKwargs((n.sequences(batch_first, n.nM),), masks), sees if batch_first else sees.T)

    return case


def one_encoded_sequence(n):
    return Case(nn.TransformerEncoder(block(n, bias=False), 2, enable_nested_tensor=False), n.floats(n.nT, n.nM))


def language_model(n):
    body = nn.TransformerEncoder(block(n, batch_first=True), n.depth, enable_nested_tensor=False)
    return Case(nn.Sequential(nn.Embedding(9, n.nM), body, nn.Linear(n.nM, 9), nn.LogSoftmax(-1)), n.ids(n.nB, n.nT))


ARCHITECTURES = {
    "mlp": mlp,
    "deep mlp": deep_mlp,
    "rows of sequences": rows_of_sequences,
    "every activation": every_activation,
    "gated": gated,
    "batch norm mlp": batch_norm_mlp,
    "norms without weights": norms_without_weights,
    "embedded": embedded,
    "convolutions": convolutions,
    "one convolved sequence": one_convolved_sequence,
    "classifier of sequences": classifier_of_sequences,
    "GRU": recurrent(nn.GRU),
    "GRU, batch first": recurrent(nn.GRU, batch_first=True),
    "GRU, both directions": recurrent(nn.GRU, bidirectional=True),
    "LSTM": recurrent(nn.LSTM),
    "LSTM, batch first": recurrent(nn.LSTM, batch_first=True),
    "LSTM, both directions": recurrent(nn.LSTM, bidirectional=True, batch_first=True),
    "one recurrent sequence": one_recurrent_sequence,
    "GRU without biases": recurrent_without_biases,
    "tagger": tagger,
    "self-attention": self_attention(False),
    "self-attention, batch first": self_attention(True),
    "cross-attention": cross_attention,
    "attention with an added mask": attention_with_added_mask,
    "one attended sequence": one_attended_sequence,
    "encoder layer": encoder_layer,
    "encoder": encoder(False, False),
    "encoder, batch first": encoder(True, False),
    "encoder, norm first": encoder(False, True),
    "encoder, both first": encoder(True, True),
    "one encoded sequence": one_encoded_sequence,
    "language model": language_model,
}


def make(name, seed, dtype="float32"):
    return ARCHITECTURES[name](Sizes(seed, dtype))
