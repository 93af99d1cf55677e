"""Learn handwritten digits, as the first page of the documentation does with MNIST."""

import numpy

from thinc.api import (
    Adam,
    ReLu,
    Softmax,
    chain,
    evaluate_model_on_arrays,
    fix_random_seed,
    get_shuffled_batches,
    to_categorical,
)


def load_digits(n_held_out=360):
    """scikit-learn's 1,797 scanned digits: ((train_X, train_Y), (dev_X, dev_Y)), X in [0, 1]."""
    from sklearn import datasets

    X, labels = datasets.load_digits(return_X_y=True)
    order = numpy.random.RandomState(0).permutation(len(X))
    X = (X[order] / 16).astype("float32")
    Y = to_categorical(labels[order].astype("int32"), n_classes=10)
    return (X[:-n_held_out], Y[:-n_held_out]), (X[-n_held_out:], Y[-n_held_out:])


def train(n_epochs=15, seed=0):
    """Return the trained model and its accuracy on digits that it has not seen."""
    fix_random_seed(seed)
    (train_X, train_Y), (dev_X, dev_Y) = load_digits()
    model = chain(ReLu(nO=128, dropout=0.2), ReLu(nO=128, dropout=0.2), Softmax())
    model.initialize(X=train_X[:5], Y=train_Y[:5])
    optimizer = Adam(0.001)
    for epoch in range(n_epochs):
        loss = 0.0
        for X, Y in get_shuffled_batches(train_X, train_Y, 32):
            guesses, backprop = model.begin_update(X)
            backprop((guesses - Y) / len(guesses))
            model.finish_update(optimizer)
            loss += float(((guesses - Y) ** 2).sum())
        print(f"epoch {epoch + 1:2}  loss {loss:8.2f}  accuracy {evaluate_model_on_arrays(model, dev_X, dev_Y):.3f}")
    return model, evaluate_model_on_arrays(model, dev_X, dev_Y)


if __name__ == "__main__":
    train()
