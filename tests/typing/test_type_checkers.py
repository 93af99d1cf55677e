"""mypy and pyright accept the documentation's code and refuse known mistakes, without a plugin."""

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import thinc

HERE = Path(__file__).parent
SAMPLES = ["accepted", "refused"]
SOURCE = Path(thinc.__file__).parents[1]


def marked_lines(folder):
    """The (file, line) pairs that a comment `# refused: why` marks."""
    return {
        (path.name, number)
        for path in (HERE / folder).glob("*.py")
        for number, line in enumerate(path.read_text("utf8").splitlines(), start=1)
        if "# refused:" in line
    }


@pytest.fixture(scope="module", params=["mypy", "pyright"])
def reported(request, tmp_path_factory):
    """{folder: {(file, line): message}}: what one type checker says of all samples, run once."""
    if find_spec(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    place = tmp_path_factory.mktemp("typing")
    for name in SAMPLES:
        shutil.copytree(HERE / name, place / name)
    found = {name: {} for name in SAMPLES}
    for path, line, message in (run_mypy if request.param == "mypy" else run_pyright)(place):
        if path.parent.parent == place:
            found[path.parent.name][(path.name, line)] = message
    return found


def run_mypy(place):
    command = [sys.executable, "-m", "mypy", "--config-file=", "--output=json", "--cache-dir=cache"]
    # Code under site-packages is found without a path, and mypy refuses one.
    environment = os.environ if "site-packages" in SOURCE.parts else os.environ | {"MYPYPATH": str(SOURCE)}
    done = subprocess.run(
        [*command, "--follow-imports=silent", *SAMPLES], capture_output=True, text=True, cwd=place, env=environment
    )
    assert done.returncode in (0, 1), done.stderr + done.stdout
    for entry in map(json.loads, done.stdout.splitlines()):
        if entry["severity"] == "error":
            yield place / entry["file"], entry["line"], entry["message"]


def run_pyright(place):
    settings = {"extraPaths": [str(SOURCE)], "typeCheckingMode": "standard"}
    (place / "pyrightconfig.json").write_text(json.dumps(settings), "utf8")
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "-p", "."]
    done = subprocess.run(command, capture_output=True, text=True, cwd=place)
    assert done.returncode in (0, 1), done.stderr + done.stdout
    for entry in json.loads(done.stdout)["generalDiagnostics"]:
        if entry["severity"] == "error":
            yield Path(entry["file"]), entry["range"]["start"]["line"] + 1, entry["message"]


def test_code_of_the_documentation_is_accepted(reported):
    assert reported["accepted"] == {}


def test_exactly_the_marked_mistakes_are_refused(reported):
    assert set(reported["refused"]) == marked_lines("refused")


def test_the_accepted_samples_run():
    for path in sorted((HERE / "accepted").glob("*.py")):
        exec(compile(path.read_text("utf8"), str(path), "exec"), {"__name__": "sample"})
