"""Score guesses: accuracy, and the worst confusions as a table."""

from collections import Counter

import numpy
from cldr_names import language_name


def guess(model, texts, batch_size=256):
    """[(label, probability)], the likeliest language of each text."""
    scores = scores_of(model, texts, batch_size)
    labels = model.attrs["labels"]
    return [(labels[row.argmax()], float(row.max())) for row in scores]


def scores_of(model, texts, batch_size=256):
    """(texts, labels) probabilities."""
    batches = model.ops.minibatch(batch_size, list(texts))
    return numpy.vstack([model.ops.to_numpy(model.predict(batch)) for batch in batches])


def accuracy_of(guesses, allowed):
    """The share of guesses that are right; any language of a text is."""
    return sum(guess in languages for guess, languages in zip(guesses, allowed)) / len(guesses)


def truth_of(guess, languages):
    """The language that a guess is held against: itself if right, else the first by code."""
    return guess if guess in languages else min(languages)


def worst_confusions(guesses, allowed, n=10):
    """The n most frequent mistakes: [(count, truth, guess)]."""
    pairs = ((truth_of(guess, languages), guess) for guess, languages in zip(guesses, allowed))
    counts = Counter((truth, guess) for truth, guess in pairs if truth != guess)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [(count, truth, guess) for (truth, guess), count in ranked[:n]]


def confusion_table(confusions):
    """The mistakes as lines of text, with the languages' names."""
    yield f"{'times':>5}  {'truth':<16} taken for"
    for count, truth, guess in confusions:
        yield f"{count:5}  {language_name(truth):<16} {language_name(guess)}"
