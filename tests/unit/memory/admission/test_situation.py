"""What a rule looks at: the words of an operation, in the sentences they stand in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from treering.memory.admission.asserting import must_be_theirs_to_say
from treering.memory.admission.situation import Objection, Readings, Situation
from treering.memory.tombstones import NO_TOMBSTONES
from treering.schemas.claims import Claim, Evidence
from treering.schemas.dialogue import Turn
from treering.schemas.listening import Draft, Window
from treering.schemas.operations import Add, NoOp, Operation
from treering.schemas.policy import Policy

if TYPE_CHECKING:
    from treering.memory.admission.situation import Cited
    from treering.schemas.trunk import Trunk

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


def readings(*contents: str) -> Readings:
    turns = tuple(
        Turn(message_id=f"m{n}", session="s", index=n, seq=n + 1, role="user", content=content, at=NOON)
        for n, content in enumerate(contents)
    )
    return Readings(window=Window(session="s", turns=turns[1:], context=turns[:1]))


def cited(readings: Readings, *pieces: tuple[str, int, str]) -> tuple[Cited, ...]:
    evidence = tuple(Evidence(message_id=name, start=start, quote=quote) for name, start, quote in pieces)
    return readings.cited(NoOp(why="w", evidence=evidence))


def test_words_are_read_in_their_own_sentences_and_lines_and_what_is_elsewhere_is_left_out() -> None:
    read = readings("I  love tea. So.", "No.\nI love cake. I love pie.")
    found = cited(
        read, ("m9", 0, "x"), ("m1", 4, "I love cake"), ("m1", 21, "e pie"), ("m0", 3, "love"), ("m1", 0, "No")
    )
    assert [(one.turn.message_id, one.quote, one.sentence) for one in found] == [
        ("m1", "I love cake", "I love cake."),
        ("m1", "e pie", "I love pie."),
        ("m0", "love", "I love tea."),
        ("m1", "No", "No."),
    ]
    assert [one.line.span.text if one.line else None for one in found] == [
        "I love cake. I love pie.",
        "I love cake. I love pie.",
        "I  love tea. So.",
        "No.",
    ]
    assert found[0].end == 15


def test_words_that_touch_a_sentence_do_not_bring_it() -> None:
    read = readings("", "I love tea. I love cake. I love pie.")
    [after, before] = cited(read, ("m1", 12, "I love cake. "), ("m1", 11, " I love cake."))
    assert (after.sentence, before.sentence) == ("I love cake.", "I love cake.")


def test_words_that_begin_between_two_lines_are_read_alone() -> None:
    [found] = cited(readings("", "Hello.\nI love tea. Yes."), ("m1", 6, "\nI love tea."))
    assert (found.line, found.quote, found.sentence) == (None, "I love tea.", "I love tea.")


def test_a_claim_without_words_is_refused_and_nothing_to_learn_needs_none(small_trunk: Trunk) -> None:
    claim = Claim(id="0" * 24, path="taste.food", text="loves tea", valid_from=NOON, recorded_at=NOON, origin="manual")

    def objection(operation: Operation) -> Objection | None:
        situation = Situation(
            draft=Draft(kind="ADD", path="taste.food", text="loves tea", message_id="m1", quote="tea"),
            operation=operation,
            cited=(),
            said=(),
            trunk=small_trunk,
            forest={},
            readings=readings("", "I love tea."),
            so_far=0,
            learned_today=0,
            tombstones=NO_TOMBSTONES,
            policy=Policy(),
            find_personal_data=None,
            holds_changes=None,
        )
        return must_be_theirs_to_say(situation)

    refused = Objection(ruling="reject", rule="no-evidence", why="it rests on no words of the conversation")
    assert objection(Add(claim=claim)) == refused
    assert objection(NoOp(why="nothing to learn")) is None
