"""Imports only go down the storeys of the house; third parties stay behind their one door."""

import ast
from pathlib import Path

import pytest

import thinc

ROOT = Path(thinc.__file__).parent
STOREYS = [
    {
        "about",
        "errors",
        "_build",
        "_optional",
        "_identity",
        "_late",
        "_catalogue",
        "_config_blocks",
        "_config_errors",
        "_config_limits",
        "_config_shape",
    },
    {"types", "config"},
    {"interop", "serialization"},
    {"backends"},
    {"_schedule", "initializers", "schedules", "loss", "optimizers"},
    {"shims"},
    {"model", "training"},
    {"layers"},
    {"testing", "extra", "tests", "migration"},
    {"mypy", "compat", "util", "api"},
]
LEVEL = {name: level for level, names in enumerate(STOREYS) for name in names}
FILES = sorted(p for p in ROOT.rglob("*.py") if p.parent != ROOT or p.name != "__init__.py")
DOORS = {
    "catalogue": ("_catalogue.py", "_config_errors.py"),
    "confection": ("config.py", "_config_", "types/check.py"),
    "msgpack": ("serialization/",),
    "flax": ("shims/jax_modules.py",),
    "equinox": ("shims/jax_modules.py",),
    "jax": ("shims/jax",),
    "keras": ("shims/tensorflow_arrays.py",),
    "mxnet": ("shims/mxnet",),
    "tensorflow": ("shims/tensorflow", "interop/memory.py"),
    "torch": ("shims/", "interop/", "layers/lstm.py", "_optional.py", "compat.py"),
}
# The deliberate climbs: whole models cross borders by names in interop, found when asked for.
CLIMBS = {"interop/__init__.py": {"migration"}}
FRAMEWORKS = {"torch", "tensorflow", "keras", "jax", "mxnet", "cupy", "h5py"}


def imported_storeys(path):
    depth = len(path.relative_to(ROOT).parts)
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        if isinstance(node, ast.ImportFrom) and node.level == depth:
            if node.module:
                yield node.module.partition(".")[0]
            else:
                yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_only_go_down(path):
    here = path.relative_to(ROOT).parts[0].removesuffix(".py")
    climbs = {there for there in imported_storeys(path) if LEVEL.get(there, 0) > LEVEL[here]}

    assert climbs == CLIMBS.get(path.relative_to(ROOT).as_posix(), set())


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_third_parties_stay_behind_their_door(path):
    name = path.relative_to(ROOT).as_posix()
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        modules = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            modules = [node.module]
        for module in modules:
            door = DOORS.get(module.partition(".")[0])
            assert door is None or name.startswith(door), f"{name} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_framework_is_imported_at_module_level(path):
    for node in ast.parse(path.read_text("utf8")).body:
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module]
        assert not {n.partition(".")[0] for n in names} & FRAMEWORKS


def test_util_defines_no_function():
    tree = ast.parse((ROOT / "util.py").read_text("utf8"))

    assert not [n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.ClassDef, ast.Lambda))]


def test_storeys_doors_and_climbs_name_only_what_there_is():
    names = {path.relative_to(ROOT).as_posix(): path for path in FILES}
    assert {name for name in LEVEL if not (ROOT / name).is_dir() and f"{name}.py" not in names} == set()
    assert set(CLIMBS) <= {path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py")}
    for module, doors in DOORS.items():
        for door in doors:
            behind = [path.read_text("utf8") for name, path in names.items() if name.startswith(door)]
            assert any(module in text for text in behind), f"nothing behind {door} needs {module}"
