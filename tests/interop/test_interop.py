"""Arrays cross to torch and back without misreading, copying or corrupting."""

import random
import subprocess
import sys
from collections import OrderedDict, namedtuple

import numpy as np
import pytest
import torch

from thinc.errors import BorderError, MissingFrameworkError
from thinc.interop import (
    Framework,
    convert_recursive,
    copy_array,
    fix_random_seed,
    get_array_module,
    is_cupy_array,
    is_mxnet_array,
    is_numpy_array,
    is_tensorflow_array,
    is_torch_array,
    is_torch_gpu_array,
    is_xp_array,
    iterate_recursive,
    pytorch_allocator,
    shareable,
    tensorflow_allocator,
    to_numpy,
)
from thinc.types import ArgsKwargs

TORCH = Framework("torch", "torch.from_dlpack", release=lambda t: t.detach().resolve_conj().resolve_neg())
BASE = np.arange(24, dtype="f").reshape(2, 3, 4)


def readonly(array):
    array = array.copy()
    array.flags.writeable = False
    return array


def misaligned(dtype="f"):
    return np.frombuffer(bytearray(b"\0" + BASE.astype(dtype).tobytes()), dtype=dtype, offset=1)


def field():
    records = np.zeros(4, dtype=[("tag", "u1"), ("x", "f4")])
    records["x"] = [1, 2, 3, 4]
    return records["x"]


SHARED = {
    "dense": BASE,
    "offset": BASE[1:],
    "columns": BASE[:, :, 1:3],
    "steps": BASE[::1, ::2, ::3],
    "transposed": BASE.T,
    "fortran": np.asfortranarray(BASE),
    "scalar": np.array(3.0),
    "empty": np.zeros((0, 3), dtype="f"),
    "one": np.ones((1, 1), dtype="f"),
    "bool": np.array([True, False]),
    "complex": np.array([1 + 2j]),
    **{name: np.arange(6, dtype=name) for name in ("f2", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8")},
}
COPIED = {
    "backwards": BASE[::-1],
    "backwards_inside": BASE[:, :, ::-1],
    "backwards_one": BASE[:1][::-1],
    "broadcast": np.broadcast_to(np.float32([1, 2]), (3, 2)),
    "windows": np.lib.stride_tricks.sliding_window_view(BASE.ravel(), 3),
    "readonly": readonly(BASE),
    "swapped": BASE.astype(">f4"),
    "swapped_int": np.arange(3, dtype=">i8"),
    "misaligned": misaligned(),
    "field": field(),
    "readonly_empty": readonly(BASE[:0]),
}


@pytest.mark.parametrize("name", SHARED)
def test_plain_layouts_keep_their_memory_both_ways(name):
    array = SHARED[name]
    tensor = TORCH.take(array)
    assert tensor.tolist() == array.tolist() and tuple(tensor.shape) == array.shape
    if array.size:
        assert tensor.data_ptr() == array.__array_interface__["data"][0]
    back = TORCH.give(tensor)
    assert back.dtype == array.dtype and back.shape == array.shape and back.tolist() == array.tolist()
    if array.size:
        assert back.__array_interface__["data"][0] == tensor.data_ptr()


# In a process of its own: a layout that slips through makes torch abort.
@pytest.mark.parametrize("part", [["backwards", "backwards_inside", "backwards_one"]])
def test_backwards_memory_does_not_abort_the_process(part):
    code = "import test_interop as t\nfor name in %r:\n    t.check_copied(name)\nprint('survived')" % (part,)  # noqa: UP031  # braces would clash
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=__file__.rpartition("/")[0],
        env=_environment(),
        capture_output=True,
        text=True,
    )
    assert run.stdout.strip() == "survived", run.stderr


@pytest.mark.parametrize("name", [name for name in COPIED if not name.startswith("backwards")])
def test_odd_layouts_are_copied_and_never_written(name):
    check_copied(name)


def check_copied(name):
    array = COPIED[name]
    before = array.tolist()
    tensor = TORCH.take(array)
    assert tensor.tolist() == before
    if tensor.numel():
        tensor.add_(1)
    assert array.tolist() == before
    assert TORCH.give(tensor).shape == array.shape


def _environment():
    import os

    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


@pytest.mark.parametrize(
    "tensor",
    [
        torch.arange(6.0).reshape(2, 3).T,
        torch.ones(3, 1).expand(3, 2),
        torch.ones(2, requires_grad=True),
        torch.tensor(1.0),
        torch.zeros(0, 2),
        torch.tensor([1 + 2j]).conj(),
        torch.tensor([1 + 2j]).conj().imag,
        torch.arange(6)[::2],
    ],
    ids=lambda t: f"{t.dtype}{tuple(t.shape)}",
)
def test_tensors_of_any_layout_are_read_right(tensor):
    array = TORCH.give(tensor)
    assert array.tolist() == tensor.detach().tolist()
    assert tuple(array.shape) == tuple(tensor.shape)


@pytest.mark.parametrize(
    "array",
    [
        np.array([object()]),
        np.array(["a"]),
        np.array([b"a"]),
        np.zeros(1, dtype="M8[s]"),
        np.zeros(1, dtype=[("a", "f4")]),
        np.zeros(1, dtype="g"),
        np.zeros(1, dtype="V3"),
    ],
    ids=lambda a: str(a.dtype),
)
def test_values_that_are_no_numbers_are_refused(array):
    with pytest.raises(BorderError, match="Convert it"):
        TORCH.take(array)


@pytest.mark.parametrize("tensor", [torch.zeros(1, dtype=torch.bfloat16), torch.eye(2).to_sparse()])
def test_tensors_that_numpy_cannot_hold_are_refused(tensor):
    with pytest.raises(BorderError, match="numpy can't take"):
        TORCH.give(tensor)


@pytest.mark.parametrize(
    "array",
    [BASE, BASE.T, BASE[:, 1:], readonly(BASE), misaligned(), np.array(1.0), np.zeros((0, 2))],
    ids=lambda a: str(a.shape),
)
def test_dense_and_aligned_copies(array):
    safe = shareable(array, dense=True, alignment=64)
    assert safe.flags.c_contiguous and safe.flags.writeable and safe.__array_interface__["data"][0] % 64 == 0
    assert safe.tolist() == array.tolist() and safe.shape == array.shape


def test_framework_knows_its_arrays_and_its_absence():
    assert TORCH.owns(torch.ones(1)) and not TORCH.owns(np.ones(1))
    with pytest.raises(MissingFrameworkError):
        Framework("nosuch", "nosuch.dlpack.from_dlpack").take(BASE)


def test_array_module_names_the_type_it_refuses():
    assert get_array_module(BASE) is np
    with pytest.raises(ValueError) as error:
        get_array_module(0)
    assert str(error.value) == (
        "Only numpy and cupy arrays are supported, but found <class 'int'> instead. If get_array_module module "
        "wasn't called directly, this might indicate a bug in Thinc."
    )


def test_predicates_tell_libraries_apart():
    tensor = torch.nn.Parameter(torch.ones(1))
    assert is_torch_array(tensor) and not is_torch_gpu_array(tensor) and not is_xp_array(tensor)
    assert is_numpy_array(BASE) and is_xp_array(BASE) and not is_torch_array(BASE)
    assert not any(
        is_it(thing) for is_it in (is_cupy_array, is_mxnet_array, is_tensorflow_array) for thing in (BASE, tensor, 1)
    )


def test_to_numpy_and_copy_array():
    assert to_numpy(BASE) is BASE and to_numpy([1, 2]).tolist() == [1, 2]
    assert to_numpy(torch.ones(2, requires_grad=True)).tolist() == [1, 1]
    for source, target in ((BASE, np.zeros_like(BASE)), (np.array(2.0), np.zeros(()))):
        copy_array(target, source)
        assert (target == source).all()


Point = namedtuple("Point", "x y")


def test_conversion_keeps_the_containers():
    is_int = lambda value: isinstance(value, int)  # noqa: E731
    nested = [1, (2, "a"), {(3, "k"): [4]}, Point(5, None), ArgsKwargs((6,), {"z": 7}), OrderedDict(a=8)]
    found = list(iterate_recursive(lambda value: isinstance(value, int) and value > 0, nested))
    assert found == [1, 2, 3, 4, 5, 6, 7, 8]
    floats = lambda value: value + 0.5  # noqa: E731
    plain = convert_recursive(is_int, floats, nested[:4] + nested[5:])
    assert plain == [1.5, (2.5, "a"), {(3.5, "k"): [4.5]}, Point(5.5, None), OrderedDict(a=8.5)]
    assert [type(value) for value in plain] == [float, tuple, dict, Point, OrderedDict]
    call = convert_recursive(is_numpy_array, TORCH.take, ArgsKwargs((BASE,), {"z": [BASE]}))
    assert is_torch_array(call.args[0]) and is_torch_array(call.kwargs["z"][0])


def test_conversion_of_a_call_keeps_positions_apart_from_values():
    call = convert_recursive(lambda value: isinstance(value, int), lambda value: -value, ArgsKwargs((6, 5), {"z": 7}))
    assert call == ArgsKwargs((-6, -5), {"z": -7})


@pytest.mark.parametrize("seed", [0, 5, -1, 2**40])
def test_seed_repeats_every_generator(seed):
    draws = []
    for _ in range(2):
        fix_random_seed(seed)
        draws.append((random.random(), np.random.rand(), torch.rand(1).item()))
    assert draws[0] == draws[1]


def test_gpu_memory_needs_its_framework():
    for allocator in (pytorch_allocator, tensorflow_allocator):
        with pytest.raises(ImportError, match="cupy"):
            allocator(8)


def test_importing_thinc_imports_no_framework():
    code = "import sys, thinc, thinc.interop, thinc.types, thinc.compat; print([n for n in ('torch', 'cupy', 'jax', 'tensorflow') if n in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], env=_environment(), capture_output=True, text=True)
    assert run.stdout.strip() == "[]", run.stderr


def test_flags_are_computed_when_read():
    from thinc import compat

    assert compat.has_torch is True and compat.torch is torch and compat.torch_version.release >= (2, 0)
    assert compat.has_gpu == (compat.has_cupy_gpu or compat.has_torch_mps_gpu)
    for name in dir(compat):
        getattr(compat, name)
    with pytest.raises(AttributeError):
        compat.no_such_flag
    with pytest.warns(DeprecationWarning):
        compat.enable_mxnet()
