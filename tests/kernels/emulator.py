"""Run the CUDA kernels, compiled as plain C++, on NumPy's arrays."""

import ctypes
import re
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

import numpy
from contracts.op import HostCupyOps

from thinc.backends._cuda import Launcher
from thinc.backends._cuda_source import FLOATS, signatures, source_of

from .expressions import expressions

HERE = Path(__file__).parent
FLAGS = ["-std=c++20", "-O1", "-shared", "-fPIC", "-w", "-ffp-contract=off"]
DTYPES = {cxx: name for name, cxx in FLOATS.items()}
POINTERS = {
    "std::int32_t": "int32",
    "std::uint32_t": "uint32",
    "std::uint64_t": "uint64",
    "long long": "int64",
    "float": "float32",
    "double": "float64",
}


def why_not():
    """Why nothing can be emulated here, or None."""
    return None if shutil.which("g++") else "there is no g++"


@lru_cache
def library(family):
    """The kernels of a family as C functions k0, k1, … in the order of `expressions`."""
    folder = tempfile.TemporaryDirectory()
    source, built = Path(folder.name, "kernels.cc"), Path(folder.name, "kernels.so")
    calls = [
        f'extern "C" void k{i}(void** values, const unsigned* grid, const unsigned* block) '
        f"{{ emulation::call({expression}, values, grid, block); }}"
        for i, expression in enumerate(expressions(family))
    ]
    includes = ['#include "emulation.hh"', source_of(family), '#include "half.hh"']
    source.write_text("\n".join([*includes, *calls]), "utf8")
    done = subprocess.run(["g++", *FLAGS, f"-I{HERE}", source, "-o", built], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[:4000]
    loaded = ctypes.CDLL(str(built))
    loaded.folder = folder  # lives as long as the library
    return loaded


class Emulator(Launcher):
    """Checks what is launched against the kernel's signature, and runs it on the CPU.

    threads: as many threads per block as possible up to this, instead of the launcher's own number.
    """

    def __init__(self, threads=None):
        super().__init__()
        self.threads = threads
        self.launched = set()

    def __call__(self, family, kernel, types, grid, *values):
        check_arguments(signatures(family)[kernel], types, values)
        super().__call__(family, kernel, types, grid, *values)

    def launch(self, family, expression, grid, values):
        self.launched.add(expression)
        assert all(0 < n <= limit for n, limit in zip(grid.blocks, (2**31 - 1, 65535))), grid.blocks
        assert 0 < numpy.prod(grid.threads) <= 1024, grid.threads
        threads = grid.threads if self.threads is None else (self.threads,)
        blocks = grid.blocks if self.threads is None else (min(grid.blocks[0], 2), *grid.blocks[1:])
        number = expressions(family).index(expression)
        held = [value.__array_interface__["data"][0] if isinstance(value, numpy.ndarray) else value for value in values]
        boxes = [numpy.array([value], "uint64" if isinstance(value, int) else None) for value in held]
        pointers = (ctypes.c_void_p * len(boxes))(*(box.ctypes.data for box in boxes))
        size = ctypes.c_uint * 2
        getattr(library(family), f"k{number}")(pointers, size(*(*blocks, 1)[:2]), size(*(*threads, 1)[:2]))


def check_arguments(signature, types, values):
    """The kernel is made for as many types, and every array has the dtype that the kernel reads."""
    assert len(types) == signature.n_types, f"types {types}, but the kernel has {signature.n_types}"
    assert len(values) == len(signature.arguments), f"{len(values)} arguments for {signature.arguments}"
    names = {name for _, name in signature.arguments}
    for (kind, name), value in zip(signature.arguments, values):
        if not kind.endswith("*"):
            assert not isinstance(value, numpy.ndarray), f"{name} is an array, the kernel takes {kind}"
            continue
        element = re.sub(r"^const |\*$", "", kind)
        wanted = POINTERS.get(element) or (types[-1] if element == "T" else None)
        assert isinstance(value, numpy.ndarray), f"{name} is {value!r}, the kernel takes {kind}"
        assert value.flags.c_contiguous or f"{name}_stride" in names, f"{name} is not in C order"
        assert wanted == value.dtype.name, f"{name} is {value.dtype}, the kernel takes {kind} of {types}"
        assert kind.startswith("const ") or value.flags.writeable, f"{name} can't be written"


class EmulatedCupyOps(HostCupyOps):
    """CupyOps with its kernels, all on the CPU."""

    _cuda = Emulator()
