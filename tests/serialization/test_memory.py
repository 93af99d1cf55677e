"""Loading takes at most three times the file and 32 MB, whatever the file says."""

import os
import subprocess
import sys

import pytest

from thinc.api import remap_ids

# What each process does: build the bytes, note the peak, load, and print how far the peak rose.
CODE = """
import gc, resource, sys
from thinc.errors import LoadError
from thinc.api import Linear
from thinc.serialization import dumps
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
import numpy
{imports}
model = Linear({size}, {size})
data = {data}
model.to_bytes()
gc.collect()
def peak():  # of this process: ru_maxrss would begin at that of the process which started it
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) * 1024
before = peak()
try:
    model.from_bytes(data)
    outcome = "loaded"
except LoadError:
    outcome = "refused"
print(outcome, peak() - before, len(data), gc.isenabled())
"""
MAKE = "import io\ndef make(n):\n    return Linear(n, n).initialize().to_bytes()\n"
FILES = {
    "8 MB of empty lists": ("refused", 2, r"b'\xdd\x00\x7a\x12\x00' + b'\x90' * 8_000_000"),
    "8 MB of empty maps": ("refused", 2, r"b'\xdd\x00\x7a\x12\x00' + b'\x80' * 8_000_000"),
    "nested lists that claim the whole file": (
        "refused", 2, r"b'\xdd\x00\x3d\x09\x00' * 400 + b'\xc0' * 4_000_000",
    ),
    "a list of 2**32 - 1 items": ("refused", 2, r"b'\xdd\xff\xff\xff\xff' + b'\xc0' * 4_000_000"),
    "4 MB of small numbers": ("refused", 2, r"b'\xdd\x00\x3d\x09\x00' + b'\x01' * 4_000_000"),
    "4 MB of floats": ("refused", 2, r"b'\xdd\x00\x07\xa1\x20' + b'\xcb\x3f\xf0\1\2\3\4\5\6' * 500_000"),
    "8 MB of short texts": ("refused", 2, r"b'\xdd\x00\x2a\x00\x00' + b''.join(b'\xa2%c%c' % (65 + i % 50, 65 + i // 50 % 50) for i in range(0x2a0000))"),
    "8 MB of two-byte numbers": ("refused", 2, r"b'\xdd\x00\x2a\x00\x00' + b'\xcd\x12\x34' * 0x2a0000"),
    "8 MB of lists, texts and numbers": ("refused", 2, r"b'\xdd\x00\x3c\x00\x00' + b'\x90\xa2ab\xcd\x12\x34' * 0x140000"),
    "a million levels": ("refused", 2, r"b'\x91' * 1_000_000 + b'\xc0'"),
    "a good file": ("loaded", 1400, "make(1400)"),
}  # fmt: skip


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs Linux, which tells a process its peak")
@pytest.mark.parametrize("name", FILES)
def test_memory_is_bounded(name, tmp_path):
    expected, size, data = FILES[name]
    code = CODE.format(imports=MAKE, size=size, data=data)
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path, timeout=600
    )
    outcome, grown, length, has_gc = run.stdout.split()

    assert outcome == expected and has_gc == "True"
    assert int(grown) <= 3 * int(length) + 32 * 2**20, f"{int(grown) / 2**20:.0f} MB for {int(length) / 2**20:.1f} MB"


def test_large_tables_of_words_load():
    """They take more memory than their file, but not more than they are worth."""
    model = remap_ids({f"word{i}": i for i in range(300_000)})
    data = model.to_bytes()
    assert remap_ids({}).from_bytes(data).attrs["mapping_table"] == model.attrs["mapping_table"]
