"""What every loss has: a gradient with respect to the guesses, and a value."""

from abc import abstractmethod
from typing import Any, Generic, TypeVar

GuessT = TypeVar("GuessT")
TruthT = TypeVar("TruthT")
GradT = TypeVar("GradT")
LossT = TypeVar("LossT")


class Loss(Generic[GuessT, TruthT, GradT, LossT]):
    """Base of the losses. A subclass gives `get_grad` and `get_loss`."""

    def __init__(self, **kwargs: Any) -> None: ...

    def __call__(self, guesses: GuessT, truths: TruthT) -> tuple[GradT, LossT]:
        """(gradient, loss): the gradient comes first."""
        return self.get_grad(guesses, truths), self.get_loss(guesses, truths)

    @abstractmethod
    def get_grad(self, guesses: GuessT, truths: TruthT) -> GradT:
        """The gradient of the loss with respect to the guesses."""

    @abstractmethod
    def get_loss(self, guesses: GuessT, truths: TruthT) -> LossT:
        """The value of the loss."""

    def count(self, truths: TruthT) -> float:
        """What a normalized gradient of these truths is divided by: by default their number."""
        sized: Any = truths
        return len(sized)
