"""Draw the confusion matrix of languages."""

import numpy
from cldr_names import LANGUAGES, language_name
from language_scores import truth_of


def draw_confusions(guesses, allowed, path):
    """Write a picture: each row shows, in percent, what the names of one language were taken for."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    shares = confusion_shares(guesses, allowed)
    right = numpy.eye(len(LANGUAGES), dtype=bool)
    figure, axes = pyplot.subplots(figsize=(13, 11.5), layout="constrained")
    image = axes.imshow(numpy.ma.masked_where(right, shares), cmap="OrRd", vmin=0, vmax=15)
    _write_shares(axes, shares, right)
    names = [language_name(code) for code in LANGUAGES]
    axes.set_xticks(range(len(names)), names, rotation=90)
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set(xlabel="taken for", ylabel="truth", title="What held-out names of each language were taken for, in %")
    figure.colorbar(image, shrink=0.5, pad=0.01, extend="max", label="% of the row")
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def confusion_shares(guesses, allowed):
    """(languages, languages), in percent: row = truth, column = guess; a row without texts is 0."""
    index = {language: i for i, language in enumerate(LANGUAGES)}
    counts = numpy.zeros((len(LANGUAGES), len(LANGUAGES)))
    for guess, languages in zip(guesses, allowed):
        counts[index[truth_of(guess, languages)], index[guess]] += 1
    return 100 * counts / numpy.maximum(counts.sum(axis=1, keepdims=True), 1)


def _write_shares(axes, shares, right):
    """Numbers for what is right (in bold) and for every mistake of 2 % or more."""
    for row, column in zip(*numpy.nonzero(right | (shares >= 2))):
        hit = right[row, column]
        ink = "white" if shares[row, column] > 10 and not hit else "black"
        style = {"weight": "bold"} if hit else {}
        axes.text(column, row, f"{shares[row, column]:.0f}", ha="center", va="center", size=7, color=ink, **style)
