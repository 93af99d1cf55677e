"""The picture of confusions shows each language's share."""

from cldr_names import LANGUAGES
from language_picture import confusion_shares, draw_confusions

GUESSES = ["de", "de", "fi", "de", "vi"]
ALLOWED = [{"de"}, {"de"}, {"de", "fi"}, {"fi"}, {"vi"}]


def test_a_row_holds_the_percent_of_one_language():
    shares = confusion_shares(GUESSES, ALLOWED)
    de, fi, tr = (LANGUAGES.index(code) for code in ("de", "fi", "tr"))
    assert shares[de, de] == 100 and shares[fi, fi] == shares[fi, de] == 50
    assert not shares[tr].any()


def test_the_picture_is_a_png(tmp_path):
    path = tmp_path / "confusions.png"
    draw_confusions(GUESSES, ALLOWED, path)
    assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
