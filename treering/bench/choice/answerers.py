"""Who answers: a chat model, a rule that reads no memory, or one that compares words."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Protocol, TypeVar

from treering.bench.choice.prompts import LETTERS, UNKNOWN, Prompt, Written
from treering.errors import ModelUnavailable
from treering.memory.ports import ModelAnswer
from treering.memory.retrieval.sparse import terms

if TYPE_CHECKING:
    from treering.memory.ports import ChatModel

Asked_contra = TypeVar("Asked_contra", bound=Written, contravariant=True)


class Replies(Protocol[Asked_contra]):
    """Replies to what is written for it."""

    @property
    def name(self) -> str:
        """Names it in reports; with the prompt it decides the answer."""
        ...

    def answer(self, prompt: Asked_contra) -> ModelAnswer:
        """The reply, in its own words, with the tokens that it took.

        Raises:
            ModelUnavailable: It does not answer.
        """
        ...


Answerer = Replies[Prompt]
"""Answers prompts; one for all systems of a run."""


class LongestOption:
    """Takes the longest option, whatever is asked: the rule that scores 51.6 % on PersonaMem.

    Where there are none it knows nothing, and so is right as often as whoever always says so.
    """

    name = "length-rule"

    def answer(self, prompt: Prompt) -> ModelAnswer:
        """The longest; of several the first."""
        if not prompt.options:
            return ModelAnswer(text=UNKNOWN)
        return _letter(max(range(len(prompt.options)), key=lambda one: len(prompt.options[one])))


class SharedWords:
    """Takes the option whose words stand in the memory, in its last lines before all. Weak, and the same for all.

    Where there are no options it reads out the line of the memory that shares most rare words with the question. It
    cannot reason, count or tell people apart; it is there so that a run without a model ends in an accuracy too.
    """

    name = "words"

    def answer(self, prompt: Prompt) -> ModelAnswer:
        """The option with most rare words in the memory; of several the first."""
        if not prompt.options:
            return ModelAnswer(text=_best_line(prompt) or UNKNOWN)
        lines = [frozenset(terms(line)) for line in prompt.memory.splitlines()]
        options = [frozenset(terms(option)) for option in prompt.options]
        shared = frozenset.intersection(*options) if options else frozenset()
        scores = [_share(option - shared, lines) for option in options]
        return _letter(max(range(len(scores)), key=scores.__getitem__))


def _share(words: frozenset[int], lines: list[frozenset[int]]) -> float:
    """The share of words in the line that has most of them; of equal lines a later one counts a little more."""
    if not words:
        return 0.0
    return max(
        (len(words & line) / len(words) + place / (1_000 * len(lines)) for place, line in enumerate(lines)), default=0.0
    )


def _best_line(prompt: Prompt) -> str:
    """The line with most of the question's words, the rarer the more; of equal ones the last. None has any: nothing."""
    wanted = frozenset(terms(prompt.question))
    lines = [(line.strip(), wanted.intersection(terms(line))) for line in prompt.memory.splitlines()]
    common = Counter(word for _, words in lines for word in words)
    weights = {word: math.log(1 + len(lines) / count) for word, count in common.items()}
    best, found = "", 0.0
    for line, words in lines:
        if words and (weight := math.fsum(weights[word] for word in words)) >= found:
            best, found = line, weight
    return best


def _letter(option: int) -> ModelAnswer:
    return ModelAnswer(text=f"({LETTERS[option]})")


class ModelAnswerer:
    """Asks a chat model.

    Args:
        model: The model.
    """

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self.name = f"model/{model.name}"

    def answer(self, prompt: Written) -> ModelAnswer:
        """What it replies, word for word."""
        return self._model.answer([("user", prompt.text)])


class Elsewhere:
    """Stands for whoever answered the exported prompts; it answers nothing itself.

    Args:
        name: Names them.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def answer(self, prompt: Written) -> ModelAnswer:
        """Nothing.

        Raises:
            ModelUnavailable: Always.
        """
        raise ModelUnavailable(self.name, f"prompt {prompt.id} was not answered elsewhere")
