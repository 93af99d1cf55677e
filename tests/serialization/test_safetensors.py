"""Tensors leave and come back by name, in files that the reference implementation reads and writes."""

import json

import numpy
import pytest
import torch

from thinc.api import (
    Dropout,
    Linear,
    Model,
    PyTorchWrapper,
    Relu,
    Shim,
    chain,
    export_safetensors,
    import_safetensors,
)
from thinc.errors import ContainerError, DTypeError, LoadError
from thinc.serialization.safetensors import Tensor, decode, encode


def module(seed=0):
    torch.manual_seed(seed)
    return torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 2).bfloat16())


def mixed(seed=0):
    model = chain(Relu(4, 4), Dropout(0.2), PyTorchWrapper(module(seed)), Linear(2, 2)).initialize()
    rng = numpy.random.default_rng(seed)
    for node in model.walk():
        for name in node.param_names:
            node.set_param(name, rng.normal(size=node.get_param(name).shape).astype("f"))
    return model


def file_of(header, data=b"", size=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if size is None else size).to_bytes(8, "little") + text + data


def entry(dtype="F32", shape=(1,), begin=0, end=4):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


def test_a_mixed_model_comes_back_bit_equal(tmp_path):
    source, target = mixed(0), mixed(1)
    assert source.to_dict()["shims"] != target.to_dict()["shims"]
    export_safetensors(source, tmp_path / "a.safetensors")
    names = import_safetensors(target, tmp_path / "a.safetensors")

    assert "chain[0] > relu.W" in names and "chain[2] > pytorch.1.running_mean" in names
    assert "chain[2] > pytorch.2.weight" in names and len(names) == len(
        decode((tmp_path / "a.safetensors").read_bytes())
    )
    assert source.to_bytes() == target.to_bytes()


def test_equal_models_give_equal_files(tmp_path):
    export_safetensors(mixed(), tmp_path / "a")
    export_safetensors(mixed(), tmp_path / "b")

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_reference_implementation_reads_our_files(tmp_path):
    load_file = pytest.importorskip("safetensors.torch").load_file
    model = mixed()
    export_safetensors(model, tmp_path / "a.safetensors")
    loaded = load_file(tmp_path / "a.safetensors")
    state = model.layers[2].shims[0].read()

    assert torch.equal(loaded["chain[2] > pytorch.2.weight"], state["2.weight"])
    assert loaded["chain[2] > pytorch.2.weight"].dtype is torch.bfloat16
    numpy.testing.assert_array_equal(loaded["chain[3] > linear.b"].numpy(), model.layers[3].get_param("b"))


def test_a_torch_checkpoint_loads_into_a_wrapped_module(tmp_path):
    save_file = pytest.importorskip("safetensors.torch").save_file
    save_file(module(5).state_dict(), tmp_path / "torch.safetensors")
    check_checkpoint(tmp_path / "torch.safetensors", 5)


def check_checkpoint(path, seed):
    """By prefix into the layer, by path into the tree, and by a rule of the user's."""
    alone, inside, renamed = PyTorchWrapper(module(1)), mixed(1), mixed(2)
    import_safetensors(alone, path, prefix="pytorch.")
    import_safetensors(inside, path, prefix="chain[2] > pytorch.")
    import_safetensors(renamed, path, rename=lambda name: f"chain[2] > pytorch.{name}", strict=False)
    for model in (alone, inside.layers[2], renamed.layers[2]):
        for name, value in model.shims[0]._model.state_dict().items():
            assert torch.equal(value, module(seed).state_dict()[name])


def test_names_can_be_mapped_and_left_out(tmp_path):
    rows = {"w": Tensor("float32", [2, 2], bytes(16)), "junk": Tensor("int64", [], bytes(8))}
    (tmp_path / "a").write_bytes(encode(rows))
    model = Linear(2, 2).initialize()
    with pytest.raises(LoadError, match="missing 'linear.b'"):
        import_safetensors(model, tmp_path / "a", rename={"w": "linear.W", "junk": None})
    assert model.get_param("W").any()
    assert import_safetensors(
        model, tmp_path / "a", rename={"w": "W", "junk": None}, prefix="linear.", strict=False
    ) == ["linear.W"]
    assert not model.get_param("W").any()
    with pytest.raises(LoadError, match="two tensors"):
        import_safetensors(model, tmp_path / "a", rename=lambda name: "linear.W")


def test_everything_that_does_not_fit_is_listed_and_nothing_changes(tmp_path):
    model = mixed()
    before = model.to_bytes()
    rows = {
        "chain[0] > relu.W": Tensor("float64", [4, 4], bytes(128)),
        "chain[0] > relu.b": Tensor("float32", [4], bytes(16)),
        "chain[2] > pytorch.0.weight": Tensor("float32", [4, 3], bytes(48)),
        "chain[9] > other.W": Tensor("float32", [], bytes(4)),
    }
    (tmp_path / "a").write_bytes(encode(rows))
    with pytest.raises(LoadError) as caught:
        import_safetensors(model, tmp_path / "a")
    for text in ("missing 'chain[3] > linear.W'", "unexpected 'chain[9] > other.W'", "float64", "[4, 3] in the file"):
        assert text in str(caught.value)
    with pytest.raises(LoadError):
        import_safetensors(model, tmp_path / "a", strict=False)  # dtypes and shapes count all the same
    assert model.to_bytes() == before


def test_params_without_a_value_are_not_written_and_not_read(tmp_path):
    export_safetensors(Linear(2, 2), tmp_path / "a")
    assert decode((tmp_path / "a").read_bytes()) == {}
    export_safetensors(Linear(2, 2).initialize(), tmp_path / "a")
    with pytest.raises(LoadError, match="unexpected 'linear.W'"):
        import_safetensors(Linear(2, 2), tmp_path / "a")


def test_a_shim_that_lists_nothing_is_named(tmp_path):
    model = Model("strange", lambda model, X, is_train: (X, lambda dY: dY), shims=[Shim(None)])
    with pytest.raises(ContainerError, match="strange: Shim"):
        export_safetensors(model, tmp_path / "a")


def test_a_dtype_that_the_format_lacks_is_refused():
    with pytest.raises(DTypeError, match="complex128"):
        encode({"a": Tensor("complex128", [1], bytes(16))})


def test_every_shape_comes_back(tmp_path):
    rows = {
        "0-d": Tensor("float64", [], bytes(8)),
        "empty": Tensor("int8", [0, 3], b""),
        "bits": Tensor("bool", [3], b"\1\0\1"),
        "ä > [x]": Tensor("uint16", [1, 1], b"ab"),
    }
    assert decode(encode(rows)) == rows
    assert int.from_bytes(encode(rows)[:8], "little") % 8 == 0


HOSTILE = {
    "nothing": b"",
    "seven bytes": bytes(7),
    "oversized header": file_of({}, size=2**63),
    "header beyond the file": file_of({}, size=100),
    "header beyond the limit": file_of({}, size=100_000_001),
    "no map": file_of(b"[]"),
    "no JSON": file_of(b"{]"),
    "no text": file_of(b"{\xff}"),
    "deep": file_of(b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}"),
    "twice": file_of(
        b'{"a":' + json.dumps(entry()).encode() + b',"a":' + json.dumps(entry()).encode() + b"}", bytes(4)
    ),
    "entry is a list": file_of({"a": [1]}),
    "key too many": file_of({"a": {**entry(), "more": 1}}, bytes(4)),
    "unknown dtype": file_of({"a": entry("F33")}, bytes(4)),
    "dtype is a list": file_of({"a": entry(["F32"])}, bytes(4)),
    "negative shape": file_of({"a": entry(shape=(-1, -1))}, bytes(4)),
    "shape of floats": file_of({"a": entry(shape=(1.0,))}, bytes(4)),
    "shape of booleans": file_of({"a": entry(shape=(True,))}, bytes(4)),
    "overflowing shape": file_of({"a": entry(shape=(2**33, 2**33, 0, 2**63))}),
    "many axes": file_of({"a": entry(shape=[1] * 100)}, bytes(4)),
    "wrong length": file_of({"a": entry(shape=(2,))}, bytes(4)),
    "backwards": file_of({"a": entry(begin=4, end=0)}, bytes(4)),
    "three offsets": file_of({"a": {**entry(), "data_offsets": [0, 4, 4]}}, bytes(4)),
    "overlap": file_of({"a": entry(), "b": entry(begin=2, end=6)}, bytes(6)),
    "same place": file_of({"a": entry(), "b": entry()}, bytes(4)),
    "gap": file_of({"a": entry(), "b": entry(begin=8, end=12)}, bytes(12)),
    "beyond the end": file_of({"a": entry()}, bytes(3)),
    "bytes left": file_of({"a": entry()}, bytes(5)),
    "leading blank": file_of(b" {}"),
    "offset beyond 64 bits": file_of({"a": entry(begin=2**64, end=2**64 + 4)}, bytes(4)),
    "metadata of numbers": file_of({"__metadata__": {"a": 1}}),
    "metadata is a list": file_of({"__metadata__": ["a"]}),
    "100,000 tensors in one place": file_of({f"{i}": entry() for i in range(100_000)}, bytes(4)),
    "reversed": file_of(
        {"a": entry(begin=8, end=12), "b": entry(begin=4, end=8), "c": entry(begin=1, end=5)}, bytes(12)
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused(name, tmp_path):
    (tmp_path / "a").write_bytes(HOSTILE[name])
    model = Linear(1, 1).initialize()
    with pytest.raises(LoadError):
        import_safetensors(model, tmp_path / "a", strict=False)


def test_mutated_files_load_or_are_refused():
    rng, whole = numpy.random.default_rng(0), encode({name: Tensor("float32", [2], bytes(8)) for name in "abc"})
    refused = 0
    for _ in range(1000):
        data = bytearray(whole)
        data[rng.integers(len(data) - 24)] = rng.integers(256)
        try:
            decode(bytes(data)[: rng.integers(len(data)) if rng.random() < 0.2 else None])
        except LoadError:
            refused += 1
    assert 500 < refused < 1000
