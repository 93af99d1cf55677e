"""Every layout crosses between every two frameworks as docs/conformance.md says."""

from pathlib import Path

import numpy
import pytest
from interop import conformance

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"
PAIRS = conformance.installed_pairs()
# Older ones export only read-only arrays, or nothing versioned: more is copied there.
IS_MEASURED_VERSION = tuple(int(part) for part in numpy.__version__.split(".")[:2]) >= (2, 2)


@pytest.mark.parametrize("source, target", PAIRS, ids=[" to ".join(pair) for pair in PAIRS])
def test_crossings_are_as_published(source, target):
    found = conformance.run_pair(source, target)
    published = conformance.read_table(PAGE.read_text("utf8"))[source, target]

    assert conformance.failures({(source, target): found}) == []
    assert set(found) <= set(published)
    if IS_MEASURED_VERSION:
        assert {name: text.replace("|", "/") for name, text in found.items()} == {n: published[n] for n in found}


def test_the_page_is_whole_and_without_failures():
    published = conformance.read_table(PAGE.read_text("utf8"))

    assert set(published) == set(conformance.PAIRS)
    assert conformance.failures(published) == []
    assert conformance.render(published) == PAGE.read_text("utf8")


def test_an_abort_is_a_failed_cell_and_the_rest_is_measured(monkeypatch, tmp_path):
    (tmp_path / "interop").mkdir()
    worker = """import json, os, sys
for i in range(int(sys.argv[3]), 3):
    print(json.dumps([i, f"row {i}", None]), flush=True)
    if i == 1: os.abort()
    print(json.dumps([i, f"row {i}", "zero-copy"]), flush=True)
print(json.dumps("done"))"""
    (tmp_path / "interop" / "crossing.py").write_text(worker)
    monkeypatch.setattr(conformance, "__file__", str(tmp_path / "interop" / "conformance.py"))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    cells = conformance.run_pair("numpy", "torch")

    assert cells["row 0"] == cells["row 2"] == "zero-copy" and "ended with -6" in cells["row 1"]
    assert len(conformance.failures({("numpy", "torch"): cells})) == 1
