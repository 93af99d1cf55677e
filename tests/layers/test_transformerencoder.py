"""The encoder is torch's own, and trains on every container."""

import numpy
import pytest
import torch
import torch.nn.functional as F

from thinc.api import Adam, Softmax, SoftmaxCrossentropy, TransformerEncoder, chain, registry, with_array
from thinc.errors import ShapeError
from thinc.types import Ragged

from .against_torch import (
    BATCHES,
    CONTAINERS,
    in_containers,
    pack,
    randomized,
    sequences,
    unpack,
)


def torch_encoder(model, nF, norm_first, activation, depth, is_causal=False):
    """torch's own layers with the weights of the blocks."""
    nodes = [node for node in model.walk(order="dfs_pre") if node.param_names]
    options = {"norm_first": norm_first, "activation": activation, "layer_norm_eps": 1e-8, "dropout": 0.0}
    layers = []
    for i in range(depth):
        block = nodes[5 * i : 5 * (i + 1)]
        layer = torch.nn.TransformerEncoderLayer(8, 2, nF, batch_first=True, dtype=torch.float64, **options)
        attention = layer.self_attn
        names = {"norm1": block[0 if norm_first else 1], "norm2": block[2 if norm_first else 4]}
        dense = (block[3], block[4]) if norm_first else (block[2], block[3])
        core = block[1 if norm_first else 0]
        with torch.no_grad():
            put(attention.in_proj_weight, numpy.concatenate([core.get_param(f"W{c}") for c in "qkv"]))
            put(attention.in_proj_bias, numpy.concatenate([core.get_param(f"b{c}") for c in "qkv"]))
            put(attention.out_proj.weight, core.get_param("Wo"))
            put(attention.out_proj.bias, core.get_param("bo"))
            for linear, node in zip((layer.linear1, layer.linear2), dense):
                put(linear.weight, node.get_param("W"))
                put(linear.bias, node.get_param("b"))
            for name, node in names.items():
                put(getattr(layer, name).weight, node.get_param("G"))
                put(getattr(layer, name).bias, node.get_param("b"))
        layers.append((layer, core, dense, names))
    return layers, nodes[-1] if norm_first else None


def put(target, value):
    target.copy_(torch.tensor(value))


@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
@in_containers
@pytest.mark.parametrize("is_causal", [False, True])
def test_transformer_is_torchs_encoder(norm_first, activation, container, is_causal):
    model = TransformerEncoder(
        8, depth=2, n_heads=2, nF=12, dropout=0.0, activation=activation, norm_first=norm_first, is_causal=is_causal
    )
    Xs = sequences((3, 1, 4), 8)
    randomized(model.initialize(X=pack(Xs, container, "float32")), "float64")
    layers, last = torch_encoder(model, 12, norm_first, activation, 2)
    dYs = sequences((3, 1, 4), 8, seed=7)
    inputs, expected = [torch.tensor(X, requires_grad=True) for X in Xs], []
    for X in inputs:
        H, mask = X[None], torch.nn.Transformer.generate_square_subsequent_mask(len(X), dtype=torch.float64)
        for layer, *_ in layers:
            H = layer(H, src_mask=mask if is_causal else None)
        if last is not None:
            G, b = (torch.tensor(last.get_param(name)) for name in "Gb")
            H = F.layer_norm(H, (8,), G, b, 1e-8)
        expected.append(H[0])
    sum((Y * torch.tensor(dY)).sum() for Y, dY in zip(expected, dYs)).backward()
    Y, backprop = model.begin_update(pack(Xs, container, "float64"))
    dX = backprop(pack(dYs, container, "float64"))
    pairs = [*zip(unpack(Y), expected), *zip(unpack(dX), [x.grad for x in inputs])]
    for layer, core, dense, names in layers:
        pairs.append((numpy.concatenate([core.get_grad(f"W{c}") for c in "qkv"]), layer.self_attn.in_proj_weight.grad))
        pairs.append((core.get_grad("bo"), layer.self_attn.out_proj.bias.grad))
        pairs += [
            (node.get_grad("W"), linear.weight.grad) for linear, node in zip((layer.linear1, layer.linear2), dense)
        ]
        pairs += [(node.get_grad("G"), getattr(layer, name).weight.grad) for name, node in names.items()]
    for found, want in pairs:
        want = want.detach().numpy()
        assert abs(found - want).max() <= 1e-5 * max(1.0, abs(want).max())


@pytest.mark.parametrize(
    "options", [{"activation": "swiglu", "norm": "rmsnorm", "rotary": True}, {"activation": "glu", "norm_first": False}]
)
def test_transformer_trains_on_every_container_and_on_nothing(options):
    model = TransformerEncoder(8, n_heads=2, **options)
    for container in CONTAINERS:
        for batch in BATCHES.values():
            X = pack(sequences(batch, 8), container, "float32")
            model.initialize(X=X)
            Y, backprop = model.begin_update(X)
            dX = backprop(Y)
            assert type(dX) is type(X)
            assert [y.shape for y in unpack(dX)] == [(n, 8) for n in batch]


def test_transformer_names_what_it_does_not_know():
    with pytest.raises(ValueError, match="activation='tanh'.*relu"):
        TransformerEncoder(8, activation="tanh")
    with pytest.raises(ValueError, match="norm='batchnorm'.*rmsnorm"):
        TransformerEncoder(8, norm="batchnorm")
    with pytest.raises(ShapeError, match="depth=0"):
        TransformerEncoder(8, depth=0)


BLOCKS = {
    "TransformerEncoder.v1": {"nO": 8, "n_heads": 2},
    "MultiHeadAttention.v1": {"n_heads": 2, "init_W": {"@initializers": "he_normal_init.v1"}},
    "GRU.v1": {"nO": 4, "bi": True},
    "Conv1d.v1": {"nO": 4, "kernel_size": 5},
    "BatchNorm.v1": {"momentum": 0.2},
}


@pytest.mark.parametrize("name", BLOCKS)
def test_a_config_builds_it(name):
    model = registry.resolve({"model": {"@layers": name, **BLOCKS[name]}})["model"]
    X = pack(sequences((3, 1), 8), "ragged", "float32")
    assert len(model.initialize(X=X).predict(X).lengths) == 2


def test_a_transformer_learns_what_needs_attention():
    """Each row is to name the first row of its sequence, which only attention can see."""
    numpy.random.seed(0)
    rng = numpy.random.default_rng(0)
    model = chain(TransformerEncoder(16, n_heads=2, rotary=True, is_causal=True, dropout=0.0), with_array(Softmax(4)))
    table, loss, optimizer, values = rng.normal(size=(4, 16)).astype("f"), SoftmaxCrossentropy(), Adam(0.005), []
    for step in range(60):
        lengths = rng.integers(2, 7, size=16).astype("i")
        ids = rng.integers(0, 4, size=int(lengths.sum()))
        truths = numpy.repeat(ids[numpy.cumsum(lengths) - lengths], lengths)
        X = Ragged(table[ids], lengths)
        guesses, backprop = (model if step else model.initialize(X=X)).begin_update(X)
        d, value = loss(guesses.data, truths)
        backprop(Ragged(d, lengths))
        model.finish_update(optimizer)
        values.append(float(value))
    assert sum(values[-5:]) < 0.3 * sum(values[:5])
