"""Tell the language of a name, with a network that mixes native layers and a PyTorch BiLSTM.

language_id.py                        the whole demonstration on CLDR names: train, compare, save, reload
language_id.py train [--data F.tsv]   train and save, on CLDR names or on lines of `text<TAB>label`
language_id.py evaluate [--data ...]  accuracy of a saved model, on held-out CLDR names or on a file
language_id.py predict TEXT...        the language of each text and its probability
language_id.py study [--seeds 3]      repeat the recorded comparison: several seeds, baselines, cut LSTM
"""

import argparse
import hashlib
import subprocess
import sys
import time
from pathlib import Path

from cldr_names import load_names, split
from labelled_tsv import read_tsv
from language_baselines import linear_baseline, majority_baseline
from language_network import create_model
from language_picture import draw_confusions
from language_scores import accuracy_of, confusion_table, guess, scores_of, worst_confusions
from language_study import study
from language_training import N_EPOCHS, train


def run_demo(options):
    train_part, dev_part, test_part = split(load_names())
    print(f"{len(train_part)} names to learn from, {len(test_part)} held out, 40 languages")
    start = time.perf_counter()
    model = train(train_part, n_epochs=options.epochs, seed=options.seed)
    print(f"trained in {time.perf_counter() - start:.0f} s\n")
    guesses, accuracy = evaluate(model, test_part)
    print(f"accuracy on held-out names  {accuracy:.3f}")
    print(f"linear, same n-grams        {linear_baseline(train_part, dev_part, test_part):.3f}")
    print(f"majority class              {majority_baseline(train_part, test_part):.3f}\n")
    print("\n".join(confusion_table(worst_confusions(guesses, test_part.values()))))
    draw_confusions(guesses, test_part.values(), "confusions.png")
    print("\nall confusions are drawn in confusions.png")
    model.to_disk(options.model)
    check_in_new_process(model, options.model, list(test_part)[:500])
    print(f"saved {options.model}; a new process loads it and its predictions are bit-equal")


def check_in_new_process(model, path, texts):
    """Raise unless the saved file, loaded by another process, gives exactly the same scores."""
    command = [sys.executable, __file__, "--model", path, "digest"]
    there = subprocess.run(command, input="\n".join(texts), capture_output=True, encoding="utf8", check=True).stdout
    if there.strip() != digest(model, texts):
        raise SystemExit("a new process predicts otherwise than this one")


def digest(model, texts):
    """A hash of all scores, to compare two processes bit by bit."""
    return hashlib.sha256(scores_of(model, texts).tobytes()).hexdigest()


def evaluate(model, owners):
    """The guess for each text, and the share of them that is right."""
    guesses = [label for label, _ in guess(model, owners)]
    return guesses, accuracy_of(guesses, owners.values())


def load(path):
    """The saved model.  Raises ValueError where there is none, or a damaged or foreign one."""
    if not Path(path).is_file():
        raise ValueError(f"there is no model file {path}: run `language_id.py train` first")
    model = create_model().from_disk(path)
    if len(model.attrs["labels"]) != model.layers[-1].get_dim("nO"):
        raise ValueError(f"{path} holds a network, but not one label for each of its outputs: train it here")
    return model


def check_place(path):
    """Raise ValueError where no file can be saved, before minutes of training."""
    if not Path(path).absolute().parent.is_dir():
        raise ValueError(f"can't save a model as {path}: there is no such folder")
    if Path(path).is_dir():
        raise ValueError(f"can't save a model as {path}: that is a folder")


def run_train(options):
    check_place(options.model)
    owners = read_tsv(options.data) if options.data else split(load_names())[0]
    train(owners, n_epochs=options.epochs, seed=options.seed).to_disk(options.model)
    print(f"saved {options.model}")


def run_evaluate(options):
    owners = read_tsv(options.data) if options.data else split(load_names())[2]
    _, accuracy = evaluate(load(options.model), owners)
    print(f"accuracy {accuracy:.3f} on {len(owners)} texts")


def run_predict(options):
    if not all(text.strip() for text in options.text):
        raise ValueError("there is an empty text: give at least one letter")
    for text, (label, probability) in zip(options.text, guess(load(options.model), options.text)):
        print(f"{label}\t{probability:.3f}\t{text}")


def run_study(options):
    study(seeds=range(options.seeds), n_epochs=options.epochs)


def run_digest(options):
    print(digest(load(options.model), sys.stdin.read().split("\n")))


def parser():
    """The command line: the demonstration if no sub-command is given."""
    top = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--model", default="language_id.thinc", metavar="FILE")
    top.add_argument("--epochs", type=int, default=N_EPOCHS)
    top.add_argument("--seed", type=int, default=0)
    top.set_defaults(run=run_demo)
    commands = top.add_subparsers(metavar="train | evaluate | predict | study")
    for name, run in (("train", run_train), ("evaluate", run_evaluate)):
        command = commands.add_parser(name)
        command.add_argument("--data", metavar="FILE.tsv")
        command.set_defaults(run=run)
    command = commands.add_parser("predict")
    command.add_argument("text", nargs="+")
    command.set_defaults(run=run_predict)
    command = commands.add_parser("study")
    command.add_argument("--seeds", type=int, default=3)
    command.set_defaults(run=run_study)
    commands.add_parser("digest").set_defaults(run=run_digest)
    return top


def main(arguments=None):
    options = parser().parse_args(arguments)
    try:
        options.run(options)
    except (OSError, ValueError) as error:
        print(f"language_id: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
