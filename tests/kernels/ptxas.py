"""Assemble PTX to machine code by NVIDIA's ptxas, which needs no GPU, and read what each kernel takes."""

import importlib.util
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

REGISTERS, MOST_THREADS = 65536, {"75": 1024}  # of one multiprocessor; 2048 threads elsewhere
_ENTRY = re.compile(r"Compiling entry function '(\w+)'")
_FRAME = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")
_USED = re.compile(r"Used (\d+) registers")
_SHARED = re.compile(r"(\d+) bytes smem")


@dataclass
class Usage:
    """What one kernel takes: registers of a thread, bytes of its local memory, bytes of shared memory of a block."""

    architecture: str
    registers: int = 0
    local: int = 0
    shared: int = 0

    def occupancy(self, threads):
        """The share of a multiprocessor's threads that can be there at once, in blocks of so many threads."""
        limit = MOST_THREADS.get(self.architecture, 2048)
        per_thread = -(-self.registers // 8) * 8
        return min(REGISTERS // (per_thread * threads), limit // threads) * threads / limit


def assemblers():
    """Major version -> path of every ptxas that pip has installed here."""
    spec = importlib.util.find_spec("nvidia")
    found = {}
    for root in spec.submodule_search_locations if spec else ():
        for folder, version in (("cuda_nvcc", "12"), ("cu13", "13")):
            path = Path(root, folder, "bin", "ptxas")
            if path.is_file():
                found[version] = path
    return found


def assemble(ptxas, ptx, architecture, folder):
    """Usage of every kernel by its name in the PTX."""
    source = Path(folder, "kernels.ptx")
    source.write_text(ptx, "utf8")
    command = [ptxas, "-v", f"-arch=sm_{architecture}", source, "-o", source.with_suffix(".cubin")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[:4000]
    found, usage = {}, Usage(architecture)
    for line in (done.stderr + done.stdout).splitlines():
        if entry := _ENTRY.search(line):
            usage = found[entry[1]] = Usage(architecture)
        if frame := _FRAME.search(line):
            usage.local = sum(map(int, frame.groups()))
        if used := _USED.search(line):
            usage.registers = int(used[1])
        if shared := _SHARED.search(line):
            usage.shared = int(shared[1])
    return found
