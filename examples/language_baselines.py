"""What the network is held against: the majority class, and a linear model over the same n-grams."""

from collections import Counter

from language_network import ids_of
from language_scores import accuracy_of

PENALTIES = (0.3, 1, 3, 10)


def majority_baseline(train_part, test_part):
    """Accuracy of always guessing the most frequent language."""
    counts = Counter(language for languages in train_part.values() for language in languages)
    [(top, _)] = counts.most_common(1)
    return accuracy_of([top] * len(test_part), test_part.values())


def linear_baseline(train_part, dev_part, test_part, penalties=PENALTIES):
    """Accuracy of a linear support vector machine over a bag of the same n-grams.

    Its C is the best of `penalties` on the development part. A text with several languages
    is a row for each. Logistic regression by SGD was tried as well and does worse.
    """
    from sklearn.svm import LinearSVC

    bag = ngram_bag()
    rows = [(text, label) for text, languages in train_part.items() for label in sorted(languages)]
    X, Y = bag.transform([text for text, _ in rows]), [label for _, label in rows]
    best = (-1.0, 0.0)
    for C in penalties:
        machine = LinearSVC(C=C, random_state=0).fit(X, Y)
        scores = [
            accuracy_of(machine.predict(bag.transform(list(part))), part.values()) for part in (dev_part, test_part)
        ]
        best = max(best, tuple(scores))
    return best[1]


def ngram_bag():
    """A vectorizer: the n-grams that the network sees, counted, as a row of length 1."""
    from sklearn.feature_extraction.text import HashingVectorizer

    return HashingVectorizer(analyzer=_ngrams, n_features=2**18, alternate_sign=False)


def _ngrams(text):
    return [f"{n}:{hashed}" for row in ids_of(text).tolist() for n, hashed in enumerate(row, 1)]
