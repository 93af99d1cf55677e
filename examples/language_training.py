"""Train the network: one Adam over the native layers and the PyTorch BiLSTM."""

import numpy
from language_network import create_model

from thinc.api import Adam, fix_random_seed, warmup_linear

N_EPOCHS = 7
BATCH_SIZE = 128
LEARN_RATE = 0.006
SMOOTHING = 0.2  # of each row of targets goes to all labels alike; chosen on the development part


def train(owners, n_epochs=N_EPOCHS, batch_size=BATCH_SIZE, seed=0, quiet=False, **settings):
    """Return a model that has learnt `owners`, {text: its languages}.  settings: of `create_model`."""
    fix_random_seed(seed)
    texts, labels = list(owners), sorted(set().union(*owners.values()))
    Y = targets_of(owners.values(), labels)
    model = create_model(**settings).initialize(X=texts[:8], Y=Y[:8])
    model.attrs["labels"] = labels
    n_steps = n_epochs * -(-len(texts) // batch_size)
    optimizer = Adam(warmup_linear(LEARN_RATE, n_steps // 10, n_steps), use_averages=False)
    Y = Y * (1 - SMOOTHING) + numpy.float32(SMOOTHING / len(labels))
    for epoch in range(n_epochs):
        batches = batches_of(texts, Y, batch_size)
        train_epoch(model, optimizer, batches, f"epoch {epoch + 1}/{n_epochs}", quiet)
    return model


def train_epoch(model, optimizer, batches, title, quiet):
    """One pass over the batches, behind a progress bar with the mean loss and the learning rate."""
    from tqdm import tqdm

    seen, loss = 0, 0.0
    with tqdm(batches, desc=title, disable=quiet, unit="batch", mininterval=0.5) as bar:
        for texts, Y in bar:
            Y = model.ops.asarray2f(Y)
            guesses, backprop = model.begin_update(texts)
            backprop((guesses - Y) / len(texts))
            model.finish_update(optimizer)
            optimizer.step_schedules()
            seen += len(texts)
            loss -= float((Y * model.ops.xp.log(guesses + 1e-9)).sum())
            bar.set_postfix(loss=f"{loss / seen:.3f}", rate=f"{optimizer.learn_rate:.4f}", refresh=False)


def batches_of(texts, Y, size):
    """Shuffled batches of texts of nearly the same length.

    A PyTorch LSTM takes as many steps as the longest text of a batch has letters. Measured on
    the CLDR names, this makes its backward pass 4 times as fast as batches of random texts.
    """
    lengths = numpy.array([len(text) for text in texts])
    order = numpy.argsort(lengths + numpy.random.random(len(texts)))
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    numpy.random.shuffle(batches)
    return [([texts[i] for i in batch], Y[batch]) for batch in batches]


def targets_of(allowed, labels):
    """(texts, labels) float32: a row shares 1 among the languages in which the text is right."""
    column = {label: i for i, label in enumerate(labels)}
    Y = numpy.zeros((len(allowed), len(labels)), dtype="float32")
    for row, languages in zip(Y, allowed):
        row[[column[language] for language in languages]] = 1 / len(languages)
    return Y
