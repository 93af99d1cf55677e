"""Print where our results differ from those of the published wheel, and which of it is deliberate.

Usage: compare_published.py PYTHON, an interpreter of an environment with `thinc==8.3.14`.
Exits with 1 where something differs that the table below does not explain.
"""

import pickle
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy

# What must be equal bit for bit; everything else within float32's rounding.
EXACT = (
    "ops.hash",
    "ops.ngrams",
    "output of SparseLinear",
    "output of HashEmbed",
    "file of",
    "ops.reduce_max",
    "start of",
)
# Beginning of the name of a result -> why it differs.
REASONS = {
    "gradients of Dish": "the published one can't run backward",
    "gradients of uniqued": "the published one can't run backward over two axes of ids",
    "gradients of LSTM": "the published gradient disagrees with finite differences",
    "output of MultiSoftmax": "the published one does not normalize",
    "gradients of MultiSoftmax": "the published one does not normalize",
}


def main():
    cases = Path(__file__).with_name("published_cases.py")
    with tempfile.TemporaryDirectory() as folder:
        files = {name: str(Path(folder, name)) for name in ("first", "ours", "theirs")}
        published = sys.argv[1]
        run(published, cases, files["first"])
        run(sys.executable, cases, files["ours"], files["first"])
        run(published, cases, files["theirs"], files["ours"])
        ours, theirs = (load(files[name]) for name in ("ours", "theirs"))
    unexplained = compare(ours, theirs)
    print(f"{len(theirs)} results, {unexplained} unexplained differences")
    return min(unexplained, 1)


def run(python, *arguments):
    subprocess.run([python, *map(str, arguments)], check=True)


def load(path):
    with open(path, "rb") as stream:
        return pickle.load(stream)


def compare(ours, theirs):
    unexplained = 0
    for name in theirs:
        fault = difference(name, ours.get(name), theirs[name])
        if fault is None:
            continue
        reason = next((why for start, why in REASONS.items() if name.startswith(start)), None)
        unexplained += reason is None
        print(f"{name}: {fault}; {reason or 'UNEXPLAINED'}")
    return unexplained


def difference(name, ours, theirs):
    """A sentence, or None where the two agree."""
    if isinstance(ours, (str, bytes)) or isinstance(theirs, (str, bytes)):
        if isinstance(ours, str) and isinstance(theirs, str):
            return None if ours.split(":")[0] == theirs.split(":")[0] else f"{ours} against {theirs}"
        if ours == theirs:
            return None
        return f"ours is {show(ours)}, theirs {show(theirs)}"
    if len(ours) != len(theirs) or any(a.shape != b.shape for a, b in zip(ours, theirs)):
        return f"shapes {[a.shape for a in ours]} against {[b.shape for b in theirs]}"
    if any(a.dtype != b.dtype for a, b in zip(ours, theirs)):
        return f"dtypes {[str(a.dtype) for a in ours]} against {[str(b.dtype) for b in theirs]}"
    worst = max((float(abs(a.astype("d") - b.astype("d")).max()) for a, b in zip(ours, theirs) if a.size), default=0.0)
    scale = max((float(abs(b.astype("d")).max()) for b in theirs if b.size), default=0.0)
    allowed = 0.0 if name.startswith(EXACT) else 5e-6 * max(1.0, scale)  # some forty roundings of float32
    return None if worst <= allowed else f"differs by {worst:.2g} at a scale of {scale:.2g}"


def show(value):
    return value if isinstance(value, str) else f"{len(value)} {'bytes' if isinstance(value, bytes) else 'arrays'}"


if __name__ == "__main__":
    numpy.seterr(all="ignore")
    sys.exit(main())
