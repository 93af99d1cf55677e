"""Learn handwritten digits, as the first page of the documentation does.

Real MNIST where `ml_datasets` is installed and can fetch it; else scikit-learn's scanned digits.
"""

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


def load_data():
    """((train_X, train_Y), (dev_X, dev_Y)): X (digits, pixels) in [0, 1], Y (digits, 10) one-hot."""
    try:
        return load_mnist()
    except (ImportError, OSError) as error:
        print(f"scikit-learn's digits, since MNIST can't be had here: {error}")
        return load_digits()


def load_mnist():
    """70,000 digits of 28 × 28 pixels.  ImportError, OSError: not installed, not to be fetched."""
    import ml_datasets

    return ml_datasets.mnist()


def load_digits(n_held_out=360):
    """scikit-learn's 1,797 digits of 8 × 8 pixels."""
    from sklearn import datasets

    X, labels = datasets.load_digits(return_X_y=True)
    order = numpy.random.RandomState(0).permutation(len(X))
    X = (X[order] / 16).astype("float32")
    Y = to_categorical(labels[order].astype("int32"), n_classes=10)
    return (X[:-n_held_out], Y[:-n_held_out]), (X[-n_held_out:], Y[-n_held_out:])


def train(train_X, train_Y, dev_X, dev_Y, n_epochs=15, seed=0):
    """Return the trained model and its accuracy on digits that it has not seen."""
    fix_random_seed(seed)
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
        accuracy = evaluate_model_on_arrays(model, dev_X, dev_Y)
        print(f"epoch {epoch + 1:2}  loss {loss:8.2f}  accuracy {accuracy:.3f}")
    return model, accuracy


if __name__ == "__main__":
    (train_X, train_Y), (dev_X, dev_Y) = load_data()
    train(train_X, train_Y, dev_X, dev_Y)
