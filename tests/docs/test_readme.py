"""The code of the README runs, in the order of the page."""

import re
from pathlib import Path

import pytest

README = Path(__file__).parents[2] / "README.md"


def test_the_readme_runs(capsys):
    pytest.importorskip("torch", reason="torch is not installed")
    blocks = re.findall(r"```python\n(.*?)```", README.read_text("utf8"), re.S)
    names: dict = {"__name__": "readme"}
    for block in blocks:
        exec(compile(block, str(README), "exec"), names)

    assert len(blocks) == 5
    assert "relu" in capsys.readouterr().out
