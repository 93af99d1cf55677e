"""Settings that no optimizer takes, and schedules of what are no numbers."""

from thinc.api import SGD, Adam, Optimizer, constant, warmup_linear
from thinc.schedules import Schedule


def settings() -> None:
    Adam("0.001")  # refused: text
    Adam(None)  # refused: nothing
    Adam(["0.1"])  # refused: a list of text
    Adam(lambda step, last_score: "0.1")  # refused: a function that gives text
    Adam(0.1, beta3=0.9)  # refused: no such name
    Adam(0.1, use_averages="yes")  # refused: true or false
    SGD(0.1, "0.1")  # refused: by name only
    Optimizer("0.1")  # refused: text
    Adam(0.1).learn_rate = "0.1"  # refused: text
    rate: str = Adam(0.1).learn_rate  # refused: it is a number
    print(rate)


def schedules() -> None:
    constant("0.1")  # refused: text
    warmup_linear(0.1, "10", 100)  # refused: a number of steps
    Schedule("falling", 0.1)  # refused: no function
    text: str = constant(0.1)(3)  # refused: it gives a number
    print(text)
