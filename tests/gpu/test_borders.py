"""Arrays pass between CuPy and the frameworks on the device: the same memory, never a stale value."""

import numpy
import pytest

from thinc.backends import CupyOps, get_array_ops
from thinc.shims import jax2xp, tensorflow2xp, torch2xp, xp2jax, xp2tensorflow, xp2torch

pytestmark = pytest.mark.needs_device
LONG = 200  # additions to 64 MB: some milliseconds


def test_torch_shares_memory_both_ways(cupy, torch):
    X = cupy.arange(6, dtype="f").reshape(2, 3)
    T = xp2torch(X)
    assert T.data_ptr() == X.data.ptr and T.device == torch.device("cuda", X.device.id)
    assert torch2xp(T).data.ptr == X.data.ptr


def test_bfloat16_is_widened_on_the_device(cupy, torch):
    Y = torch2xp(torch.ones(3, dtype=torch.bfloat16, device="cuda"))
    assert isinstance(Y, cupy.ndarray) and Y.dtype == "float32"


def test_jax_shares_memory_both_ways(cupy, jax):
    X = cupy.arange(6, dtype="f")
    J = xp2jax(X)
    assert J.unsafe_buffer_pointer() == X.data.ptr
    assert jax2xp(J).data.ptr == X.data.ptr


def test_tensorflow_shares_memory_both_ways(cupy, tensorflow):
    X = cupy.arange(6, dtype="f")
    T = xp2tensorflow(X, requires_grad=True)
    assert "GPU" in T.device
    assert tensorflow2xp(T).data.ptr == X.data.ptr


def test_torch_waits_for_a_long_kernel_of_cupy(cupy, torch):
    X = cupy.zeros(1 << 24, "f")
    cupy.cuda.Device().synchronize()
    with cupy.cuda.Stream(non_blocking=True), torch.cuda.stream(torch.cuda.Stream()):
        for _ in range(LONG):
            X += 1
        T = xp2torch(X).clone()
        assert float(T.min()) == LONG


def test_cupy_waits_for_a_long_kernel_of_torch(cupy, torch):
    T = torch.zeros(1 << 24, device="cuda")
    torch.cuda.synchronize()
    with cupy.cuda.Stream(non_blocking=True), torch.cuda.stream(torch.cuda.Stream()):
        for _ in range(LONG):
            T += 1
        X = torch2xp(T).copy()
        assert float(X.min()) == LONG


def test_memory_of_cupy_is_not_reused_before_torch_has_read_it(cupy, torch):
    with cupy.cuda.Stream(non_blocking=True), torch.cuda.stream(torch.cuda.Stream()):
        X = cupy.full(1 << 24, 3, "f")
        Y = torch.zeros(1 << 24, device="cuda")
        T = xp2torch(X)
        for _ in range(LONG):
            Y += 1
        Y += T
        del X, T
        others = [cupy.full(1 << 24, 9, "f") for _ in range(4)]
        assert float(Y.min()) == float(Y.max()) == LONG + 3
        del others


def test_memory_of_torch_is_not_reused_before_cupy_has_read_it(cupy, torch):
    with cupy.cuda.Stream(non_blocking=True), torch.cuda.stream(torch.cuda.Stream()):
        T = torch.full((1 << 24,), 3.0, device="cuda")
        Y = cupy.zeros(1 << 24, "f")
        X = torch2xp(T)
        for _ in range(LONG):
            Y += 1
        Y += X
        del X, T
        others = [torch.full((1 << 24,), 9.0, device="cuda") for _ in range(4)]
        assert float(Y.min()) == float(Y.max()) == LONG + 3
        del others


def test_cupy_waits_for_tensorflow(cupy, tensorflow):
    with cupy.cuda.Stream(non_blocking=True):
        T = tensorflow.zeros(1 << 24)
        for _ in range(LONG):
            T = T + 1
        assert float(tensorflow2xp(T).min()) == LONG


def test_tensorflow_waits_for_a_long_kernel_of_cupy(cupy, tensorflow):
    X = cupy.zeros(1 << 24, "f")
    cupy.cuda.Device().synchronize()
    with cupy.cuda.Stream(non_blocking=True):
        for _ in range(LONG):
            X += 1
        assert float(tensorflow.reduce_min(xp2tensorflow(X))) == LONG


@pytest.mark.parametrize("framework", ["torch", "jax", "tensorflow"])
def test_ops_take_arrays_of_the_device_without_a_copy(cupy, request, framework):
    module, ops = request.getfixturevalue(framework), CupyOps()
    ones = (module.numpy if framework == "jax" else module).ones(1024)
    value = ones.cuda() if framework == "torch" else ones
    first, second = ops.asarray(value), ops.asarray(value)
    assert isinstance(first, cupy.ndarray) and first.data.ptr == second.data.ptr


def test_jax_waits_for_a_long_kernel_of_cupy(cupy, jax):
    X = cupy.zeros(1 << 24, "f")
    cupy.cuda.Device().synchronize()
    with cupy.cuda.Stream(non_blocking=True):
        for _ in range(LONG):
            X += 1
        assert float(xp2jax(X).min()) == LONG


def test_cupy_waits_for_jax(cupy, jax):
    @jax.jit
    def count(J):
        return jax.lax.fori_loop(0, LONG, lambda _, K: K + 1, J)

    with cupy.cuda.Stream(non_blocking=True):
        assert float(jax2xp(count(jax.numpy.zeros(1 << 24, "f"))).min()) == LONG


@pytest.mark.parametrize("gpu", [0, 1])
def test_arrays_stay_on_their_gpu(cupy, torch, gpu):
    if cupy.cuda.runtime.getDeviceCount() <= gpu:
        pytest.skip("there is one GPU only")
    with cupy.cuda.Device(gpu):
        X = cupy.ones(3, "f")
    T = xp2torch(X)
    assert T.device.index == gpu and torch2xp(T).device.id == gpu
    assert get_array_ops(X).relu(X).device.id == gpu


def test_host_arrays_go_where_they_are_asked_to(cupy, torch):
    assert xp2torch(numpy.ones(3, "f"), device=torch.device("cuda", 0)).is_cuda


def test_cupy_and_torch_share_one_pool(cupy, torch):
    from thinc.backends import set_gpu_allocator, use_ops

    with use_ops("cupy"):
        set_gpu_allocator("pytorch")
        before = torch.cuda.memory_allocated()
        X = cupy.zeros(1 << 24, "f")
        assert torch.cuda.memory_allocated() - before >= X.nbytes
    cupy.cuda.set_allocator(cupy.get_default_memory_pool().malloc)
