"""The mypy plugin names the two layers that don't fit, and survives any code."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import thinc

pytest.importorskip("mypy", reason="mypy is not installed")
HERE = Path(__file__).parent
SOURCE = Path(thinc.__file__).parents[1]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """(output of mypy with the plugin over all samples, [(file, line, code)])."""
    place = tmp_path_factory.mktemp("plugin")
    for name in ("plugin", "accepted", "refused"):
        shutil.copytree(HERE / name, place / name)
    (place / "mypy.ini").write_text("[mypy]\nplugins = thinc.mypy\n", "utf8")
    inside = "site-packages" in SOURCE.parts
    environment = os.environ | {"PYTHONPATH": str(SOURCE)} | ({} if inside else {"MYPYPATH": str(SOURCE)})
    command = [sys.executable, "-m", "mypy", "--follow-imports=silent", "--output=json", "."]
    done = subprocess.run(command, capture_output=True, text=True, cwd=place, env=environment)
    entries = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    found = [(Path(e["file"]).name, e["line"], e["code"]) for e in entries if e["severity"] == "error"]
    return done.returncode, done.stderr, found


def marked(path):
    for number, line in enumerate(path.read_text("utf8").splitlines(), start=1):
        for code in re.findall(r"# (layer-mismatch-\w+)", line):
            yield path.name, number, code


def test_each_mismatch_is_reported_at_both_layers(report):
    sample = HERE / "plugin" / "combinators.py"

    assert [entry for entry in report[2] if entry[0] == sample.name] == list(marked(sample))


def test_no_code_makes_mypy_fall(report):
    returncode, errors, found = report

    assert returncode == 1 and not errors
    assert not [entry for entry in found if entry[0] == "models.py"]
