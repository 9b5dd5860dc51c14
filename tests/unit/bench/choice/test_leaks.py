"""What a system or an answerer is handed leads neither to what is right, nor to what is said after the question."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import FunctionType, MethodType, ModuleType
from typing import Self

import pytest

from treering.bench.choice import hearing
from treering.bench.choice.answering import answer
from treering.bench.choice.catalogue import ChoiceSuite, read_choice_suite
from treering.bench.choice.folder import RunFolder
from treering.bench.choice.hearing import hear
from treering.bench.choice.prompts import Prompt
from treering.bench.choice.running import prompts
from treering.bench.gold.answers import RightText
from treering.bench.gold.choices import RightChoice
from treering.bench.gold.quartet import GoldItem
from treering.bench.quartet.dial import LEVELS
from treering.bench.quartet.making import make
from treering.bench.quartet.writing import write
from treering.bench.samples import Conversation, Question, SaidTurn
from treering.bench.systems.controls import FullContext
from treering.bench.systems.port import Context
from treering.memory.models.hashing import HashEmbedder
from treering.memory.ports import ModelAnswer

GOLD = RightChoice, RightText, GoldItem


def reachable(*handed: object) -> Iterator[object]:
    """All that can be reached from some objects, without going through modules, classes and the code of functions."""
    waiting: list[object] = list(handed)
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, ModuleType | type | FunctionType | MethodType):
            continue
        seen.add(id(one))
        yield one
        waiting += gc.get_referents(one)


def leads_to_gold(*handed: object) -> bool:
    """Whether an answer can be reached, or a path at which one lies."""
    for one in reachable(*handed):
        if isinstance(one, GOLD):
            return True
        if isinstance(one, str | Path) and "/" in str(one) and _holds_gold(Path(one)):
            return True
    return False


def _holds_gold(path: Path) -> bool:
    try:
        folder = path if path.is_dir() else path.parent
        return folder.is_absolute() and (folder / "gold.jsonl").is_file()
    except OSError:
        return False


class Spy(FullContext):
    """Keeps what it is handed, before every question."""

    def __init__(self, embedder: object) -> None:
        super().__init__()
        self.handed: list[object] = [embedder]
        self.before: dict[str, frozenset[str]] = {}
        """The texts that could be reached when a question was put."""

    def ingest(self, turns: Sequence[SaidTurn]) -> None:
        self.handed.append(turns)
        super().ingest(turns)

    def recall(self, question: Question) -> Context:
        self.handed.append(question)
        self.before[question.id] = frozenset(one for one in reachable(*self.handed) if isinstance(one, str))
        return super().recall(question)


@pytest.fixture
def suite(tmp_path: Path) -> ChoiceSuite:
    write(make(LEVELS["easy"]), LEVELS["easy"], tmp_path / "suite")
    found = read_choice_suite("quartet", tmp_path / "suite", 1)
    assert leads_to_gold(found.data)
    return found


@pytest.fixture
def spied(suite: ChoiceSuite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Conversation], Spy]:
    def spied_on(life: Conversation) -> Spy:
        spies: list[Spy] = []

        def made(_: str, embedder: Callable[[], HashEmbedder]) -> Spy:
            spies.append(Spy(embedder()))
            return spies[0]

        monkeypatch.setattr(hearing, "make_system", made)
        hear(RunFolder(tmp_path / "run", suite.about("hash", 1)), "full-context", [life], HashEmbedder, lambda _: None)
        return spies[0]

    return spied_on


def peeked(spy: Spy, life: Conversation) -> set[str]:
    """Questions before which something was to be seen that is said later, and not before."""
    found = set()
    for place, question in enumerate(life.steps):
        if isinstance(question, Question):
            earlier = {step.text for step in life.steps[:place]}
            later = {step.text for step in life.steps[place:] if isinstance(step, SaidTurn)} - earlier
            found |= {question.id} if later & spy.before[question.id] else set()
    return found


def test_a_system_can_reach_neither_what_is_right_nor_what_is_said_later(
    suite: ChoiceSuite, spied: Callable[[Conversation], Spy]
) -> None:
    [life] = suite.conversations
    spy = spied(life)
    assert len(spy.before) == life.questions
    assert not leads_to_gold(*spy.handed)
    assert not peeked(spy, life)


@pytest.mark.parametrize("leak", ["the key", "the folder", "the whole life"])
def test_a_leak_that_is_planted_is_found(suite: ChoiceSuite, spied: Callable[[Conversation], Spy], leak: str) -> None:
    [life] = suite.conversations
    planted: object = {"the key": suite.key, "the folder": str(suite.data), "the whole life": life}[leak]
    steps = tuple(
        replace(step, speaker=_Speaker(step.speaker, planted)) if isinstance(step, SaidTurn) else step
        for step in life.steps
    )
    spy = spied(replace(life, steps=steps))
    assert leads_to_gold(*spy.handed) == (leak != "the whole life")
    assert bool(peeked(spy, life)) == (leak == "the whole life")


class _Speaker(str):
    """A name that something hangs on."""

    __slots__ = ("planted",)

    planted: object

    def __new__(cls, name: str, planted: object) -> Self:
        made = super().__new__(cls, name)
        made.planted = planted
        return made


class Listening:
    """An answerer that keeps what it is handed."""

    name = "listening"

    def __init__(self) -> None:
        self.handed: list[Prompt] = []

    def answer(self, prompt: Prompt) -> ModelAnswer:
        self.handed.append(prompt)
        return ModelAnswer(text="(a)")


def test_an_answerer_is_handed_words_alone(suite: ChoiceSuite, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run", suite.about("hash", 1))
    hear(folder, "full-context", suite.conversations, HashEmbedder, lambda _: None)
    who = Listening()
    asked = [(who, prompt) for _, _, _, prompt in prompts(folder, ["full-context"], suite.conversations)]
    answer(folder, asked, lambda _: None, parallel=1)
    assert len(who.handed) == suite.questions
    assert not leads_to_gold(*who.handed)
    assert leads_to_gold(*(replace(one, day=suite.key) for one in who.handed))  # type: ignore[arg-type]
