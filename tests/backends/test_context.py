"""Which Ops are in use: chosen, nested, restored, per thread."""

import threading

import pytest

from thinc.backends import (
    CupyOps,
    MPSOps,
    NumpyOps,
    Ops,
    ParamServer,
    context,
    context_ops,
    context_pools,
    contextvars_eq_thread_ops,
    get_array_ops,
    get_current_ops,
    get_ops,
    gpu_memory,
    prefer_gpu,
    require_cpu,
    require_gpu,
    set_active_gpu,
    set_current_ops,
    set_gpu_allocator,
    use_ops,
    use_pytorch_for_gpu_memory,
)
from thinc.config import registry
from thinc.errors import DeviceError


@pytest.fixture(autouse=True)
def restored():
    previous = context_ops.get()
    yield
    set_current_ops(previous)


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(context, "load", lambda name: None)


@pytest.mark.parametrize("name, cls", [("cpu", NumpyOps), ("numpy", NumpyOps), ("mps", MPSOps), ("cupy", CupyOps)])
def test_get_ops_finds_by_name(name, cls):
    assert type(get_ops(name)) is cls


def test_get_ops_passes_options():
    assert get_ops("numpy", use_blis=False).use_blis is False


def test_get_ops_names_the_unknown_backend():
    with pytest.raises(ValueError, match="got 'blah'"):
        get_ops("blah")


def test_get_ops_finds_backends_of_others():
    class OtherOps(NumpyOps):
        name = "other"

    registry.ops("OtherOps", func=OtherOps)
    assert type(get_ops("other")) is OtherOps


def test_ops_are_registered():
    assert registry.ops.get("NumpyOps") is NumpyOps
    assert registry.ops.get("CupyOps") is CupyOps
    assert registry.ops.get("MPSOps") is MPSOps


def test_first_use_chooses_the_cpu():
    set_current_ops(None)
    assert type(get_current_ops()) is NumpyOps
    assert get_current_ops() is get_current_ops()


def test_use_ops_nests_and_restores():
    require_cpu()
    outer = get_current_ops()
    with use_ops("mps"):
        with use_ops("cupy"):
            assert get_current_ops().name == "cupy"
        assert get_current_ops().name == "mps"
    assert get_current_ops() is outer


def test_use_ops_takes_ops():
    ops = Ops()
    with use_ops(ops):
        assert get_current_ops() is ops


def test_use_ops_restores_after_an_exception():
    require_cpu()
    outer = get_current_ops()
    with pytest.raises(KeyError), use_ops("mps"):
        raise KeyError
    assert get_current_ops() is outer
    assert contextvars_eq_thread_ops()


def test_use_ops_restores_that_nothing_was_chosen():
    set_current_ops(None)
    with use_ops("mps"):
        pass
    assert context_ops.get() is None


def test_mirror_notices_a_context_of_its_own():
    require_cpu()
    assert contextvars_eq_thread_ops()
    context_ops.set(MPSOps())
    assert not contextvars_eq_thread_ops()


def test_new_threads_start_on_the_cpu():
    names = []
    with use_ops("mps"):
        thread = threading.Thread(target=lambda: names.append(get_current_ops().name))
        thread.start()
        thread.join()
    assert names == ["numpy"]


def test_require_gpu_without_gpu(no_gpu):
    require_cpu()
    ops = get_current_ops()
    with pytest.raises(DeviceError, match="CuPy is not installed"):
        require_gpu()
    with pytest.raises(ValueError, match="CuPy is not installed"):
        set_active_gpu(0)
    assert prefer_gpu() is False
    assert get_current_ops() is ops


def test_require_gpu_on_a_mac(monkeypatch, no_gpu):
    monkeypatch.setattr(context, "_has_mps_gpu", lambda: True)
    assert prefer_gpu() is True
    assert type(get_current_ops()) is MPSOps


def test_get_array_ops_of_numpy():
    assert type(get_array_ops(NumpyOps().alloc1f(2))) is NumpyOps


def test_cupy_ops_without_cupy(monkeypatch):
    monkeypatch.setattr("thinc.backends.cupy_ops.load", lambda name: None)
    ops = CupyOps()
    assert ops.xp is None and (ops.device_type, ops.device_id) == ("gpu", 0)


def test_set_gpu_allocator_names_the_choices():
    with pytest.raises(ValueError, match="pytorch.*tensorflow"):
        set_gpu_allocator("blah")


class FakeCupy:
    """The memory part of CuPy."""

    def __init__(self):
        self.cuda, self.made, self.used = self, [], []

    def MemoryPool(self, allocator):
        self.made.append(allocator)
        return self

    def malloc(self, size):
        return size

    def set_allocator(self, allocator):
        self.used.append(allocator)


def test_pytorch_pool_is_made_once_and_only_for_cupy(monkeypatch):
    fake = FakeCupy()
    monkeypatch.setattr(gpu_memory, "require", lambda name: fake)
    pools = context_pools.set({})
    use_pytorch_for_gpu_memory()
    assert not fake.used
    with use_ops("cupy"):
        use_pytorch_for_gpu_memory()
        set_gpu_allocator("pytorch")
    assert len(fake.made) == 1 and fake.used == [fake.malloc] * 2
    context_pools.reset(pools)


def test_param_server_copies_what_it_keeps():
    given = NumpyOps().alloc1f(2)
    params = {(1, "W"): given}
    server = ParamServer(params)
    server.inc_grad(1, "W", given)
    server.inc_grad(1, "W", given + 1)
    params.clear()
    assert server.param_keys == server.grad_keys == ((1, "W"),)
    assert server.get_grad(1, "W").tolist() == [1, 1] and given.tolist() == [0, 0]
    with pytest.raises(KeyError):
        server.get_param(1, "b")


def test_param_server_asks_its_proxy():
    far, near = ParamServer(), ParamServer()
    near.proxy = far
    near.set_param(1, "W", 3)
    near.set_grad(1, "W", 4)
    assert far.get_param(1, "W") == 3 and far.get_grad(1, "W") == 4
    assert near.has_param(1, "W") and not near.has_grad(1, "W")
    far.set_param(1, "W", 5)
    assert near.get_param(1, "W") == 5
