"""Compute the same things with whichever thinc this interpreter has, and pickle the results.

Run by compare_published.py, once in our environment and once in that of the published wheel.
Usage: published_cases.py RESULTS [OTHER]: OTHER are results whose model files are loaded here.
"""

import pickle
import sys
import warnings

import numpy
from published import configs, layers, ops, settings, tools, training
from published.recording import RESULTS


def main():
    other = {}
    if len(sys.argv) > 2:
        with open(sys.argv[2], "rb") as stream:
            other = pickle.load(stream)
    warnings.simplefilter("ignore")
    numpy.seterr(all="ignore")
    ops.run()
    layers.run(other)
    settings.run()
    training.run()
    tools.run()
    configs.run()
    with open(sys.argv[1], "wb") as stream:
        pickle.dump(RESULTS, stream)


if __name__ == "__main__":
    main()
