"""What goes so that something is forgotten: evidence, repetitions, names; and what stays in another form."""

from __future__ import annotations

from datetime import UTC, datetime

from treering.memory.forgetting.plan import Plan, plan
from treering.memory.forgetting.wishes import Known, Wish
from treering.memory.ports import Spoken
from treering.schemas.claims import FORGOTTEN, Claim, Evidence
from treering.schemas.dialogue import Turn
from treering.schemas.retraction import FormerText

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)


def claim(
    number: int, text: str, *cited: tuple[str, str, int], path: str = "taste.food", subject: str = "self"
) -> Claim:
    evidence = tuple(Evidence(message_id=message, quote=quote, start=start) for message, quote, start in cited)
    return Claim(
        id=f"{number:024x}", subject=subject, path=path, text=text, valid_from=NOW, recorded_at=NOW, evidence=evidence
    )


def turn(seq: int, content: str, **more: object) -> Turn:
    values = {"message_id": f"m{seq}", "session": "s", "index": seq, "seq": seq, "role": "user", "at": NOW}
    return Turn.model_validate({**values, "content": content, **more})


def spoken_of(seq: int, one: Claim, **changes: object) -> Spoken:
    quotes = tuple((piece.message_id, piece.quote, piece.start) for piece in one.evidence)
    values = {
        "claim_id": one.id,
        "subject": one.subject,
        "path": one.path,
        "text": one.text,
        "condition": None,
        "why": None,
    }
    return Spoken(**{"seq": seq, **values, "quotes": quotes, **changes})  # type: ignore[arg-type]


def known(claims: list[Claim], turns: list[Turn], **more: object) -> Known:
    spoken = [spoken_of(seq, one) for seq, one in enumerate(claims, start=1)]
    values: dict[str, object] = {"live": {one.id: one for one in claims}, "spoken": spoken, "turns": turns}
    return Known(**{**values, **more})  # type: ignore[arg-type]


PEANUTS = claim(1, "is allergic to peanuts", ("m1", "I'm allergic to peanuts", 23), path="health.allergy")
LISBON = claim(2, "lives in Lisbon", ("m1", "I moved to Lisbon", 0), path="home.city")
SAID = turn(1, "I moved to Lisbon, and I'm allergic to peanuts.")


def of_peanuts(*claims: Claim, turns: tuple[Turn, ...] = (), **more: object) -> Plan:
    return plan(Wish(claims=frozenset([PEANUTS.id])), known([PEANUTS, *claims], [SAID, *turns], **more))


def test_a_claim_takes_its_whole_turn_with_it_and_leaves_the_other_claims_of_the_turn() -> None:
    found = of_peanuts(LISBON)
    assert found.claims == (PEANUTS.id,)
    assert found.messages == ("m1",)
    assert found.blanked == ()
    assert found.entries == (1,)


def test_turns_that_repeat_the_words_go_whatever_their_case_and_spacing() -> None:
    repeats = turn(2, "As I said: i'm  ALLERGIC to peanuts!", role="assistant")
    assert of_peanuts(turns=(repeats, turn(3, "I'm allergic to cats."))).messages == ("m1", "m2")


def test_words_in_the_notes_of_a_turn_count_as_said() -> None:
    noted = turn(2, "Hello there.", metadata={"summary": "is allergic to peanuts"})
    assert of_peanuts(turns=(noted,)).messages == ("m1", "m2")


def test_what_is_taken_in_brings_its_own_evidence() -> None:
    again = claim(3, "Is allergic to peanuts, badly", ("m2", "peanuts nearly killed me", 0))
    found = of_peanuts(
        again, turns=(turn(2, "peanuts nearly killed me once"), turn(3, "Yes, peanuts nearly killed me."))
    )
    assert found.claims == (PEANUTS.id, again.id)
    assert found.messages == ("m1", "m2", "m3")


def test_a_claim_that_says_a_part_of_it_goes_too() -> None:
    whole = claim(1, "is allergic to peanuts and hates cilantro", ("m1", "x", 0))
    part = claim(2, "hates cilantro", ("m2", "y", 0))
    larger = claim(3, "is allergic to peanuts", ("m3", "z", 0))
    found = plan(Wish(claims=frozenset([whole.id])), known([whole, part, larger], []))
    assert found.claims == (whole.id, larger.id), "two words are no statement"


def test_a_claim_that_shares_the_quoted_words_stays_without_them() -> None:
    shared = "I moved to Lisbon to work as a nurse"
    nurse = claim(1, "works as a nurse", ("m1", "to work as a nurse", 18))
    moved = claim(2, "lives in Lisbon", ("m1", shared, 0), ("m9", "Lisbon it is", 0))
    found = plan(Wish(claims=frozenset([nurse.id])), known([nurse, moved], [turn(1, f"{shared}.")]))
    [left] = found.blanked
    assert [piece.quote for piece in left.evidence] == [FORGOTTEN, "Lisbon it is"]
    assert (left.text, left.id) == (moved.text, moved.id)
    assert found.entries == (1, 2)


def test_quotes_that_overlap_in_the_message_are_shared_too() -> None:
    content = "I moved to Lisbon to work as a nurse in Porto."
    nurse = claim(1, "works as a nurse", ("m1", "work as a nurse in Porto", 21))
    moved = claim(2, "lives in Lisbon", ("m1", "moved to Lisbon to work", 2))
    found = plan(Wish(claims=frozenset([nurse.id])), known([nurse, moved], [turn(1, content)]))
    assert [piece.quote for piece in found.blanked[0].evidence] == [FORGOTTEN]


def test_a_claim_whose_entry_goes_for_the_reason_given_stays_in_an_entry_of_its_own() -> None:
    first, again = spoken_of(1, LISBON, why="told after rehab"), spoken_of(2, LISBON)
    wish = Wish(about="rehab")
    found = plan(wish, known([LISBON], [], spoken=[first]))
    assert (found.claims, found.blanked, found.entries) == ((), (LISBON,), (1,))
    found = plan(wish, known([LISBON], [], spoken=[first, again]))  # the last entry is the one that it lives on
    assert (found.claims, found.blanked, found.entries) == ((), (), (1,))


def test_a_condition_is_part_of_what_a_claim_says() -> None:
    tea = LISBON.model_copy(update={"condition": "after rehab meetings"})
    found = plan(Wish(about="rehab meeting"), known([tea], []))
    assert found.claims == (tea.id,)
    past = plan(Wish(about="rehab meeting"), known([], [], spoken=[spoken_of(1, tea, condition=tea.condition)]))
    assert past.claims == (tea.id,)
    meetings = claim(3, "goes to rehab meetings", ("m3", "rehab", 0), path="health.therapy")
    told = tea.model_copy(update={"condition": "when she goes to rehab meetings"})
    found = plan(Wish(claims=frozenset([meetings.id])), known([meetings, told], []))
    assert found.claims == (told.id, meetings.id)


def test_few_words_are_not_followed() -> None:
    tea = claim(1, "likes tea", ("m1", "tea", 7))
    found = plan(
        Wish(claims=frozenset([tea.id])), known([tea], [turn(1, "I like tea"), turn(2, "Is tea fine for you?")])
    )
    assert found.messages == ("m1",)


def test_a_path_means_its_branch_and_claims_of_the_past() -> None:
    past = spoken_of(9, claim(9, "was diabetic for years", ("m9", "I was diabetic", 0), path="health.condition"))
    stored = known([PEANUTS, LISBON], [SAID, turn(9, "I was diabetic")], spoken=[spoken_of(1, PEANUTS), past])
    found = plan(Wish(path="health"), stored)
    assert found.claims == (PEANUTS.id, f"{9:024x}")
    assert plan(Wish(path="health.allergy"), stored).claims == (PEANUTS.id,)
    assert plan(Wish(path="heal"), stored).claims == ()


def test_a_message_takes_along_what_rests_on_nothing_else() -> None:
    both = claim(3, "works as a nurse", ("m1", "nurse", 0), ("m2", "a nurse", 0))
    found = plan(Wish(messages=frozenset(["m1"])), known([PEANUTS, LISBON, both], [SAID, turn(2, "a nurse")]))
    assert found.claims == (PEANUTS.id, LISBON.id)
    assert found.messages == ("m1",)
    assert [[piece.quote for piece in one.evidence] for one in found.blanked] == [[FORGOTTEN, "a nurse"]]


def test_about_finds_all_its_words_in_any_form() -> None:
    turns = [SAID, turn(2, "A peanut made her allergic."), turn(3, "I like peanuts."), turn(4, "Allergic to cats")]
    found = plan(Wish(about="allergic peanuts"), known([PEANUTS, LISBON], turns))
    assert found.claims == (PEANUTS.id,)
    assert found.messages == ("m1", "m2")


def test_about_finds_people_by_their_names() -> None:
    doctor = claim(5, "is a doctor", ("m5", "a doctor", 6), subject="person:Zebulon")
    stored = known([doctor], [turn(5, "He is a doctor")], names=frozenset({"person:Zebulon", "person:Bo"}))
    found = plan(Wish(about="Zebulon"), stored)
    assert found.claims == (doctor.id,)
    assert found.names == {"person:Zebulon"}


def test_a_name_stays_while_something_is_known_of_the_person() -> None:
    first = claim(1, "is a doctor in Porto", ("m1", "a", 0), subject="person:Bo")
    second = claim(2, "likes long walks", ("m2", "b", 0), subject="person:Bo")
    assert plan(Wish(claims=frozenset([first.id])), known([first, second], [])).names == frozenset()
    both = Wish(claims=frozenset([first.id, second.id]))
    assert plan(both, known([first, second], [])).names == {"person:Bo"}


def test_what_repeated_a_claim_or_ended_it_is_evidence_too() -> None:
    again = Spoken(
        seq=5,
        claim_id=PEANUTS.id,
        subject=None,
        path=None,
        text=None,
        condition=None,
        why="known already",
        quotes=(("m2", "peanuts", 0),),
    )
    stored = known([PEANUTS], [SAID, turn(2, "Mind the peanuts.")], spoken=[spoken_of(1, PEANUTS), again])
    found = plan(Wish(claims=frozenset([PEANUTS.id])), stored)
    assert found.messages == ("m1", "m2")
    assert found.entries == (1, 5)


def test_a_wish_that_waits_goes_with_its_claim() -> None:
    asked = {PEANUTS.id: ["m2"]}
    assert of_peanuts(turns=(turn(2, "Forget about the nuts."),), asked=asked).messages == ("m1", "m2")


def test_what_asked_for_it_goes_and_nothing_that_rests_on_it() -> None:
    wish = Wish(claims=frozenset([PEANUTS.id]), requests=frozenset(["m2"]))
    porto = claim(4, "lives in Porto", ("m2", "I live in Porto", 22))
    found = plan(wish, known([PEANUTS, porto], [SAID, turn(2, "Forget the nuts, and I live in Porto.")]))
    assert found.claims == (PEANUTS.id,)
    assert found.messages == ("m1", "m2")


def test_the_marks_cover_statements_and_whole_messages_also_former_ones() -> None:
    former = {"m1": [FormerText(number=1, content="I was allergic to nuts.", replaced_at=NOW)]}
    found = of_peanuts(former=former)
    assert found.statements == {("self", "health.allergy", "is allergic to peanuts")}
    assert found.contents == (SAID.content, "I was allergic to nuts.")
    assert found.sought.is_said_in("They knew that I was allergic to nuts.")


def test_nothing_named_is_the_whole_person() -> None:
    stored = known([PEANUTS, LISBON], [SAID, turn(2, ""), turn(3, "Yes.")], names=frozenset({"person:Bo"}))
    found = plan(Wish(), stored)
    assert found.claims == (PEANUTS.id, LISBON.id)
    assert found.messages == ("m1", "m3")
    assert found.entries == (1, 2)
    assert found.contents == (SAID.content,)


def test_words_that_are_gone_are_looked_for_nowhere() -> None:
    gone = claim(1, FORGOTTEN, ("m1", FORGOTTEN, 0))
    found = plan(Wish(claims=frozenset([gone.id])), known([gone, LISBON], [turn(2, "He said [forgotten].")]))
    assert not found.sought
    assert found.messages == ()
    assert found.statements == frozenset()
