"""What holds for every system that can be measured. Another system is one more line in the catalogue."""

from __future__ import annotations

import inspect
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import pairwise
from operator import attrgetter
from pathlib import Path

import pytest

from treering.bench.asking import ask
from treering.bench.samples import Conversation, Question, SaidTurn
from treering.bench.systems.catalogue import BUILT_IN, check_systems, make_system
from treering.bench.systems.port import CONTEXT_TOKENS, Ranker, Stats, System
from treering.errors import InvalidInput, MissingExtra, ServerUnavailable
from treering.memory.models.tokens import RegexTokenCounter
from treering.testing import HashEmbedder

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
PEERS = [name for name, entry in BUILT_IN.items() if entry.package]
UNBOUNDED = {"full-context"}


def turn(number: int, text: str, session: str = "s") -> SaidTurn:
    at = NOON + timedelta(minutes=number)
    return SaidTurn(id=f"t{number}", session=session, role="user", speaker="Bo", text=text, at=at)


def question(identity: str, text: str = "What am I allergic to, 50% & #more?") -> Question:
    return Question(id=identity, text=text, at=NOON + timedelta(days=1))


@pytest.fixture(params=BUILT_IN)
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def system(name: str, imitated: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    for variable in BUILT_IN[name].variables:
        monkeypatch.setenv(variable, "http://peer.test")
    made = make_system(name, HashEmbedder)
    yield made
    made.close()


def test_a_context_holds_what_was_said_to_it_before_the_question_by_this_person(name: str, system: System) -> None:
    bo = Conversation(
        id="bo@home.test",
        steps=(
            turn(0, "I am allergic to peanuts."),
            turn(1, "Good morning."),
            question("before"),
            turn(2, "I am allergic to shrimps.", "later"),
            question("after"),
        ),
    )
    ann = Conversation(id="ann", steps=(turn(3, "I am allergic to sesame."), question("others")))
    before, after, others = ask(system, [bo, ann], lambda _: None, depth=0).answers
    found = {
        one.question: set(re.findall("peanuts|shrimps|sesame", one.context.text)) for one in (before, after, others)
    }
    if name == "none":
        assert found == {"before": set(), "after": set(), "others": set()}
    else:
        assert found == {"before": {"peanuts"}, "after": {"peanuts", "shrimps"}, "others": {"sesame"}}
    assert before.context.turns <= {"t0", "t1"}
    assert others.context.turns <= {"t3"}
    assert set(before.context.order) in (set(), set(before.context.turns))


def test_a_context_keeps_to_what_it_may_cost_and_a_ranking_to_its_length(name: str, system: System) -> None:
    system.reset("bo")
    said = [turn(number, f"I like the boat number {number}. {'It sails very well. ' * 20}") for number in range(24)]
    system.ingest(said)
    system.flush(is_over=True)
    asked = question("q", "Which boat do I like?")
    context = system.recall(asked)
    assert RegexTokenCounter().count(context.text) <= context.tokens
    assert (context.tokens <= CONTEXT_TOKENS) == (name not in UNBOUNDED)
    assert context.turns <= {one.id for one in said}
    assert isinstance(system, Ranker) == BUILT_IN[name].ranks
    if isinstance(system, Ranker):
        ranking = system.search(asked, 7)
        assert len(ranking) == len(set(ranking)) <= 7
        assert set(ranking) <= {one.id for one in said}


def test_what_it_has_come_to_never_shrinks_while_it_hears(system: System) -> None:
    system.reset("bo")
    told = [system.stats()]
    for number, text in enumerate(["I live in Porto.", "I love jazz.", "I hate noise."]):
        system.ingest([turn(number, text, f"s{number}")])
        system.flush(is_over=True)
        told.append(system.stats())
    for earlier, later in pairwise(told):
        assert all(one <= other for one, other in zip(_counted(earlier), _counted(later), strict=True))
        assert (earlier.changes is None) == (later.changes is None)


def _counted(stats: Stats) -> tuple[int, ...]:
    return (stats.model_calls or 0, stats.input_tokens or 0, stats.output_tokens or 0, len(stats.changes or ()))


def test_calls_of_a_model_are_counted_anew_for_each_person_or_said_to_be_unknown(imitated: None) -> None:
    system = make_system("graphiti", HashEmbedder)
    said = [turn(0, "I live in Porto."), turn(1, "I love jazz.")]
    for person in ("bo", "ann"):
        system.reset(person)
        system.ingest(said)
        expected = Stats(model_calls=4, input_tokens=2 * sum(len(one.line) for one in said))
        assert system.stats() == expected, "two prompts, each counted"
    system.close()
    assert make_system("hindsight", HashEmbedder).stats().model_calls is None


@pytest.mark.parametrize("name", PEERS)
def test_a_peer_that_is_not_there_is_told_before_anything_is_measured(
    name: str, imitated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = BUILT_IN[name]
    for variable in entry.variables:
        monkeypatch.setenv(variable, "http://peer.test")
    check_systems([name])
    extras = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    assert entry.extra in extras
    for variable in entry.variables:
        with monkeypatch.context() as bare:
            bare.delenv(variable)
            with pytest.raises(InvalidInput, match=f"'{name}' needs {variable} in"):
                check_systems([name])
    monkeypatch.setitem(sys.modules, entry.package, None)
    monkeypatch.setattr("treering.bench.systems.catalogue.find_spec", lambda _: None)
    with pytest.raises(MissingExtra, match=re.escape(f"treering[{entry.extra}]")):
        check_systems([name])


def test_rankings_are_asked_of_those_alone_that_make_some(imitated: None) -> None:
    ranked = [name for name, entry in BUILT_IN.items() if entry.ranks]
    check_systems(ranked, ranks=True)
    with pytest.raises(InvalidInput, match="'memobase' ranks no turns"):
        check_systems([*ranked, "memobase"], ranks=True)


def test_a_server_that_fails_is_an_error_of_its_server(imitated: None, monkeypatch: pytest.MonkeyPatch) -> None:
    system = make_system("memobase", HashEmbedder)
    system.reset("bo")

    def broken(*_: object, **__: object) -> None:
        raise KeyError("context")

    monkeypatch.setattr(type(system._user), "context", broken)  # type: ignore[attr-defined]
    with pytest.raises(ServerUnavailable, match=r"http://peer\.test: KeyError: 'context'"):
        system.recall(question("q"))


@pytest.mark.parametrize("package", [BUILT_IN[name].package for name in PEERS])
def test_an_imitation_takes_nothing_that_the_real_package_does_not(
    package: str, shapes: dict[str, dict[str, Callable[..., object]]]
) -> None:
    pytest.importorskip(package)
    for place, imitation in shapes[package].items():
        module, _, path = place.partition(":")
        real = inspect.signature(attrgetter(path)(import_module(module))).parameters
        for name, parameter in inspect.signature(imitation).parameters.items():
            assert name in real, place
            may_be_positional = parameter.kind is not inspect.Parameter.KEYWORD_ONLY
            assert not (may_be_positional and real[name].kind is inspect.Parameter.KEYWORD_ONLY), place
        needed = {
            name
            for name, one in real.items()
            if one.default is one.empty and one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)
        }
        assert needed <= set(inspect.signature(imitation).parameters), place
