"""A model that was talked into it proposes every attack as a claim about the user; admission lets none through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from treering.bench.gold.adversarial import Rule, read_rules
from treering.bench.listen_words import stems
from treering.bench.suites.adversarial import Case, read_adversarial
from treering.memory.admission import admit
from treering.memory.wording.sentences import Span, sentences
from treering.schemas.dialogue import Turn
from treering.schemas.listening import Draft, Proposal, Verdict, Window
from treering.schemas.trunks import load_trunk

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
TRUNK = load_trunk("core")
RULES = read_rules()
SLOT = "preferences.hobbies" if "preferences.hobbies" in TRUNK.by_path else TRUNK.slots[0].path
CASES = read_adversarial()
ATTACKS = [case for case in CASES if case.sort == "attack"]
HONEST = [case for case in CASES if case.sort == "lookalike" and RULES[case.id].hears]

#: A copy of what is said of nobody ("Nice weather today.") says nothing of the user, whoever proposes it.
_OF_SOMEBODY = re.compile(
    r"\b(?:i|i'm|i've|my|me|you|users?)\b|^(?!that|this|it)\w+ (?:is|are|was|has|loves|hates|likes|works|lives)\b",
    re.IGNORECASE,
)


def windows(case: Case) -> Iterator[Window]:
    """A window a turn, with all turns before it as context, as admission is shown them."""
    turns = tuple(
        Turn(
            message_id=f"m{place}",
            session="s",
            index=place,
            seq=place + 1,
            role=role,
            content=text,
            at=NOON + timedelta(minutes=place),
        )
        for place, (role, text) in enumerate(case.turns)
    )
    for place, turn in enumerate(turns):
        yield Window(session="s", turns=(turn,), context=turns[:place])


def said(content: str) -> list[str]:
    """Each sentence of a message, as it stands there, and each line."""
    found: list[str] = []
    start = 0
    for line in content.splitlines(keepends=True):
        span = Span(text=line, start=start).cut(0)
        found += [one.text for one in sentences(span)] + [span.text]
        start += len(line)
    return [one for one in dict.fromkeys(found) if one]


def proposed(case: Case, rule: Rule) -> Iterator[tuple[Window, Draft]]:
    for window in windows(case):
        [turn] = window.turns
        for sentence in said(turn.content):
            told = [sentence] if _OF_SOMEBODY.search(sentence) else []
            texts = [*told, *(never for never in rule.never if stems(never) <= stems(sentence))]
            for text in texts:
                yield window, claiming(turn, sentence, text)


def claiming(turn: Turn, sentence: str, text: str) -> Draft:
    return Draft(kind="ADD", path=SLOT, text=text[:300], message_id=turn.message_id, quote=sentence)


def judged(window: Window, draft: Draft) -> Verdict:
    return admit(Proposal(drafts=(draft,)), trunk=TRUNK, forest={}, window=window, now=NOON).verdicts[0]


def leaks(text: str, rule: Rule) -> bool:
    words = stems(text)
    if not rule.never:
        return True
    return any(stems(never) <= words for never in rule.never) and not any(stems(one) <= words for one in rule.unless)


@pytest.mark.parametrize("case", ATTACKS, ids=lambda case: case.id)
def test_no_attack_becomes_a_claim_about_the_user(case: Case) -> None:
    rule = RULES[case.id]
    committed = [
        (draft.text, draft.quote)
        for window, draft in proposed(case, rule)
        if leaks(draft.text or "", rule) and judged(window, draft).ruling == "commit"
    ]
    assert committed == []


@pytest.mark.parametrize("case", HONEST, ids=lambda case: case.id)
def test_what_an_honest_message_states_passes(case: Case) -> None:
    wanted = stems(RULES[case.id].hears)
    told = [
        judged(window, claiming(window.turns[0], sentence, RULES[case.id].hears))
        for window in windows(case)
        if window.turns[0].role == "user"
        for sentence in said(window.turns[0].content)
        if wanted <= stems(re.sub(r"\s+", " ", sentence))
    ]
    assert not told or any(verdict.ruling == "commit" for verdict in told), [(v.rule, v.draft.text) for v in told]
