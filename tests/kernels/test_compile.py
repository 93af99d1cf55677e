"""NVIDIA's compilers accept every kernel, for every dtype and architecture that CuPy may ask for."""

import re
from functools import lru_cache

import pytest

from thinc.backends._cuda import THREADS
from thinc.backends._cuda_source import name_of, program_of, source_of

from .expressions import FAMILIES, expressions
from .nvrtc import CompileError, Compiler, libraries
from .ptxas import assemble, assemblers

ARCHITECTURES = {"12": ("70", "75", "80", "90"), "13": ("75", "80", "90")}
FOUND = {version: path for version, path in libraries().items() if version in ARCHITECTURES}
ASSEMBLERS = assemblers()
needs_nvrtc = pytest.mark.skipif(not FOUND, reason="neither nvidia-cuda-nvrtc-cu12 nor nvidia-cuda-nvrtc is installed")
PAIRS = [(version, architecture) for version in FOUND for architecture in ARCHITECTURES[version]]


@lru_cache
def compiled(family, version, architecture):
    """PTX and log of a program with all kernels of a family."""
    return Compiler(FOUND[version]).compile(program_of(family, tuple(expressions(family))), architecture)


def names(family):
    return {name_of(expression) for expression in expressions(family)}


@needs_nvrtc
@pytest.mark.parametrize("version, architecture", PAIRS)
@pytest.mark.parametrize("family", FAMILIES)
def test_all_kernels_compile(family, version, architecture):
    ptx, log = compiled(family, version, architecture)

    assert f".target sm_{architecture}" in ptx
    assert set(re.findall(r"\.entry (\w+)\(", ptx)) == names(family)
    assert len(names(family)) == len(expressions(family))
    assert "error" not in log


@needs_nvrtc
@pytest.mark.parametrize("version, architecture", PAIRS)
@pytest.mark.parametrize("family", FAMILIES)
def test_all_kernels_assemble(family, version, architecture, tmp_path):
    """No spills, no local memory, and half of each multiprocessor's threads or more in the launcher's blocks."""
    if version not in ASSEMBLERS:
        pytest.skip(f"the ptxas of CUDA {version} is not installed: nvidia-cuda-nvcc-cu12 or nvidia-cuda-nvcc")
    ptx, _ = compiled(family, version, architecture)
    usage = assemble(ASSEMBLERS[version], ptx, architecture, tmp_path)

    assert set(usage) == names(family)
    assert {name: u for name, u in usage.items() if u.local} == {}
    assert {name: u for name, u in usage.items() if u.occupancy(THREADS) < 0.5} == {}
    assert max(u.shared for u in usage.values()) <= 8192  # of 64 KB or more: it limits nothing


def test_bounds_are_those_of_the_launcher():
    bounds = [int(n) for family in FAMILIES for n in re.findall(r"__launch_bounds__\((\d+)", source_of(family))]
    assert bounds and set(bounds) == {THREADS}


@needs_nvrtc
@pytest.mark.parametrize("version", sorted(FOUND))
def test_a_mistake_is_refused(version):
    with pytest.raises(CompileError, match="no_such_thing"):
        Compiler(FOUND[version]).compile("__global__ void f() { no_such_thing(); }", "80")


@needs_nvrtc
@pytest.mark.parametrize("version", sorted(FOUND))
def test_an_instance_that_is_not_there_is_refused(version):
    program = program_of("activation", ("thinc::activation::forward<thinc::activation::Nothing, float>",))
    with pytest.raises(CompileError, match="Nothing"):
        Compiler(FOUND[version]).compile(program, "80")


@needs_nvrtc
@pytest.mark.skipif(not set(FOUND) & set(ASSEMBLERS), reason="no ptxas is installed")
def test_local_memory_is_seen(tmp_path):
    version = min(set(FOUND) & set(ASSEMBLERS))
    source = (
        'extern "C" __global__ void f(int* x) { int y[64]; for (int i = 0; i < 64; ++i) y[x[i]] = i; x[0] = y[x[1]]; }'
    )
    ptx, _ = Compiler(FOUND[version]).compile(source, "80")
    assert assemble(ASSEMBLERS[version], ptx, "80", tmp_path)["f"].local >= 256
