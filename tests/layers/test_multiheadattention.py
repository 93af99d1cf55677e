"""Attention equals torch in value and in every gradient, on every container."""

import numpy
import pytest
import torch
import torch.nn.functional as F

from thinc.api import MultiHeadAttention
from thinc.errors import ContainerError, ShapeError
from thinc.layers._mask import Mask, use_mask

from .against_torch import (
    BATCHES,
    close,
    compare,
    grad_of,
    in_batches,
    in_containers,
    in_dtypes,
    numbers,
    pack,
    randomized,
    sequences,
    tensors_of,
    unpack,
)


def split_heads(Z, n_heads):
    return Z.reshape(len(Z), n_heads, Z.shape[1] // n_heads).swapaxes(0, 1)


def torch_rotate(Z):
    """Complex numbers, as in eq. 13 of arXiv:2104.09864.  Z: (heads, length, nD)."""
    nT, nD = Z.shape[1:]
    speed = 10000.0 ** (-torch.arange(0, nD, 2, dtype=torch.float64) / nD)
    turns = torch.polar(torch.ones(nT, nD // 2, dtype=torch.float64), torch.outer(torch.arange(nT), speed))
    pairs = torch.view_as_complex(Z.reshape(*Z.shape[:2], nD // 2, 2).contiguous())
    return torch.view_as_real(pairs * turns).reshape(Z.shape)


def torch_attention(p, X, M, n_heads, is_causal=False, rotary=False):
    Q, K, V = (split_heads(F.linear(Z, p[f"W{c}"], p[f"b{c}"]), n_heads) for c, Z in (("q", X), ("k", M), ("v", M)))
    if rotary:
        Q, K = torch_rotate(Q), torch_rotate(K)
    if not len(M):
        return F.linear(Q.swapaxes(0, 1).flatten(1) * 0, p["Wo"], p["bo"])
    mask = torch.ones(len(X), len(M), dtype=torch.bool).tril() if is_causal else None
    Y = F.scaled_dot_product_attention(Q, K, V, attn_mask=mask)
    return F.linear(Y.swapaxes(0, 1).flatten(1), p["Wo"], p["bo"])


@in_containers
@in_batches
@in_dtypes
def test_self_attention(container, batch, dtype):
    model = randomized(MultiHeadAttention(6, 4, n_heads=2).initialize(X=[numbers(2, 4)]), dtype)
    compare(
        model, sequences(BATCHES[batch], 4), lambda p, Xs: [torch_attention(p, X, X, 2) for X in Xs], container, dtype
    )


@in_containers
@pytest.mark.parametrize("is_causal, rotary", [(True, False), (False, True), (True, True)])
@pytest.mark.parametrize("batch", ["ragged", "with empty"])
def test_causal_and_rotary_attention(container, is_causal, rotary, batch):
    model = MultiHeadAttention(8, 4, n_heads=2, is_causal=is_causal, rotary=rotary).initialize(X=[numbers(2, 4)])

    def reference(p, Xs):
        return [torch_attention(p, X, X, 2, is_causal, rotary) for X in Xs]

    compare(randomized(model, "float64"), sequences(BATCHES[batch], 4), reference, container)


def test_self_attention_is_torchs_own_layer():
    module = torch.nn.MultiheadAttention(6, 3, batch_first=True, dtype=torch.float64)
    torch.nn.init.normal_(module.in_proj_bias)
    model = MultiHeadAttention(6, n_heads=3).initialize(X=[numbers(2, 6)])
    for i, part in enumerate("qkv"):
        model.set_param(f"W{part}", module.in_proj_weight.detach().numpy()[6 * i : 6 * i + 6].copy())
        model.set_param(f"b{part}", module.in_proj_bias.detach().numpy()[6 * i : 6 * i + 6].copy())
    model.set_param("Wo", module.out_proj.weight.detach().numpy().copy())
    model.set_param("bo", module.out_proj.bias.detach().numpy().copy())
    Xs = sequences((4, 2, 5), 6)
    for X, Y in zip(Xs, model.predict(Xs)):
        close(Y, module(*[torch.tensor(X)[None]] * 3)[0][0], "float64", "Y")


def test_a_causal_row_does_not_see_what_comes_later():
    model = MultiHeadAttention(4, n_heads=2, is_causal=True).initialize(X=[numbers(2, 4).astype("f")])
    X = numbers(5, 4).astype("f")
    numpy.testing.assert_allclose(model.predict([X])[0][:3], model.predict([X[:3]])[0], atol=1e-6)


@pytest.mark.parametrize(
    "containers", [("list", "list"), ("ragged", "padded"), ("padded", "ragged"), ("padded", "padded")]
)
@pytest.mark.parametrize("lengths", [((3, 1, 4), (2, 5, 3)), ((2, 3), (4, 0)), ((0, 2), (3, 1)), ((2,), (3,))])
@pytest.mark.parametrize("is_causal", [False, True])
def test_cross_attention(containers, lengths, is_causal):
    Xs, Ms = sequences(lengths[0], 4), sequences(lengths[1], 5, seed=1)
    model = MultiHeadAttention(6, n_heads=3, is_causal=is_causal)
    model = randomized(model.initialize(X=(Xs, Ms), Y=[numbers(1, 6)]), "float64")
    params = tensors_of(model)
    named = {name: value for (_, name), value in params.items()}
    ins, mems = ([torch.tensor(Z, requires_grad=True) for Z in part] for part in (Xs, Ms))
    expected = [torch_attention(named, X, M, 3, is_causal) for X, M in zip(ins, mems)]
    dYs = [numbers(*Y.shape, seed=i + 5) for i, Y in enumerate(expected)]
    sum((Y * torch.tensor(dY)).sum() for Y, dY in zip(expected, dYs)).backward()
    X, M = (pack(part, kind, "float64") for part, kind in zip((Xs, Ms), containers))
    Y, backprop = model.begin_update((X, M))
    dX, dM = backprop(pack(dYs, containers[0], "float64"))
    for found, want in ((Y, expected), (dX, map(grad_of, ins)), (dM, map(grad_of, mems))):
        for y, w in zip(unpack(found), want, strict=True):
            close(y, w, "float64", "cross")
    for (node, name), value in params.items():
        close(node.get_grad(name), value.grad, "float64", name)


def test_dropped_weights_are_dropped_in_the_gradient_too():
    model = MultiHeadAttention(4, n_heads=2, dropout=0.5).initialize(X=[numbers(2, 4).astype("f")])
    randomized(model, "float64")
    X, dY = numbers(5, 4), numbers(5, 4, seed=1)

    def run(x):
        numpy.random.seed(3)
        return model.begin_update([x])

    dX = run(X)[1]([dY])[0]
    assert not numpy.allclose(run(X)[0][0], model.predict([X])[0])
    for at in numpy.ndindex(X.shape):
        step = numpy.zeros_like(X)
        step[at] = 1e-6
        slope = ((run(X + step)[0][0] - run(X - step)[0][0]) * dY).sum() / 2e-6
        assert abs(slope - dX[at]) < 1e-6


def test_attention_says_what_is_wrong():
    with pytest.raises(ShapeError, match="nO=6 with 4 heads"):
        MultiHeadAttention(6, 4, n_heads=4).initialize()
    with pytest.raises(ShapeError, match="twice"):
        MultiHeadAttention(6, 4, n_heads=2, rotary=True).initialize()
    with pytest.raises(ShapeError, match="n_heads=0"):
        MultiHeadAttention(4, 4, n_heads=0)
    model = MultiHeadAttention(4, 4, n_heads=2).initialize()
    X = [numbers(2, 4).astype("f")]
    with pytest.raises(ContainerError, match="1 sequences and a memory of 2"):
        model.predict((X, X * 2))
    with pytest.raises(ContainerError, match="attention.*dict"):
        model.predict({})


def test_a_mask_in_use_limits_what_is_seen_and_ends_with_its_block():
    X = sequences((3, 3), 4)
    model = MultiHeadAttention(4, n_heads=2).initialize(X=pack(X, "ragged", "float64"))
    causal = MultiHeadAttention(4, n_heads=2, is_causal=True).from_bytes(model.to_bytes())
    batch = pack(X, "ragged", "float32")
    is_seen = numpy.tril(numpy.ones((1, 1, 3, 3), bool))

    with use_mask(Mask(is_seen)):
        masked = model.predict(batch)
    with use_mask(Mask(None, numpy.where(is_seen, 0.0, -1e30))):
        added = model.predict(batch)

    numpy.testing.assert_array_equal(masked.data, causal.predict(batch).data)
    numpy.testing.assert_array_equal(added.data, masked.data)
    assert abs(model.predict(batch).data - masked.data).max() > 0.01


def test_a_mask_of_another_shape_is_refused():
    X = pack(sequences((3, 3), 4), "ragged", "float32")
    model = MultiHeadAttention(4, n_heads=2).initialize(X=X)

    with (
        use_mask(Mask(numpy.ones((1, 1, 2, 2), bool))),
        pytest.raises(ShapeError, match=r"mask has the shape \[1, 1, 2, 2\]"),
    ):
        model.predict(X)


def test_values_as_long_as_the_keys_are_asked_for():
    X = sequences((3, 3), 4)
    model = MultiHeadAttention(4, n_heads=2).initialize(X=X)

    with pytest.raises(ContainerError, match=r"keys of the lengths \[3, 3\] and values of \[3, 2\]"):
        model.predict((X, X, sequences((3, 2), 4)))
