"""Names come split without overlap, and a bad TSV file is told with its line."""

import pytest
from cldr_names import LANGUAGES, language_name, load_names, split
from labelled_tsv import read_tsv


def test_forty_languages_give_about_36000_names():
    owners = load_names()
    assert 30_000 < len(owners) < 42_000
    assert set().union(*owners.values()) == set(LANGUAGES) and len(LANGUAGES) == 40
    assert len(owners["Portugal"]) > 5
    assert list(owners) == sorted(owners)


def test_no_name_is_in_two_parts():
    owners = load_names(("de", "fi"))
    parts = split(owners)
    assert sum(map(len, parts)) == len(owners) == len({name for part in parts for name in part})
    assert all(part[name] == owners[name] for part in parts for name in part)


def test_a_language_has_an_english_name():
    assert language_name("de") == "German"
    assert language_name("no-such-code") == "no-such-code"


def test_a_text_in_two_lines_has_two_labels(tmp_path):
    path = tmp_path / "data.tsv"
    path.write_bytes("\ufeffChile\tes\r\nChile\tde\r\nÅland\tsv".encode())
    assert read_tsv(path) == {"Chile": {"es", "de"}, "Åland": {"sv"}}


@pytest.mark.parametrize(
    "content, problem",
    [
        (b"", "no rows"),
        (b"Chile\tes\nPeru\n", "line 2: expected 2 columns, text and label, found 1"),
        (b"Chile\tes\tde\n", "line 1: expected 2 columns, text and label, found 3"),
        (b"\tes\n", "line 1: the text is empty"),
        (b"Chile\t \n", "line 1: the label is empty"),
        (b"Chile\tes\n\n", "line 2: expected 2 columns"),
        (b"\xc5land\tsv\n", "is not UTF-8"),
    ],
)
def test_a_bad_file_is_told_with_its_line(tmp_path, content, problem):
    path = tmp_path / "bad.tsv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=problem):
        read_tsv(path)
