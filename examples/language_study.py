"""Repeat the recorded comparison: several seeds, the baselines, and the LSTM's gradient cut."""

import time
from statistics import mean

from cldr_names import load_names, split
from language_baselines import linear_baseline, majority_baseline
from language_scores import accuracy_of, guess
from language_training import train


def study(seeds, n_epochs):
    """Print accuracy and training time of each seed, their mean and spread, and what to hold them against."""
    train_part, dev_part, test_part = split(load_names())
    linear = linear_baseline(train_part, dev_part, test_part)
    print(f"majority class        {majority_baseline(train_part, test_part):.4f}")
    print(f"linear, same n-grams  {linear:.4f}")
    whole = [measure(train_part, test_part, seed, n_epochs=n_epochs) for seed in seeds]
    cut = [measure(train_part, test_part, seed, n_epochs=n_epochs, cut_lstm=True) for seed in seeds]
    spread = max(whole) - min(whole)
    print(f"network               mean {mean(whole):.4f}, spread {spread:.4f}")
    print(f"  LSTM gradient cut   mean {mean(cut):.4f}, spread {max(cut) - min(cut):.4f}")
    print(f"the worst seed is {min(whole) - linear:+.4f} above linear; the spread of the seeds is {spread:.4f}")


def measure(train_part, test_part, seed, **settings):
    """Train once; print and return the held-out accuracy."""
    wall, cpu = time.perf_counter(), time.process_time()
    model = train(train_part, seed=seed, quiet=True, **settings)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    accuracy = accuracy_of([label for label, _ in guess(model, test_part)], test_part.values())
    title = "  cut" if settings.get("cut_lstm") else "whole"
    print(f"  {title} seed {seed}  accuracy {accuracy:.4f}  training {wall:.0f} s, CPU {cpu:.0f} s", flush=True)
    return accuracy
