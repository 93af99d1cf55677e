"""Tell the language of a name: native n-gram embeddings, a PyTorch BiLSTM, native pooling and Softmax.

language_id.py                        train on CLDR names, compare, save, reload in a new process
language_id.py train [--data F.tsv]   train and save only
language_id.py evaluate --data F.tsv  accuracy of a saved model
language_id.py predict TEXT...        the language of each text
"""

import argparse
import hashlib
import subprocess
import sys
import time
import zlib
from pathlib import Path

import numpy
from cldr_names import load_names, read_tsv, split

from thinc.api import (
    Adam,
    HashEmbed,
    Model,
    PyTorchLSTM,
    Softmax,
    chain,
    concatenate,
    fix_random_seed,
    list2ragged,
    reduce_max,
    reduce_mean,
    with_array,
)

WIDTH = 48
MAX_NGRAM = 3


def ngram_ids():
    """str → uint64 (length + 2, 3): the ids of the 1-, 2- and 3-gram that start at each character."""
    return Model("ngram_ids", _ngram_forward)


def _ngram_forward(model, X, is_train):
    return [_ids_of(text) for text in X], lambda dY: []


def _ids_of(text):
    padded = f"^{text}$$"
    rows = [
        [zlib.crc32(padded[i : i + n].encode("utf8")) for n in range(1, MAX_NGRAM + 1)] for i in range(len(text) + 2)
    ]
    return numpy.asarray(rows, dtype="uint64")


def create_model(rows=(2000, 8000, 20000), cut_lstm=False):
    """The network.  `cut_lstm` stops the gradient at the BiLSTM's output, to show what it learns."""
    embeds = [HashEmbed(WIDTH, nV, column=i, seed=i + 1) for i, nV in enumerate(rows)]
    lstm = PyTorchLSTM(2 * WIDTH, WIDTH * len(rows), bi=True)
    encoder = chain(with_array(concatenate(*embeds)), _without_gradient(lstm) if cut_lstm else lstm)
    model = chain(ngram_ids(), encoder, list2ragged(), concatenate(reduce_max(), reduce_mean()), Softmax())
    model.attrs["labels"] = []
    return model


def _without_gradient(layer):
    def forward(model, X, is_train):
        Y, _ = model.layers[0](X, is_train)
        width = X[0].shape[1] if X else 0
        return Y, lambda dY: [model.ops.alloc2f(len(dy), width) for dy in dY]

    return Model("without_gradient", forward, layers=[layer])


def targets_of(allowed, labels):
    """(n, n_labels): a row shares 1 among the languages in which the string is right."""
    column = {label: i for i, label in enumerate(labels)}
    Y = numpy.zeros((len(allowed), len(labels)), dtype="float32")
    for row, languages in zip(Y, allowed):
        known = [column[label] for label in languages if label in column]
        if known:
            row[known] = 1 / len(known)
    return Y


def train(owners, n_epochs=4, batch_size=256, seed=0, quiet=False, cut_lstm=False):
    """A model that was trained with one Adam over both worlds."""
    fix_random_seed(seed)
    texts, labels = list(owners), sorted(set().union(*owners.values()))
    Y = targets_of(list(owners.values()), labels)
    model = create_model(cut_lstm=cut_lstm)
    model.initialize(X=texts[:8], Y=Y[:8])
    model.attrs["labels"] = labels
    optimizer = Adam(0.004, use_averages=False)
    for epoch in range(n_epochs):
        optimizer.learn_rate = 0.004 * (1 - epoch / n_epochs) ** 0.5
        _train_epoch(model, optimizer, texts, Y, batch_size, f"epoch {epoch + 1}/{n_epochs}", quiet)
    return model


def _train_epoch(model, optimizer, texts, Y, batch_size, title, quiet):
    from tqdm import tqdm

    batches = model.ops.multibatch(batch_size, texts, Y, shuffle=True)
    seen, loss = 0, 0.0
    with tqdm(batches, desc=title, disable=quiet, unit="batch", mininterval=1) as bar:
        for batch, truths in bar:
            guesses, backprop = model.begin_update(batch)
            backprop((guesses - truths) / len(batch))
            model.finish_update(optimizer)
            seen += len(batch)
            loss -= float((truths * numpy.log(guesses + 1e-9)).sum())
            bar.set_postfix(loss=f"{loss / seen:.3f}", rate=f"{optimizer.learn_rate:.4f}")


def scores_of(model, texts, batch_size=256):
    """(n, n_labels) probabilities."""
    return numpy.vstack([model.predict(batch) for batch in model.ops.minibatch(batch_size, list(texts))])


def accuracy_of(guesses, allowed):
    """The share of guesses that are right for their string."""
    return sum(guess in languages for guess, languages in zip(guesses, allowed)) / len(guesses)


def evaluate(model, owners):
    labels = model.attrs["labels"]
    guesses = [labels[i] for i in scores_of(model, owners).argmax(axis=1)]
    return guesses, accuracy_of(guesses, owners.values())


def linear_baseline(train_part, dev_part, test_part):
    """Accuracy of a linear bag of the same n-grams, its penalty tuned on the development part."""
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import SGDClassifier

    bag = HashingVectorizer(
        analyzer=lambda text: [i for row in _ids_of(text).tolist() for i in map(str, row)], n_features=2**18
    )
    rows = [(text, label) for text, languages in train_part.items() for label in sorted(languages)]
    X, Y = bag.transform([text for text, _ in rows]), [label for _, label in rows]
    best = (-1.0, 0.0)
    for alpha in (3e-6, 1e-5, 3e-5):
        model = SGDClassifier(loss="log_loss", alpha=alpha, random_state=0, max_iter=10, tol=None).fit(X, Y)
        scores = [accuracy_of(model.predict(bag.transform(list(p))), p.values()) for p in (dev_part, test_part)]
        best = max(best, tuple(scores))
    return best[1]


def majority_baseline(train_part, test_part):
    counts = {}
    for languages in train_part.values():
        for language in languages:
            counts[language] = counts.get(language, 0) + 1
    top = max(counts, key=counts.get)
    return accuracy_of([top] * len(test_part), test_part.values())


def worst_confusions(guesses, owners, n=10):
    """The most frequent (count, right language, wrong guess)."""
    counts = {}
    for guess, languages in zip(guesses, owners.values()):
        if guess not in languages:
            pair = (min(languages), guess)
            counts[pair] = counts.get(pair, 0) + 1
    return sorted(((c, *pair) for pair, c in counts.items()), reverse=True)[:n]


def draw_confusions(guesses, owners, labels, path):
    """A picture of the confusion matrix."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    index = {label: i for i, label in enumerate(labels)}
    matrix = numpy.zeros((len(labels), len(labels)))
    for guess, languages in zip(guesses, owners.values()):
        right = guess if guess in languages else min(languages)
        matrix[index[right], index[guess]] += 1
    figure, axes = pyplot.subplots(figsize=(10, 9))
    axes.imshow(numpy.log1p(matrix), cmap="viridis")
    axes.set_xticks(range(len(labels)), labels, rotation=90)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("guess")
    axes.set_ylabel("truth")
    figure.savefig(path, dpi=100, bbox_inches="tight")
    pyplot.close(figure)


def load(path):
    if not Path(path).exists():
        raise ValueError(f"there is no model file {path}: run `language_id.py train` first")
    return create_model().from_disk(path)


def digest(scores):
    return hashlib.sha256(numpy.ascontiguousarray(scores).tobytes()).hexdigest()


def run_demo(options):
    train_part, dev_part, test_part = split(load_names())
    print(f"{len(train_part)} names to learn from, {len(test_part)} held out, 40 languages")
    start = time.perf_counter()
    model = train(train_part, n_epochs=options.epochs)
    print(f"trained in {time.perf_counter() - start:.0f} s")
    guesses, accuracy = evaluate(model, test_part)
    print(f"\naccuracy          {accuracy:.3f}")
    print(f"linear n-grams    {linear_baseline(train_part, dev_part, test_part):.3f}")
    print(f"majority class    {majority_baseline(train_part, test_part):.3f}\n")
    print("times  truth  guess")
    for count, truth, guess in worst_confusions(guesses, test_part):
        print(f"{count:5}  {truth:5}  {guess}")
    draw_confusions(guesses, test_part, model.attrs["labels"], "confusions.png")
    model.to_disk(options.model)
    texts = list(test_part)[:500]
    command = [sys.executable, __file__, "--model", options.model, "digest"]
    there = subprocess.run(command, input="\n".join(texts), capture_output=True, text=True, check=True).stdout
    if there.strip() != digest(scores_of(model, texts)):
        raise SystemExit("a new process predicts otherwise than this one")
    print(f"\nsaved {options.model}; a new process loads it and its predictions are bit-equal")


def run_train(options):
    owners = read_tsv(options.data) if options.data else split(load_names())[0]
    train(owners, n_epochs=options.epochs).to_disk(options.model)
    print(f"saved {options.model}")


def run_evaluate(options):
    owners = read_tsv(options.data) if options.data else split(load_names())[2]
    print(f"accuracy {evaluate(load(options.model), owners)[1]:.3f} on {len(owners)} texts")


def run_predict(options):
    if not all(text.strip() for text in options.text):
        raise ValueError("there is an empty text: give at least one letter")
    model = load(options.model)
    for text, row in zip(options.text, scores_of(model, options.text)):
        print(f"{model.attrs['labels'][row.argmax()]}\t{row.max():.3f}\t{text}")


def run_digest(options):
    print(digest(scores_of(load(options.model), sys.stdin.read().split("\n"))))


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="language_id.thinc")
    parser.add_argument("--epochs", type=int, default=4)
    parser.set_defaults(run=run_demo)
    commands = parser.add_subparsers()
    for name, run in (("train", run_train), ("evaluate", run_evaluate), ("digest", run_digest)):
        command = commands.add_parser(name)
        command.add_argument("--data")
        command.set_defaults(run=run)
    command = commands.add_parser("predict")
    command.add_argument("text", nargs="+")
    command.set_defaults(run=run_predict)
    options = parser.parse_args(arguments)
    try:
        options.run(options)
    except (OSError, ValueError) as error:
        print(f"language_id: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
