"""Every public name and signature of the published 8.3.14 is here; what differs is listed.

The lists in tests/golden were printed by the published package, asked from outside.
"""

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import thinc.api
from thinc.api import registry

GOLDEN = Path(__file__).parents[1] / "golden"
# Ours beyond the published ones: the seeds' names, those of 9.x, and our own.
OURS = set("""
    Activation AdamW AppleOps BatchNorm BinaryCrossentropy BinaryFocalCrossentropy Conv1d EMA EquinoxWrapper
    ExtractWindow FlaxWrapper FocalCrossentropy GLU GRU JaxShim JaxWrapper KerasWrapper Lion Lookahead MultiHeadAttention
    RMSNorm ReLu SWA Schedule SoftmaxCrossentropy SwiGLU TransformerEncoder accumulate_gradients aligned_memory
    cosine create_init evaluate_model_on_arrays export_safetensors from_torch get_shuffled_batches
    import_safetensors inverse_sqrt jax2xp one_cycle path_of plateau to_torch use_aligned_memory with_axes
    xp2jax
""".split())  # fmt: skip
# Wrappers that are being written. A ratchet: names may only leave, and must leave when they are there.
AWAITED = set("""
""".split())  # fmt: skip
AWAITED_MODULES: set[str] = set()
# Parameters that differ on purpose: (function, parameter) -> reason.
DIFFERENT = {
    ("thinc.api.Shim.from_bytes", "data"): "the published subclasses call it bytes_data; one name serves all",
    ("thinc.api.Shim.from_bytes", "bytes_data"): "as above",
}


def lines(name):
    return (GOLDEN / name).read_text("utf8").splitlines()


def find(dotted):
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            found = getattr(found, part)
        return found
    raise ModuleNotFoundError(dotted)


def test_api_has_the_published_names_and_ours():
    published = set(lines("api_8.3.txt"))

    assert set(thinc.api.__all__) == (published - AWAITED) | OURS
    assert len(thinc.api.__all__) == len(set(thinc.api.__all__))


@pytest.mark.parametrize("module", ["thinc.api", "thinc.shims", "thinc.layers"])
def test_the_public_names_are_those_that_are_imported(module):
    module = importlib.import_module(module)
    ours = (
        alias.name
        for node in ast.walk(ast.parse(Path(module.__file__).read_text("utf8")))
        if isinstance(node, ast.ImportFrom) and node.level and node.module  # nor modules, nor what is not ours
        for alias in node.names
    )

    assert {name for name in ours if not name.startswith("_")} == set(module.__all__)


@pytest.mark.parametrize("module", sorted({line.split()[0] for line in lines("names_8.3.txt")}))
def test_module_has_the_published_names(module):
    names = {line.split()[1] for line in lines("names_8.3.txt") if line.split()[0] == module}
    if module in AWAITED_MODULES:
        with pytest.raises(ModuleNotFoundError):  # else take it off the list
            importlib.import_module(module)
        return
    found = importlib.import_module(module)
    missing = {name for name in names if not hasattr(found, name)}

    assert missing == names & AWAITED


def test_everything_published_is_registered():
    published = {tuple(line.split()) for line in lines("registry.txt")}
    kinds = {kind for kind, _ in published} | {"datasets"}
    ours = {(kind, name) for kind in kinds for name in getattr(registry, kind).get_all()}
    awaited = {("layers", f"{name}.v1") for name in AWAITED}

    assert published - ours <= awaited


@pytest.mark.parametrize("line", lines("signatures_8.3.txt"), ids=lambda line: line.partition("(")[0])
def test_signature_accepts_what_the_published_one_accepts(line):
    dotted, _, arguments = line.partition("(")
    if AWAITED & set(dotted.split(".")):
        with pytest.raises((AttributeError, ModuleNotFoundError)):  # else take it off the list
            find(dotted)
        return
    ours = list(inspect.signature(find(dotted)).parameters.values())

    for fault in faults(parse(arguments), ours):
        assert (dotted, fault[0]) in DIFFERENT, fault


def test_every_listed_difference_exists():
    signatures = dict(line.split("(", 1) for line in lines("signatures_8.3.txt"))
    found = {
        (dotted, fault[0])
        for dotted in {dotted for dotted, _ in DIFFERENT}
        for fault in faults(parse(signatures[dotted]), list(inspect.signature(find(dotted)).parameters.values()))
    }

    assert found == set(DIFFERENT)


def parse(arguments):
    """(name, kind, default as it was printed or None) of each parameter."""
    tree = ast.parse(f"def f({arguments}: pass").body[0].args
    first = [None] * (len(tree.args) - len(tree.defaults)) + tree.defaults
    rows = [(a.arg, "positional", d) for a, d in zip(tree.args, first)]
    rows += [(tree.vararg.arg, "*", None)] if tree.vararg else []
    rows += [(a.arg, "keyword", d) for a, d in zip(tree.kwonlyargs, tree.kw_defaults)]
    rows += [(tree.kwarg.arg, "**", None)] if tree.kwarg else []
    return [(name, kind, d and ast.unparse(d)) for name, kind, d in rows]


def faults(published, ours):
    """Parameters through which a call that was right goes wrong."""
    by_name = {p.name: p for p in ours}
    positional = [p.name for p in ours if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    kinds = {p.kind for p in ours}
    for place, (name, kind, default) in enumerate(published):
        if kind in ("*", "**"):
            wanted = inspect.Parameter.VAR_POSITIONAL if kind == "*" else inspect.Parameter.VAR_KEYWORD
            if wanted not in kinds:
                yield name, "is not variadic"
        elif name not in by_name:
            yield name, "is missing"
        elif kind == "positional" and (place >= len(positional) or positional[place] != name):
            yield name, "stands elsewhere"
        elif default is not None and not same(default, by_name[name].default):
            yield name, f"has the default {by_name[name].default!r}, published {default}"
    known = {name for name, _, _ in published}
    for p in ours:
        if p.name not in known and p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            yield p.name, "is new and has no default"


def same(printed, value):
    """An empty mutable default and None, or (), are the same to the caller."""
    if printed == "do_nothing":  # the golden list's word for a lambda
        return callable(value)
    if printed in ("{}", "[]", "()"):
        return value is None or value in ({}, [], ())
    if isinstance(value, (list, tuple)):
        return list(ast.literal_eval(printed)) == list(value)
    return printed in (repr(value), getattr(value, "__name__", type(value).__name__))


FLAGS = "has_cupy has_cupy_gpu has_gpu has_torch has_tensorflow has_mxnet".split()


@pytest.mark.parametrize("module", ["thinc.util", "thinc.compat"])
def test_asking_for_a_flag_imports_nothing_by_itself(module, tmp_path):
    code = f"""
import sys, importlib
module = importlib.import_module({module!r})
assert isinstance(module.has_torch, bool) and isinstance(module.has_cupy, bool)
assert module.has_tensorflow in (True, False) and module.has_mxnet in (True, False)
print([name for name in ("torch", "tensorflow", "mxnet", "cupy") if name in sys.modules])
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)

    assert run.stdout.strip() == "[]"


def test_flags_of_util_are_those_of_compat():
    from thinc import compat, util

    assert all(getattr(util, name) == getattr(compat, name) for name in FLAGS)
    with pytest.raises(AttributeError):
        util.has_nothing
