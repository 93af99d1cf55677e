"""What is imported late is found by everybody who asks, and is not there before."""

import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import thinc
import thinc.api
from thinc import _late
from thinc.api import registry

ROOT = Path(thinc.__file__).parent
LATE = [
    "thinc",
    "api",
    "util",
    "backends",
    "interop",
    "layers",
    "loss",
    "model",
    "optimizers",
    "serialization",
    "shims",
]
LATE = [name if name == "thinc" else f"thinc.{name}" for name in LATE]
KINDS = ["layers", "losses", "ops", "optimizers", "shims"]
# What `import thinc.api` leaves alone: modules under these names, the packages themselves excepted.
LEFT_ALONE = [
    "thinc.backends.cupy_ops",
    "thinc.backends.gpu_memory",
    "thinc.backends.mps_ops",
    "thinc.interop.alignment",
    "thinc.interop.memory",
    "thinc.interop.profiling",
    "thinc.layers.",
    "thinc.loss.",
    "thinc.migration",
    "thinc.optimizers.",
    "thinc.serialization.",
    "thinc.shims.",
    "thinc.testing",
    "thinc.training",
    "thinc.compat",
    "thinc.util",
    "thinc.mypy",
    "thinc.extra",
    "thinc.model.safetensors",
    "thinc._config_limits",
]
NEEDED_BY_ALL = {"thinc.shims.updating"}


def run(code, folder):
    """What the code prints in a new process."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def is_left_alone(module):
    return module not in NEEDED_BY_ALL and (
        module.rpartition(".")[2] in ("cuda", "_cuda") or module.startswith(tuple(LEFT_ALONE))
    )


def loaded_after(statement, folder):
    return run(f"import sys; {statement}; print(*(m for m in sys.modules if m.startswith('thinc')))", folder).split()


def test_importing_the_api_leaves_alone_what_most_programs_never_touch(tmp_path):
    assert [module for module in loaded_after("import thinc.api", tmp_path) if is_left_alone(module)] == []


def test_importing_the_api_brings_few_modules_and_none_of_others(tmp_path):
    # Each costs 0.13 ms; all together may cost 1.2 times what they stand on (benchmarks/import_time.py).
    code = """
import sys, numpy, catalogue, confection
before = set(sys.modules)
import thinc.api
print(*set(sys.modules) - before)
"""
    loaded = run(code, tmp_path).split()

    assert [module for module in loaded if not module.startswith(("thinc", "cython_runtime", "_cython"))] == []
    assert len(loaded) <= 105  # a ratchet: 98 when it was written


def test_what_is_left_alone_is_there():
    modules = {".".join(path.relative_to(ROOT.parent).with_suffix("").parts) for path in ROOT.rglob("*.py")}
    for name in LEFT_ALONE:
        assert any(module.startswith(name) for module in modules), name
    assert NEEDED_BY_ALL <= modules and sum(is_left_alone(module) for module in modules) > 150


def test_a_program_pays_for_the_layers_that_it_names(tmp_path):
    loaded = loaded_after("from thinc.api import Relu, chain", tmp_path)

    assert {"thinc.layers.relu", "thinc.layers.chain"} <= set(loaded)
    assert not {"thinc.layers.softmax", "thinc.layers.lstm", "thinc.layers._framework"} & set(loaded)


def test_a_prediction_on_the_processor_needs_no_kernels_for_gpus(tmp_path):
    code = (
        "from thinc.api import Relu, prefer_gpu, get_ops; Relu(2, 3).initialize().predict(get_ops('cpu').alloc2f(4, 3))"
    )

    assert [m for m in loaded_after(code, tmp_path) if m.endswith(("cuda", "cupy_ops"))] == []


@pytest.mark.parametrize("name", LATE)
def test_each_name_is_listed_and_found(name, tmp_path):
    module = importlib.import_module(name)

    assert set(module.__all__) | set(module._homes) <= set(dir(module))
    code = f"import {name} as module\nfor name in dir(module): getattr(module, name)"
    assert run(code, tmp_path) == ""


@pytest.mark.parametrize("name", LATE)
def test_each_name_comes_from_the_module_in_the_table(name, tmp_path):
    module = importlib.import_module(name)

    for each, home in module._homes.items():
        assert getattr(module, each) is getattr(importlib.import_module(home), each)


@pytest.mark.parametrize("name", LATE)
def test_a_name_that_does_not_exist_is_an_attribute_error(name):
    module = importlib.import_module(name)

    assert not hasattr(module, "no_such_name") and not hasattr(module, "__wrapped__")
    with pytest.raises(ImportError, match="no_such_name"):
        exec(f"from {name} import no_such_name")


def test_an_import_that_fails_is_not_taken_for_a_missing_name(monkeypatch):
    monkeypatch.setitem(sys.modules, "some_package", ModuleType("some_package"))
    sys.modules["some_package"].__package__ = "thinc"
    _late.load_late("some_package", {"broken": "some_name"})
    monkeypatch.setattr(_late, "import_module", lambda name: getattr(name, "is_ready"))

    with pytest.raises(ImportError, match="thinc.broken can't be imported: .*is_ready"):
        hasattr(sys.modules["some_package"], "some_name")


@pytest.mark.parametrize("kind", KINDS)
def test_what_registers_a_name_is_the_module_in_the_table(kind):
    kind = getattr(registry, kind)
    made = {name: each.__module__ for name, each in kind.get_all().items() if str(each.__module__).startswith("thinc.")}

    assert {name: home for name, home in made.items() if home != "thinc.backends.numpy_ops"} == kind._homes


@pytest.mark.parametrize("kind", KINDS)
def test_everything_that_is_registered_is_found_before_it_is_imported(kind, tmp_path):
    names = sorted(getattr(registry, kind)._homes)
    code = f"from thinc.api import registry; print([n for n in {names!r} if not registry.has({kind!r}, n)])"
    assert run(code, tmp_path) == "[]"
    for ask in ("registry.get({0!r}, n)", "registry.{0}.find(n)", "registry.{0}.get_all()[n]"):
        code = f"from thinc.api import registry\nfor n in {names!r}: assert {ask.format(kind)}"
        assert run(code, tmp_path) == ""


def test_a_module_is_imported_for_its_registered_name_alone(tmp_path):
    loaded = loaded_after("from thinc.api import registry; registry.get('layers', 'Softmax.v2')", tmp_path)

    assert "thinc.layers.softmax" in loaded and "thinc.layers.relu" not in loaded


@pytest.mark.parametrize("before", ["", "from thinc.api import Relu"])
def test_who_registers_over_ours_has_the_name_whenever_ours_is_imported(before, tmp_path):
    code = f"""
from thinc.api import registry
{before}
@registry.layers("Relu.v1")
def mine(): ...
from thinc.api import Relu
assert registry.layers.get("Relu.v1") is mine is registry.layers.get_all()["Relu.v1"] and Relu is not mine
"""
    assert run(code, tmp_path) == ""


@pytest.mark.parametrize(
    "statement",
    [
        "import thinc.layers.chain",
        "from thinc.layers.chain import init",
        "from thinc.layers import Linear",
        "import thinc.layers.chain as chain",
        "import thinc.api",
    ],
)
def test_a_layer_hides_the_module_of_its_name(statement, tmp_path):
    code = f"""
{statement}
import sys, thinc.layers
from thinc.layers import chain
assert chain is thinc.layers.chain is sys.modules["thinc.layers.chain"].chain
assert thinc.layers.softmax.Softmax is thinc.layers.Softmax  # a module whose name is no layer's
"""
    assert run(code, tmp_path) == ""


def test_threads_that_ask_at_once_get_the_same_objects(tmp_path):
    code = """
import sys, threading
sys.setswitchinterval(1e-6)
import thinc.api
barrier, found = threading.Barrier(8), []
def ask():
    barrier.wait()
    made = [getattr(thinc.api, name) for name in thinc.api.__all__]
    found.append([*made, *(thinc.api.registry.layers.get(name) for name in thinc.api.registry.layers._homes)])
threads = [threading.Thread(target=ask) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert len(found) == 8 and all(a is b for other in found for a, b in zip(found[0], other, strict=True))
"""
    assert run(code, tmp_path) == ""


def test_a_star_imports_everything(tmp_path):
    code = "from thinc.api import *; import thinc.api; assert set(thinc.api.__all__) <= set(globals())"

    assert run(code, tmp_path) == ""


@pytest.mark.parametrize("patched", ["thinc.layers", "thinc.layers.maxout"])
@pytest.mark.parametrize("asked", ["thinc.layers", "thinc.api"])
def test_what_a_test_puts_in_place_of_a_name_stays_where_it_is_put(patched, asked, tmp_path):
    code = f"""
from importlib import import_module
from unittest import mock
import thinc.api
with mock.patch("{patched}.Maxout") as fake:
    assert import_module("{patched}").Maxout is fake
    import_module("{asked}").Maxout, thinc.api.Softmax
assert import_module("{asked}").Maxout is thinc.layers.Maxout is thinc.layers.maxout.Maxout is not fake
"""
    assert run(code, tmp_path) == ""


def test_reloading_keeps_the_names(tmp_path):
    code = """
import importlib, thinc.api, thinc.layers
before = thinc.layers.chain
for module in (thinc.layers, thinc.api): importlib.reload(module)
assert thinc.layers.chain is before is thinc.api.chain and thinc.layers.Softmax is thinc.api.Softmax
"""
    assert run(code, tmp_path) == ""


def test_a_pickled_model_is_read_by_a_process_that_imported_nothing(tmp_path):
    code = """
import pickle
from thinc.api import Relu, Softmax, chain, with_array
pickle.dump(with_array(chain(Relu(2, 3), Softmax(2, 2))), open("model", "wb"))
"""
    run(code, tmp_path)
    code = "import pickle; model = pickle.load(open('model', 'rb')); model.initialize(); print(model.layers[0].layers[1].name)"
    assert run(code, tmp_path) == "softmax"


@pytest.mark.parametrize("module", ["thinc.api", "thinc.util"])
def test_a_framework_that_the_user_imported_is_seeded_without_its_shim(module, tmp_path):
    pytest.importorskip("torch", reason="torch is not installed")
    code = f"""
from {module} import fix_random_seed
import torch
made = [(fix_random_seed(seed), float(torch.rand(1)))[1] for seed in (3, 3, 4)]
assert made[0] == made[1] != made[2]
"""
    assert run(code, tmp_path) == ""


def test_the_types_of_every_registered_function_are_found(tmp_path):
    code = """
import typing
from thinc.api import registry
for kind in ("layers", "losses", "optimizers", "schedules", "initializers"):
    for function in getattr(registry, kind).get_all().values():
        if str(function.__module__).startswith("thinc."):
            typing.get_type_hints(function)
"""
    assert run(code, tmp_path) == ""
