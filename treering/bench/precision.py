"""`treering bench recall --suite precision`: does a context hold what concerns a question, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.bench.gold.precision import Expectation, read_expectations
from treering.bench.results import Results, manifest
from treering.bench.suites.precision import read_precision
from treering.bench.systems.beliefs import BeliefMemory
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from treering.bench.suites.precision import Belief, BeliefQuestion
    from treering.bench.systems.beliefs import Surfaced
    from treering.memory.ports import Embedder
    from treering.schemas.recall import Mode

MODES: Mapping[str, Mode] = {"treering": "hybrid", "treering-tree": "tree"}
"""Systems that can hold beliefs with a scope, and their mode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of a case."""

    question: str
    faults: tuple[str, ...] = ()
    """Expectations that do not hold, in words."""
    not_expressible: str | None = None
    """Why the case cannot be asked of Treering, if so."""
    leaks: frozenset[str] = frozenset()
    """Beliefs that must never surface, and did: superseded or resolved ones, and those of another person."""
    found: frozenset[str] = frozenset()
    wanted: frozenset[str] | None = None
    """Of the relevant beliefs: what surfaced, and what should have; None where the case does not say."""


def bench_precision(folder: Path, systems: Sequence[str], embedder: Callable[[], Embedder]) -> dict[str, list[Verdict]]:
    """Every case, put to each system.

    Raises:
        InvalidInput: A system holds no beliefs, or a file is not what it should be.
    """
    for name in systems:
        if name not in MODES:
            raise InvalidInput("--systems", f"{name!r} holds no beliefs; for this suite there are {', '.join(MODES)}")
    suite, expected = read_precision(folder), read_expectations(folder)
    found: dict[str, list[Verdict]] = {}
    for name in systems:
        memory = BeliefMemory(embedder(), MODES[name], suite.beliefs)
        beliefs = {one.id: one for one in suite.beliefs}
        try:
            found[name] = []
            for question in suite.questions:
                found[name].append(_verdict(memory, question, expected[question.id], beliefs))
                if question.learns is not None:
                    beliefs[question.learns.id] = question.learns
        finally:
            memory.close()
    return found


def results(verdicts: Mapping[str, Sequence[Verdict]], settings: Mapping[str, str | int | float]) -> Results:
    """The numbers as they are written to a file."""
    systems = {name: numbers(some) for name, some in verdicts.items()}
    return Results(bench="recall", suite="precision", systems=systems, manifest=manifest(dict(settings)))


def numbers(verdicts: Sequence[Verdict]) -> dict[str, float]:
    """Counts of cases, and precision, recall and F1 of the relevant beliefs over all cases that say which they are."""
    told = [one for one in verdicts if one.wanted is not None]
    hits = sum(len(one.found & one.wanted) for one in told if one.wanted is not None)
    precision = _share(hits, sum(len(one.found) for one in told))
    recall = _share(hits, sum(len(one.wanted) for one in told if one.wanted is not None))
    return {
        "cases": len(verdicts),
        "passed": sum(1 for one in verdicts if not one.faults and one.not_expressible is None),
        "failed": sum(1 for one in verdicts if one.faults),
        "not_expressible": sum(1 for one in verdicts if one.not_expressible is not None),
        "leaks": sum(len(one.leaks) for one in verdicts),
        "precision": precision,
        "recall": recall,
        "f1": round(2 * precision * recall / (precision + recall), 4) if precision + recall else 0.0,
    }


def _verdict(
    memory: BeliefMemory,
    question: BeliefQuestion,
    expected: Sequence[Expectation],
    beliefs: Mapping[str, Belief],
) -> Verdict:
    reason = _not_expressible(question)
    if reason is not None:
        return Verdict(question=question.id, not_expressible=reason)
    surfaced = memory.ask(question)
    relevant = frozenset(one for one in surfaced.beliefs if beliefs[one].section == "relevant")
    wanted = next((one.names for one in expected if (one.section, one.rule) == ("relevant", "exactly")), None)
    return Verdict(
        question=question.id,
        faults=tuple(fault for one in expected for fault in _faults(one, surfaced, beliefs)),
        leaks=frozenset(one for one in surfaced.beliefs if _must_never(beliefs[one], question)),
        found=relevant,
        wanted=wanted,
    )


def _not_expressible(question: BeliefQuestion) -> str | None:
    if not question.text.strip():
        return "an empty question is an error here; what always applies is read with `tree`"
    if question.max_beliefs:
        return "the budget counts beliefs; here it counts tokens"
    return None


def _must_never(belief: Belief, question: BeliefQuestion) -> bool:
    return belief.successor is not None or belief.ended is not None or belief.person != question.person


def _faults(expected: Expectation, surfaced: Surfaced, beliefs: Mapping[str, Belief]) -> Iterator[str]:
    section = expected.section
    found = frozenset(one for one in surfaced.beliefs if section in (None, beliefs[one].section))
    where = section or "context"
    match expected.rule:
        case "exactly" | "include":
            missing = expected.names - found
            if missing:
                yield f"{where} lacks {_names(missing)}"
            if expected.rule == "exactly" and found - expected.names:
                yield f"{where} has {_names(found - expected.names)} as well"
        case "exclude":
            if expected.names & found:
                yield f"{where} must not have {_names(expected.names & found)}"
        case "something" | "nothing":
            if bool(found) != (expected.rule == "something"):
                yield f"{where} is {'empty' if not found else 'not empty'}"
        case "says" | "never_says":
            said = {word for word in expected.names if word.lower() in surfaced.context.lower()}
            wrong = said if expected.rule == "never_says" else expected.names - said
            if wrong:
                yield f"{where} {'says' if expected.rule == 'never_says' else 'does not say'} {_names(wrong)}"


def _names(names: frozenset[str] | set[str]) -> str:
    return ", ".join(sorted(names))


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0
