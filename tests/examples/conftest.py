"""Let tests import the examples as a newcomer runs them: from their own folder."""

import sys
from pathlib import Path

import pytest

for needed in ("torch", "babel", "sklearn", "tqdm", "matplotlib"):
    pytest.importorskip(needed, reason="the examples need torch, Babel, scikit-learn, tqdm and matplotlib")

EXAMPLES = Path(__file__).parents[2] / "examples"
sys.path.insert(0, str(EXAMPLES))


@pytest.fixture(scope="session")
def names():
    """About 1,600 names in four languages, split into (train, development, test)."""
    from cldr_names import load_names, split

    parts = split(load_names(("de", "fi", "tr", "vi")))
    return tuple(dict(list(part.items())[: len(part) // 2]) for part in parts)


@pytest.fixture(scope="session")
def data(names, tmp_path_factory):
    """The training part as a TSV file."""
    path = tmp_path_factory.mktemp("data") / "names.tsv"
    rows = [f"{text}\t{label}" for text, labels in names[0].items() for label in sorted(labels)]
    path.write_text("\n".join(rows) + "\n", encoding="utf8")
    return path


@pytest.fixture(scope="session")
def saved(data, tmp_path_factory):
    """A model file that the program itself has written."""
    from language_id import main

    path = tmp_path_factory.mktemp("model") / "small.thinc"
    assert main(["--model", str(path), "--epochs", "3", "train", "--data", str(data)]) == 0
    return path
