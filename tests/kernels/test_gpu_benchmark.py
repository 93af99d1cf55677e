"""The benchmark of the kernels compares like with like, and leaves no kernel out."""

import importlib.util
import sys
from pathlib import Path

import pytest
from contracts.arrays import assert_close

from thinc.backends import CupyOps
from thinc.backends._cuda_source import signatures
from thinc.shims import torch_arrays

from .emulator import why_not
from .expressions import FAMILIES
from .on_stand_in import OnStandIn
from .stand_in_plugin import TorchOnHost
from .test_strict_cupy import cupy  # noqa: F401  (a fixture)

torch = pytest.importorskip("torch")
FOLDER = Path(__file__).parents[2] / "benchmarks"


def load_benchmark(name):
    """Not by an import statement: `gpu` is the name of a folder of tests too."""
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name.removeprefix('benchmark_')}.py")
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


gpu_kernels, gpu = load_benchmark("gpu_kernels"), load_benchmark("benchmark_gpu")

DRAWN = {"get_dropout_mask"}
# What torch's column does to arrays of its own: only how long it takes can be compared.
IN_PLACE = {"adam", "step of all weights", "scatter_add", "update_averages"}


@pytest.fixture
def ops(cupy, monkeypatch):  # noqa: F811
    if why_not():
        pytest.skip(why_not())
    monkeypatch.setattr(CupyOps, "_cuda", OnStandIn())
    return CupyOps()


def arrays(result):
    """All arrays of a result, as NumPy's."""
    if isinstance(result, (tuple, list)):
        return [array for part in result for array in arrays(part)]
    if hasattr(result, "get"):
        return [result.get()]
    return [result.numpy()] if isinstance(result, torch.Tensor) else []


def check(case, found, wanted):
    assert len(found) == len(wanted), case.name
    for ours, theirs in zip(found, wanted):
        assert ours.shape == theirs.shape, case.name
        if case.name not in DRAWN:
            assert_close(ours, theirs.astype("d") if theirs.dtype.kind == "f" else theirs, "float32", 200)


def test_all_columns_compute_the_same(ops):
    plain = type("Plain", (CupyOps,), {"_cuda": None})()
    made = [list(gpu_kernels.cases(torch, ops, 8192, 64)) for _ in range(2)]  # some write into their arguments
    for case, other in zip(*made, strict=True):
        assert case.moved > 0
        found = arrays(case.run(ops))
        check(case, found, arrays(other.run(plain)))
        if case.torch and case.name not in IN_PLACE:
            check(case, found, arrays(case.torch()))


def test_every_kernel_is_measured(ops):
    for case in gpu_kernels.cases(torch, ops, 8192, 64):
        case.run(ops)
    launched = {expression.partition("<")[0] for expression in ops._cuda.launched}
    assert launched == {f"thinc::{family}::{kernel}" for family in FAMILIES for kernel in signatures(family)}


def test_it_runs_to_its_end_and_says_which_goals_are_met(ops, cupy, monkeypatch, capsys):  # noqa: F811
    """All but the clock, for which what is ours takes twice as long as anything else."""

    def times_of(cupy, functions):
        for function in functions:
            function()
        return [[1.0] * 3] + [[0.5] * 3] * (len(functions) - 1)

    torch_on_host, goals = TorchOnHost(torch), gpu.Goals()
    monkeypatch.setattr(torch_arrays, "_torch", torch_on_host)
    monkeypatch.setattr(gpu, "times_of", times_of)
    monkeypatch.setattr(gpu, "ROUNDS", 3)
    monkeypatch.setattr(gpu, "SIZES", (1 << 14, 1 << 15))
    gpu.kernels(cupy, torch_on_host, ops, goals)
    gpu.optimizers(cupy, torch_on_host, ops, goals)
    gpu.transformer(cupy, torch_on_host, goals, layers=1, width=8)
    goals.show()
    said = capsys.readouterr().out

    assert "| gelu, 0 MB, over torch's | at most 1.00 | 2.00 (2.00 to 2.00) | MISSED |" in said
    assert "| Adam over 200 arrays, over torch's fused | at most 1.20 | 2.00 (2.00 to 2.00) | MISSED |" in said
    assert said.count("| met |") + said.count("| MISSED |") == len(goals.lines) > 60
