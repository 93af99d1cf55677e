"""The network: n-gram ids → HashEmbed → PyTorch BiLSTM → max and mean → Softmax."""

import zlib

import numpy

from thinc.api import (
    Dropout,
    HashEmbed,
    Model,
    PyTorchLSTM,
    Softmax,
    chain,
    concatenate,
    list2ragged,
    reduce_max,
    reduce_mean,
    with_array,
)

ROWS = (2000, 8000, 20000)  # of the embedding tables for 1-, 2- and 3-grams


def create_model(width=48, hidden=256, dropout=0.3, cut_lstm=False):
    """Texts → probabilities (texts, languages).

    width: of the embedding of each n-gram.  hidden: of the BiLSTM's output, both directions.
    dropout: share of the pooled values left out in training; of the embeddings, a third of it.
    cut_lstm: stop the gradient at the BiLSTM's output, to show what it contributes.
    """
    columns = range(len(ROWS))
    embeds = [HashEmbed(width, ROWS[i], column=i, seed=i + 1, dropout=dropout / 3) for i in columns]
    lstm = PyTorchLSTM(hidden, width * len(ROWS), bi=True)
    model = chain(
        ngram_ids(),
        with_array(concatenate(*embeds)),
        without_gradient(lstm) if cut_lstm else lstm,
        list2ragged(),
        concatenate(reduce_max(), reduce_mean()),
        Dropout(dropout),
        Softmax(),
    )
    model.attrs["labels"] = []
    return model


def ngram_ids():
    """Texts → for each an array (letters + 2, 3): the n-grams that start at each letter."""
    return Model("ngram_ids", forward_ids)


def forward_ids(model, X, is_train):
    return [model.ops.asarray(ids_of(text)) for text in X], lambda dY: []


def ids_of(text):
    """(letters + 2, 3) uint64: hashes of the 1-, 2- and 3-gram from each place on; ^ begins, $ ends."""
    padded = f"^{text}$" + "$" * (len(ROWS) - 1)
    sizes = range(1, len(ROWS) + 1)
    rows = [[zlib.crc32(padded[i : i + n].encode("utf8")) for n in sizes] for i in range(len(text) + 2)]
    return numpy.array(rows, dtype="uint64")


def without_gradient(layer):
    """The layer's output in both directions of time, but no gradient for it or for what is below."""

    def forward(model, X, is_train):
        Y, _ = model.layers[0](X, is_train)
        return Y, lambda dY: [model.ops.xp.zeros_like(x) for x in X]

    def init(model, X=None, Y=None):
        model.layers[0].initialize(X=X, Y=Y)

    return Model("without_gradient", forward, init=init, layers=[layer])
