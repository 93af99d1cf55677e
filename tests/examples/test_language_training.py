"""The network learns languages, and it learns less without its LSTM."""

import numpy
import pytest
from language_baselines import linear_baseline, majority_baseline
from language_network import create_model, ids_of
from language_scores import accuracy_of, confusion_table, guess, scores_of, worst_confusions
from language_training import batches_of, targets_of, train

SMALL = {"n_epochs": 4, "batch_size": 32, "width": 16, "hidden": 32, "quiet": True}


def accuracy_after_training(names, **settings):
    model = train(names[0], **SMALL, **settings)
    return accuracy_of([label for label, _ in guess(model, names[2])], names[2].values())


@pytest.fixture(scope="module")
def accuracy(names):
    return accuracy_after_training(names)


def test_held_out_names_are_told_apart(names, accuracy):
    assert majority_baseline(names[0], names[2]) < 0.4
    assert accuracy > 0.75


def test_a_cut_gradient_of_the_lstm_is_measurably_worse(names, accuracy):
    assert accuracy_after_training(names, cut_lstm=True) < accuracy - 0.1


def test_a_cut_gradient_leaves_lstm_and_embeddings_as_they_were(names):
    texts = list(names[0])[:16]
    model = create_model(width=4, hidden=6, cut_lstm=True)
    Y = targets_of(list(names[0].values())[:16], ["de", "fi", "tr", "vi"])
    model.initialize(X=texts, Y=Y)
    guesses, backprop = model.begin_update(texts)
    backprop(guesses - Y)
    name_of = {node.id: node.name for node in model.walk()}
    touched = {(name_of[key[0]], key[1]) for key, (_, grad) in model.get_gradients().items() if grad.any()}
    assert touched == {("softmax", "W"), ("softmax", "b")}


def test_one_seed_gives_one_model(names):
    part = dict(list(names[0].items())[:128])
    one, two, other = (scores_of(train(part, **{**SMALL, "n_epochs": 1}, seed=s), part) for s in (3, 3, 4))
    assert numpy.array_equal(one, two)
    assert not numpy.array_equal(one, other)


def test_the_bar_shows_loss_and_rate(names, capsys):
    train(dict(list(names[0].items())[:64]), **{**SMALL, "quiet": False, "n_epochs": 1})
    last = capsys.readouterr().err.splitlines()[-1]
    assert "epoch 1/1" in last and "loss=" in last and "rate=" in last


def test_every_text_is_in_one_batch_with_texts_of_its_length():
    texts = ["x" * n for n in (1, 9, 2, 8, 3, 7, 4)]
    Y = numpy.arange(7, dtype="float32").reshape(7, 1)
    batches = batches_of(texts, Y, 2)
    assert sorted(sum((batch for batch, _ in batches), [])) == sorted(texts)
    assert all(texts[int(y[0])] == text for batch, rows in batches for text, y in zip(batch, rows))
    assert all(max(map(len, batch)) - min(map(len, batch)) <= 4 for batch, _ in batches)


def test_an_ngram_has_one_id_wherever_it_stands():
    one, two = ids_of("ban"), ids_of("urban")
    assert one.shape == (5, 3) and one.dtype == "uint64"
    assert numpy.array_equal(one[1:], two[3:])
    assert one[0, 0] == two[0, 0] and one[0, 1] != two[0, 1]
    assert ids_of("").shape == (2, 3)


def test_a_row_of_targets_is_shared_among_its_languages():
    Y = targets_of([{"de"}, {"de", "fi"}], ["de", "fi", "vi"])
    assert Y.tolist() == [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]]


def test_any_language_of_a_text_is_right():
    assert accuracy_of(["de", "fi", "vi"], [{"fi", "de"}, {"fi"}, {"tr"}]) == 2 / 3


def test_confusions_are_counted_and_named():
    guesses = ["fi", "fi", "de", "vi", "de"]
    allowed = [{"de"}, {"de", "tr"}, {"de"}, {"tr"}, {"de", "fi"}]
    confusions = worst_confusions(guesses, allowed)
    assert confusions == [(2, "de", "fi"), (1, "tr", "vi")]
    assert [line.split() for line in confusion_table(confusions)][1] == ["2", "German", "Finnish"]


def test_the_penalty_of_the_linear_baseline_is_chosen_without_the_test_part(names):
    train_part, dev_part, test_part = names
    chosen = linear_baseline(train_part, dev_part, test_part, penalties=(1e-6, 1))
    assert chosen == linear_baseline(train_part, dev_part, test_part, penalties=(1,))
    assert chosen > 0.75
