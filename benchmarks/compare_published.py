"""Print where our results differ from those of the published wheel, and which of it is deliberate.

Usage: compare_published.py PYTHON [-v], an interpreter of an environment with `thinc==8.3.14`.
Exits with 1 where something differs that published/differences.py does not explain, or where a
difference that it explains is gone. -v prints each difference, not one for each reason.
"""

import builtins
import os
import pickle
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
from published.differences import REASONS
from published.recording import Failure

# What must be equal bit for bit; everything else within the rounding of its dtype.
EXACT = tuple("""
    ops.hash ops.ngrams ops.reduce_max ops.relu ops.maxout ops.gather_add ops.scatter_add ops.flatten ops.pad
    ops.list2padded ops.padded2list ops.seq2col ops.alloc ops.asarray ops.reshape file start structure
    ops.minibatch ops.multibatch registered: to_categorical Config walk Pairs Ragged
""".split()) + tuple(
    f"{what} of {layer}" for what in ("output", "gradients") for layer in ("SparseLinear", "HashEmbed", "Embed", "uniqued")
)  # fmt: skip
# Ours alone, or nothing that can be compared.
NOT_COMPARED = set(
    """
    ops.activated_affine ops.backprop_affine ops.backprop_hash_embed ops.backprop_layernorm ops.backprop_maxout_affine
    ops.backprop_sparse_affine ops.cblas ops.encode_windows ops.hash_embed ops.hash_embeds ops.layernorm ops.maxout_affine ops.predict_maxout ops.sparse_affine
""".split()
)
ROUNDINGS = {"float16": 4, "float32": 42, "float64": 42}  # so many of them, relative to the largest number


def main():
    cases = Path(__file__).with_name("published_cases.py")
    with tempfile.TemporaryDirectory() as folder:
        files = {name: str(Path(folder, name)) for name in ("first", "ours", "theirs")}
        published = sys.argv[1]
        run(published, cases, files["first"])
        run(sys.executable, cases, files["ours"], files["first"])
        run(published, cases, files["theirs"], files["ours"])
        ours, theirs = (load(files[name]) for name in ("ours", "theirs"))
    differing, explained = compare(ours, theirs)
    gone = [each for each in REASONS if each not in explained and any(re.match(each, name) for name in theirs)]
    for pattern in gone:
        print(f"{pattern}: this difference is gone; take it off the list")
    missing = not_compared(theirs)
    if missing:
        print(f"nothing compares {', '.join(sorted(missing))}")
    unexplained = sum(reason is None for reason in differing)
    print(f"{len(theirs)} results, {len(differing)} differ, {unexplained} of them unexplained")
    return min(unexplained + len(gone) + len(missing), 1)


def not_compared(results):
    """Published operations, layers, losses, schedules, optimizers and initializers without a result."""
    from thinc.api import Ops, registry

    names = " ".join(results)
    compared = {f"ops.{name}" for name in re.findall(r"ops\.(\w+)", names)} | set(re.findall(r"\w+", names))
    operations = {f"ops.{name}" for name in dir(Ops) if not name.startswith("_") and callable(getattr(Ops, name))}
    kinds = ("layers", "losses", "schedules", "optimizers", "initializers")
    published = {name.split()[-1] for name in results if name.startswith("registered: ")}
    registered = {name for kind in kinds for name in getattr(registry, kind).get_all() if name in published}
    made = {re.sub(r"\.v1$", "", name).replace(".v", "_v") for name in registered}
    made -= {name for name in made if re.search(r"Crossentropy_v\d$", name)}  # by their registered names
    return (operations | made) - compared - NOT_COMPARED


def run(python, *arguments):
    ours = python == sys.executable
    # A path to our source tree must not put it in the place of the published wheel.
    env = {key: value for key, value in os.environ.items() if ours or key != "PYTHONPATH"}
    subprocess.run([python, *map(str, arguments)], check=True, env=env)


def load(path):
    with open(path, "rb") as stream:
        return pickle.load(stream)


def compare(ours, theirs):
    """The pattern, or None, that explains each difference; and the patterns that were used."""
    found, seen = [], {}
    for name in theirs:
        fault = difference(name, ours.get(name), theirs[name])
        if fault is None:
            continue
        pattern = next((each for each in REASONS if re.match(each, name)), None)
        found.append(pattern)
        seen[pattern] = seen.get(pattern, 0) + 1
        if pattern is None or "-v" in sys.argv or seen[pattern] == 1:
            print(f"{name}: {fault}; {REASONS.get(pattern, 'UNEXPLAINED')}")
    for pattern, count in seen.items():
        if pattern is not None and count > 1:
            print(f"{pattern}: {count} results")
    return found, set(seen)


def difference(name, ours, theirs):
    """A sentence, or None where the two agree."""
    if isinstance(ours, Failure) or isinstance(theirs, Failure):
        if not (isinstance(ours, Failure) and isinstance(theirs, Failure)):
            return f"ours {show(ours)}, theirs {show(theirs)}"
        # Ours may be a finer type than theirs; types of their own are known by what they derive from.
        wanted = next(each for each in theirs.types if hasattr(builtins, each))
        return None if wanted in ours.types else f"{ours} against {theirs}"
    if isinstance(ours, bytes) or ours is None:
        return None if ours == theirs else f"ours {show(ours)}, theirs {show(theirs)}"
    if len(ours) != len(theirs) or any(type(a) is not type(b) for a, b in zip(ours, theirs)):
        return f"{words(ours)} against {words(theirs)}"
    for a, b in zip(ours, theirs):
        fault = unequal(a, b, name.startswith(EXACT))
        if fault:
            return fault
    return None


def unequal(ours, theirs, exact):
    if not isinstance(ours, numpy.ndarray):
        return None if ours == theirs else f"{show(ours)} against {show(theirs)}"
    if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
        return f"{ours.dtype}{list(ours.shape)} against {theirs.dtype}{list(theirs.shape)}"
    if ours.dtype.kind != "f" or exact:
        return (
            None
            if numpy.array_equal(ours, theirs, equal_nan=ours.dtype.kind == "f")
            else f"{small(ours)} against {small(theirs)}"
        )
    wide = ours.astype("d"), theirs.astype("d")
    if not (numpy.isfinite(wide[0]) == numpy.isfinite(wide[1])).all():
        return f"{small(ours)} against {small(theirs)}"
    known = numpy.isfinite(wide[1])
    worst = float(abs(wide[0] - wide[1])[known].max(initial=0.0))
    scale = max(1.0, float(abs(wide[1])[known].max(initial=0.0)))
    allowed = ROUNDINGS[str(ours.dtype)] * float(numpy.finfo(ours.dtype).eps) * scale
    return None if worst <= allowed else f"{ours.dtype} differs by {worst:.2g} at a scale of {scale:.2g}"


def words(values):
    return [f"{v.dtype}{list(v.shape)}" if isinstance(v, numpy.ndarray) else show(v) for v in values][:12]


def small(array):
    return f"{array.dtype}{array.ravel()[:4].tolist()}"


def show(value):
    if isinstance(value, Failure):
        return f"raises {value}"
    return (
        f"{len(value)} bytes"
        if isinstance(value, bytes)
        else "a result"
        if isinstance(value, list)
        else str(value)[:60]
    )


if __name__ == "__main__":
    sys.exit(main())
