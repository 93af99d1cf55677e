"""NVIDIA's compiler accepts every kernel, for every dtype and architecture that CuPy may ask for."""

import pytest

from thinc.backends._cuda import source_of

from .expressions import FAMILIES, expressions
from .nvrtc import CompileError, Compiler, libraries

ARCHITECTURES = {"12": ("70", "80", "90"), "13": ("75", "80", "90")}
FOUND = {version: path for version, path in libraries().items() if version in ARCHITECTURES}
needs_nvrtc = pytest.mark.skipif(not FOUND, reason="neither nvidia-cuda-nvrtc-cu12 nor nvidia-cuda-nvrtc is installed")


@pytest.fixture(params=sorted(FOUND))
def version(request):
    return request.param


@needs_nvrtc
@pytest.mark.parametrize("family", FAMILIES)
def test_all_kernels_compile(family, version):
    compiler, wanted = Compiler(FOUND[version]), expressions(family)
    for architecture in ARCHITECTURES[version]:
        ptx, names, log = compiler.compile(source_of(family), wanted, architecture)

        assert f".target sm_{architecture}" in ptx
        assert all(f".entry {name}(" in ptx for name in names)
        assert "error" not in log


@needs_nvrtc
def test_a_mistake_is_refused(version):
    with pytest.raises(CompileError, match="no_such_thing"):
        Compiler(FOUND[version]).compile("__global__ void f() { no_such_thing(); }", ["f"], "80")


@needs_nvrtc
def test_an_instance_that_is_not_there_is_refused(version):
    with pytest.raises(AssertionError):
        Compiler(FOUND[version]).compile("__global__ void f() {}", ["g"], "80")
