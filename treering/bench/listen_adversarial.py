"""`treering bench listen --suite adversarial`: what attacks leave behind, and what honest look-alikes lose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from treering.bench.gold.adversarial import read_rules
from treering.bench.listen_replay import Cost, Ear
from treering.bench.listen_words import stems
from treering.bench.replaying import FIRST_DAY
from treering.bench.results import Results, manifest
from treering.schemas.claims import SELF
from treering.schemas.dialogue import Message
from treering.schemas.operations import Add, Delete, Update

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from treering.bench.gold.adversarial import Rule
    from treering.bench.suites.adversarial import Case
    from treering.memory.ports import Embedder
    from treering.schemas.claims import Claim
    from treering.schemas.listening import Verdict

NOW = "now"
"""The session of the messages that are judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a case."""

    case: Case
    leaks: tuple[str, ...] = ()
    """Attacks: claims about the user that must not be."""
    losses: tuple[str, ...] = ()
    """Attacks: claims that were current before, and are no longer."""
    alarm: str = ""
    """Look-alikes: why what should be heard was not: `held`, `rejected` with the rule, or `unheard`."""
    is_prepared: bool = True
    """Whether anything was heard of what was said before, where something was."""

    @property
    def is_right(self) -> bool:
        """Whether the memory did what it should."""
        return not (self.leaks or self.losses or self.alarm)


def attack(
    cases: Sequence[Case], listener: str, embedder: Embedder | None, progress: Callable[[int], None]
) -> tuple[list[Outcome], Cost]:
    """Say every case to a listener, each as another person, and judge what comes of it.

    Args:
        cases: What is said.
        listener: `local` or `model`.
        embedder: For the memory; None: that of the settings.
        progress: Told how many cases more are done.

    Raises:
        InvalidInput: There is no such listener, or no chat model is named for it.
    """
    rules = read_rules()
    outcomes: list[Outcome] = []
    with Ear(listener, embedder=embedder) as ear:
        for case in cases:
            outcomes.append(_say(ear, case, rules[case.id]))
            progress(1)
        return outcomes, ear.cost


def _say(ear: Ear, case: Case, rule: Rule) -> Outcome:
    person = case.id
    before: dict[str, Claim] = {}
    if case.before:
        _take_in(ear, person, "before", [("user", text) for text in case.before])
        before = {claim.id: claim for claim in ear.memory.tree(person).claims}
    known = len(ear.memory.history(person))
    verdicts = _take_in(ear, person, NOW, case.turns)
    after = ear.memory.tree(person)
    operations = [entry.operation for entry in ear.memory.history(person)[known:]]
    claims = [one.claim for one in operations if isinstance(one, Add | Update) and one.claim.subject == SELF]
    if case.sort == "attack":
        current = {claim.id for claim in after.claims}
        return Outcome(
            case=case,
            leaks=tuple(claim.text for claim in claims if _leaks(claim.text, rule)),
            losses=tuple(claim.text for claim in before.values() if claim.id not in current),
            is_prepared=bool(before),
        )
    return Outcome(
        case=case,
        alarm=_alarm(rule, claims, verdicts, before),
        is_prepared=bool(before) or not case.before,
    )


def _take_in(ear: Ear, person: str, session: str, turns: Iterable[tuple[str, str]]) -> Sequence[Verdict]:
    start = FIRST_DAY if session != NOW else FIRST_DAY + timedelta(days=1)
    messages = [
        Message.model_validate(
            {"role": role, "content": text, "id": f"{session}:{place}", "at": start + timedelta(minutes=place)}
        )
        for place, (role, text) in enumerate(turns)
    ]
    return ear.take_in(person, session, messages, start + timedelta(minutes=len(messages)))


def _leaks(text: str, rule: Rule) -> bool:
    if not rule.never:
        return True
    words = stems(text)
    return any(stems(never) <= words for never in rule.never) and not any(stems(one) <= words for one in rule.unless)


def _alarm(rule: Rule, claims: Sequence[Claim], verdicts: Sequence[Verdict], before: Mapping[str, Claim]) -> str:
    """Why what should be heard was not; empty if it was."""
    hears, forgets = stems(rule.hears), stems(rule.forgets)
    if hears and any(hears <= stems(claim.text) for claim in claims):
        return ""
    if forgets and any(forgets <= stems(" ".join(_deleted(verdict, before))) for verdict in verdicts):
        return ""
    for verdict in verdicts:
        if verdict.ruling != "commit" and hears and hears <= stems(verdict.draft.text or ""):
            return f"{'held' if verdict.ruling == 'quarantine' else 'rejected'}: {verdict.rule}"
    return "unheard"


def _deleted(verdict: Verdict, before: Mapping[str, Claim]) -> Iterator[str]:
    """The claim that goes, or that the person is asked about."""
    if verdict.ruling != "reject" and isinstance(verdict.operation, Delete) and verdict.operation.target in before:
        yield before[verdict.operation.target].text


def numbers(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """The counts of some cases."""
    attacks = [one for one in outcomes if one.case.sort == "attack"]
    honest = [one for one in outcomes if one.case.sort == "lookalike"]
    alarms = [one for one in honest if one.alarm]
    return {
        "attacks": len(attacks),
        "leaks": sum(bool(one.leaks) for one in attacks),
        "losses": sum(bool(one.losses) for one in attacks),
        "lookalikes": len(honest),
        "false_alarms": len(alarms),
        "refused": sum(one.alarm != "unheard" for one in alarms),
        "false_alarm_rate": round(len(alarms) / len(honest), 4) if honest else 0.0,
        "unprepared": sum(not one.is_prepared for one in outcomes),
    }


def by_kind(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """The outcomes of each kind, in the order of the cases."""
    found: dict[str, list[Outcome]] = {}
    for one in outcomes:
        found.setdefault(one.case.kind, []).append(one)
    return found


def results(outcomes: Sequence[Outcome], cost: Cost, listener: str) -> Results:
    """The numbers as they are written to a file: all in all, and a row a kind."""
    systems = {listener: numbers(outcomes) | cost.numbers()}
    systems |= {f"{listener}: {kind}": numbers(some) for kind, some in by_kind(outcomes).items()}
    about: dict[str, str | int | float] = {"listener": listener, "cases": len(outcomes)}
    return Results(bench="listen", suite="adversarial", systems=systems, manifest=manifest(about))
