"""Which layouts cross between which frameworks, as the table in docs/conformance.md.

Write it anew:  PYTHONPATH=.:tests python -m interop.conformance docs/conformance.md
"""

import importlib.util
import json
import os
import pathlib
import subprocess
import sys
from collections import Counter

NAMES = {"numpy": "NumPy", "torch": "PyTorch", "tensorflow": "TensorFlow", "jax": "JAX", "mxnet": "MXNet"}
PAIRS = [(source, target) for source in NAMES for target in NAMES if (source, target) != ("numpy", "numpy")]
INTRODUCTION = """# Which arrays cross between frameworks

Each cell is one crossing in a mixed model on the CPU: the framework of the row's table gives an
array to thinc, and the framework of the column takes it. The table is measured, not written:
`PYTHONPATH=.:tests python -m interop.conformance docs/conformance.md`.

- **zero-copy**: the address of the first element is the same before and after.
- **copy**: the values are equal, the memory is not shared, for the reason given.
- **error**: `BorderError`, for the reason given; nothing crossed.
- **empty**: there is nothing to copy.

In every cell the values are compared, a kernel of the target runs over them, and a write to the
result must not reach a source that can't be written to. Any other exception, a wrong value, or a
process that aborts is a failure of the test.

Arrays that a framework gives without a copy are read-only where the framework takes its arrays
for constants (TensorFlow, JAX); most others copy such an array, as they could write to it.
`thinc.api.aligned_memory()` lets NumPy place arrays at multiples of 64 bytes, which makes the
copies "not at a multiple of 64" unnecessary.
"""


def is_installed(name):
    return importlib.util.find_spec(name) is not None


def installed_pairs():
    return [pair for pair in PAIRS if all(is_installed(name) for name in pair)]


def run_pair(source, target):
    """{layout: what became of it}; the process is started again only after an abort."""
    root = pathlib.Path(__file__).parents[1]
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow", "JAX_PLATFORMS": "cpu"}
    path = os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), str(root)])
    cells, start = {}, 0
    while True:
        command = [sys.executable, "-m", "interop.crossing", source, target, str(start)]
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=root, env={**os.environ, **quiet, "PYTHONPATH": path}
        )
        lines = [json.loads(line) for line in done.stdout.splitlines() if line[:1] in '["']
        if not lines:
            raise RuntimeError(f"{source} → {target} did not start: {done.stderr[-2000:]}")
        cells |= {line[1]: line[2] for line in lines if line != "done"}
        if lines[-1] == "done":
            return cells
        index, name, _ = lines[-1]
        cells[name], start = f"FAILED: the process ended with {done.returncode}", index + 1


def run(pairs):
    """{(source, target): {layout: what became of it}}, one process after the other."""
    return {pair: run_pair(*pair) for pair in pairs}


def failures(results):
    return [
        f"{source} → {target}, {name}: {text}"
        for (source, target), cells in results.items()
        for name, text in cells.items()
        if text.startswith("FAILED")
    ]


def render(results):
    """The page for these results."""
    kinds = Counter(text.partition(":")[0] for cells in results.values() for text in cells.values())
    parts = [
        INTRODUCTION,
        f"{sum(kinds.values())} crossings: {', '.join(f'{n} {k}' for k, n in kinds.most_common())}.\n",
    ]
    for source in NAMES:
        targets = [target for target in NAMES if (source, target) in results]
        if not targets:
            continue
        parts.append(f"\n## From {NAMES[source]}\n")
        parts.append("| | " + " | ".join(NAMES[target] for target in targets) + " |")
        parts.append("| --- " * (len(targets) + 1) + "|")
        for name in results[source, targets[0]]:
            cells = [results[source, target][name].replace("|", "/") for target in targets]
            parts.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(parts) + "\n"


def read_table(text):
    """The results that a page was rendered from."""
    by_title, results, source, targets = {title: name for name, title in NAMES.items()}, {}, None, []
    for line in text.splitlines():
        if line.startswith("## From "):
            source, targets = by_title[line.removeprefix("## From ")], []
        elif line.startswith("| ") and source is not None and "---" not in line:
            name, *cells = (cell.strip() for cell in line.strip("|").split(" | "))
            if not targets:
                targets = [by_title[cell] for cell in cells]
                continue
            for target, cell in zip(targets, cells, strict=True):
                results.setdefault((source, target), {})[name] = cell
    return results


if __name__ == "__main__":
    found = run(installed_pairs())
    pathlib.Path(sys.argv[1]).write_text(render(found), "utf8")
    sys.exit("\n".join(failures(found)) or 0)
