"""Stories of several sessions: what is said twice, what is contradicted, what shows only after a while."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from treering import Claim, Memory, Settings
from treering.memory.tree import PersonaTree
from treering.schemas.dialogue import Scope
from treering.schemas.listening import Draft, Proposal, Reply, Window
from treering.schemas.operations import LedgerEntry
from treering.testing import ManualClock

ANA = Scope(user="ana")
EVENTS = "experiences.events"
FOOD = "preferences.food"
MUSIC = "preferences.music"
NATURE = "preferences.nature"
PETS = "home.pets"
TRAITS = "personality.traits"
TRIPS = "preferences.travel"


@dataclass(frozen=True, kw_only=True)
class Scripted:
    """A listener that hears what the story says it does, and compares nothing: every statement is an ADD."""

    hears: Mapping[str, Draft]
    name: str = "scripted/1"
    window_turns: int = 2
    context_turns: int = 0

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        return None

    def read(self, window: Window, trees: Mapping[str, PersonaTree], reply: Reply | None) -> Proposal:
        return Proposal(
            drafts=tuple(
                self.hears[turn.content].model_copy(update={"message_id": turn.message_id, "quote": turn.content})
                for turn in window.turns
                if turn.content in self.hears
            )
        )


def states(path: str, text: str, condition: str | None = None) -> Draft:
    return Draft(kind="ADD", path=path, text=text, condition=condition)


def suggests(path: str, text: str) -> Draft:
    return Draft(kind="ADD", path=path, text=text, origin="inferred", confidence=0.6)


HEARS = {
    "I love hiking in the mountains.": states(NATURE, "loves hiking in the mountains"),
    "Hiking in the mountains is what I love!": states(NATURE, "loves hiking in the mountains"),
    "I really enjoy hiking in the mountains.": states(TRIPS, "really enjoys hiking in the mountains"),
    "I love hiking.": states(NATURE, "loves hiking"),
    "I love jazz.": states(MUSIC, "loves jazz"),
    "I love rock.": states(MUSIC, "loves rock"),
    "I can't stand jazz.": states(MUSIC, "can't stand jazz"),
    "I am fond of jazz again.": states(MUSIC, "is fond of jazz"),
    "I have two cats.": states(PETS, "has two cats"),
    "I have three cats.": states(PETS, "has three cats"),
    "I eat meat when I'm travelling.": states(FOOD, "eats meat when travelling", "when travelling"),
    "On weekdays I don't eat meat.": states(FOOD, "doesn't eat meat on weekdays"),
    "I queued an hour to look at a painting.": suggests(TRAITS, "is patient"),
    "I waited all day for the owl and did not mind.": suggests(TRAITS, "is patient"),
    "The sourdough takes three days, that's the fun of it.": suggests(TRAITS, "is patient"),
    "I am a patient person.": states(TRAITS, "is patient"),
    "I snapped at the waiter after a minute.": states(TRAITS, "is not patient"),
    "I went climbing on Saturday.": states(EVENTS, "went climbing"),
    "Went climbing with the usual crowd.": states(EVENTS, "went climbing"),
    "My arms hurt, I went climbing again.": states(EVENTS, "went climbing again"),
}


@dataclass(kw_only=True)
class Life:
    """A memory, and the days that go by."""

    memory: Memory
    clock: ManualClock
    day: datetime = datetime(2026, 3, 2, 9, tzinfo=UTC)
    said: int = 0
    sessions: int = field(default=0)

    def session(self, *messages: str, days_later: int = 7) -> list[str]:
        """A conversation that ends; returns the ids of its messages."""
        self.day += timedelta(days=days_later)
        self.clock.set(self.day)
        self.sessions += 1
        ids = []
        for number, text in enumerate(messages):
            self.said += 1
            ids.append(f"m{self.said}")
            at = self.day + timedelta(minutes=number)
            self.clock.set(at)
            self.memory.remember("ana", {"content": text, "id": ids[-1], "at": at}, session=f"s{self.sessions}")
        self.memory.end_session("ana")
        self.memory.flush()
        return ids

    def claims(self, path: str | None = None) -> dict[str, Claim]:
        tree = self.memory.tree("ana")
        return {claim.text: claim for claim in tree.claims if path in (None, claim.path)}

    def log(self) -> list[LedgerEntry]:
        return [entry for entry in self.memory.history("ana") if entry.author.startswith("consolidation/")]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def life(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Life]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else None
    settings = Settings(home=tmp_path, database_url=url)
    clock = ManualClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    with Memory(
        settings=settings, embedder="hash", clock=clock, listener=Scripted(hears=HEARS), background=False
    ) as it:
        yield Life(memory=it, clock=clock)


def assert_sound(life: Life) -> None:
    life.memory.flush()
    assert life.memory.jobs() == []
    assert life.memory.doctor("ana").findings == ()


def test_what_is_said_in_three_sessions_is_one_claim_with_the_words_of_all(life: Life) -> None:
    [first] = life.session("I love hiking in the mountains.")
    [second] = life.session("I really enjoy hiking in the mountains.")  # heard in another slot
    [third] = life.session("Hiking in the mountains is what I love!")
    [claim] = life.claims().values()
    assert claim.text in ("loves hiking in the mountains", "really enjoys hiking in the mountains")
    assert [piece.message_id for piece in claim.evidence] == [first, second, third], "in order of time"
    assert claim.valid_from == datetime(2026, 3, 9, 9, tzinfo=UTC), "since it was said first"
    rules = [str(entry.operation.why).partition(":")[0] for entry in life.log()]
    assert list(dict.fromkeys(rules)) == ["duplicate", "repetition"]
    assert_sound(life)


def test_a_merged_claim_stays_on_the_words_of_the_others(life: Life) -> None:
    [first] = life.session("I love hiking in the mountains.")
    [second] = life.session("I really enjoy hiking in the mountains.")
    life.memory.retract("ana", first)
    life.memory.flush()
    [claim] = life.claims().values()
    assert [piece.message_id for piece in claim.evidence] == [second]
    assert claim.valid_from == datetime(2026, 3, 16, 9, tzinfo=UTC)
    life.memory.retract("ana", second)
    assert life.claims() == {}
    assert_sound(life)


def test_what_was_said_with_more_words_is_not_left_standing_on_fewer(life: Life) -> None:
    [less] = life.session("I love hiking.")
    [more] = life.session("I love hiking in the mountains.")
    assert list(life.claims()) == ["loves hiking in the mountains"]
    life.memory.retract("ana", more)
    life.memory.flush()
    [claim] = life.claims().values()
    assert (claim.text, [piece.message_id for piece in claim.evidence]) == ("loves hiking", [less])
    assert_sound(life)


def test_what_is_alike_is_not_the_same(life: Life) -> None:
    life.session("I love jazz.")
    life.session("I love rock.")
    assert list(life.claims()) == ["loves jazz", "loves rock"]
    assert life.log() == []
    assert_sound(life)


def test_a_contradiction_is_resolved_by_time_and_comes_back_with_the_older_words(life: Life) -> None:
    life.session("I love jazz.")
    [no] = life.session("I can't stand jazz.")
    assert list(life.claims()) == ["can't stand jazz"]
    [again] = life.session("I am fond of jazz again.")
    assert list(life.claims()) == ["is fond of jazz"]
    assert [entry.operation.why for entry in life.log() if "contradiction" in (entry.operation.why or "")]
    life.memory.retract("ana", again)
    life.memory.flush()
    assert list(life.claims()) == ["can't stand jazz"]
    life.memory.retract("ana", no)
    life.memory.flush()
    assert list(life.claims()) == ["loves jazz"]
    assert_sound(life)


def test_of_two_counts_the_later_one_holds(life: Life) -> None:
    life.session("I have two cats.")
    life.session("I have three cats.")
    assert list(life.claims()) == ["has three cats"]
    assert len(life.memory.history("ana", PETS)) == 4, "both are in history"


def test_a_contradiction_under_two_conditions_is_kept_with_its_scope(life: Life) -> None:
    life.session("I eat meat when I'm travelling.")
    life.session("On weekdays I don't eat meat.")
    found = {claim.text: claim.condition for claim in life.claims(FOOD).values()}
    assert found == {"eats meat when travelling": "when travelling", "doesn't eat meat on weekdays": "on weekdays"}
    [step] = {entry.operation.why for entry in life.log()}
    assert str(step).startswith("kept apart")
    assert_sound(life)


def test_a_trait_is_a_claim_from_its_second_support_on_until_one_is_taken_back(life: Life) -> None:
    [first] = life.session("I queued an hour to look at a painting.")
    assert life.claims() == {}
    assert [held.verdict.rule for held in life.memory.quarantine("ana")] == ["awaits-support"]
    [second] = life.session("I waited all day for the owl and did not mind.")
    [trait] = life.claims().values()
    assert (trait.text, trait.origin, trait.confidence) == ("is patient", "inferred", 0.75)
    assert [piece.message_id for piece in trait.evidence] == [first, second]
    assert life.memory.quarantine("ana") == []
    [third] = life.session("The sourdough takes three days, that's the fun of it.")
    assert life.claims()["is patient"].confidence == 0.8
    life.memory.retract("ana", second)
    life.memory.flush()
    assert "is patient" in life.claims(), "two are left"
    life.memory.retract("ana", first)
    life.memory.flush()
    assert life.claims() == {}
    [waits] = life.memory.quarantine("ana")
    assert (waits.verdict.rule, waits.verdict.draft.message_id) == ("awaits-support", third)
    life.session("I waited all day for the owl and did not mind.")
    assert "is patient" in life.claims(), "it waited, and has two again"
    assert_sound(life)


def test_two_hints_of_one_day_are_one(life: Life) -> None:
    life.session("I queued an hour to look at a painting.")
    life.session("I waited all day for the owl and did not mind.", days_later=0)
    assert life.claims() == {}
    assert len(life.memory.quarantine("ana")) == 2


def test_what_is_said_outright_makes_what_was_concluded_needless(life: Life) -> None:
    life.session("I queued an hour to look at a painting.")
    life.session("I am a patient person.")
    [claim] = life.claims().values()
    assert claim.origin == "stated"
    assert life.memory.quarantine("ana") == []


def test_what_was_concluded_does_not_outweigh_what_was_said_since(life: Life) -> None:
    life.session("I queued an hour to look at a painting.")
    life.session("I snapped at the waiter after a minute.")
    life.session("The sourdough takes three days, that's the fun of it.")
    assert list(life.claims()) == ["is not patient"]
    assert len(life.memory.quarantine("ana")) == 2, "it waits on"


def test_what_is_done_in_three_weeks_is_a_habit(life: Life) -> None:
    life.session("I went climbing on Saturday.")
    life.session("Went climbing with the usual crowd.")
    assert "often goes climbing" not in life.claims()
    [third] = life.session("My arms hurt, I went climbing again.")
    habit = life.claims()["often goes climbing"]
    assert (habit.origin, len(habit.evidence)) == ("inferred", 3)
    life.memory.retract("ana", third)
    life.memory.flush()
    assert "often goes climbing" not in life.claims()
    assert "went climbing" in life.claims()
    assert_sound(life)


def test_what_a_person_takes_back_is_not_done_again(life: Life) -> None:
    life.session("I love jazz.")
    life.session("I can't stand jazz.")
    life.memory.undo("ana")
    assert list(life.claims()) == ["loves jazz", "can't stand jazz"]
    life.memory.flush()
    life.session("I love rock.")  # touches the slot
    assert list(life.claims()) == ["loves jazz", "can't stand jazz", "loves rock"]
    assert_sound(life)


def test_an_old_memory_loses_nothing(life: Life) -> None:
    life.session("I love jazz.", "I have two cats.", "I love hiking.")
    before = life.memory.tree("ana").digest
    life.session("Hello.", days_later=9_000)
    assert life.memory.tree("ana").digest == before


def test_nothing_new_is_no_version(life: Life) -> None:
    life.session("I love jazz.")
    life.session("I really enjoy hiking in the mountains.")
    version = life.memory.tree("ana").version
    for _ in range(3):
        life.memory.end_session("ana")
        life.memory.flush()
    assert life.memory.tree("ana").version == version


def test_when_it_runs_is_no_matter(tmp_path: Path) -> None:
    texts = [
        "I love jazz.",
        "I love hiking in the mountains.",
        "I have two cats.",
        "I really enjoy hiking in the mountains.",
    ]
    texts += [
        "I can't stand jazz.",
        "I have three cats.",
        "On weekdays I don't eat meat.",
        "I eat meat when I'm travelling.",
    ]

    def digest(name: str, *, at_once: bool) -> str:
        clock = ManualClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
        listener = Scripted(hears=HEARS)
        with Memory(tmp_path / name, embedder="hash", clock=clock, listener=listener, background=False) as memory:
            for number, text in enumerate(texts):
                at = clock.advance(timedelta(days=1))
                memory.remember("ana", {"content": text, "id": f"m{number}", "at": at}, session=f"s{number}")
                if not at_once:
                    memory.end_session("ana")
                    memory.flush()
            memory.end_session("ana")
            memory.flush()
            return memory.tree("ana").digest

    assert digest("each", at_once=False) == digest("all", at_once=True)


def test_two_workers_at_once_have_one_result(life: Life) -> None:
    life.session("I love hiking in the mountains.")
    memory = life.memory
    for number, text in enumerate(
        ["I really enjoy hiking in the mountains.", "I have two cats.", "I have three cats."]
    ):
        memory.remember("ana", {"content": text, "id": f"x{number}"}, session="s1")
    memory.end_session("ana")
    workers = [threading.Thread(target=memory.consolidate, args=("ana",)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert sorted(life.claims()) == ["has three cats", "loves hiking in the mountains"]
    whys = [entry.operation.why for entry in life.log() if entry.operation.kind == "ADD"]
    assert len(whys) == len(set(whys)), "nothing was done twice"
    assert_sound(life)


def test_what_a_person_rejects_is_not_concluded_again(life: Life) -> None:
    life.session("I queued an hour to look at a painting.")
    life.session("I waited all day for the owl and did not mind.")
    life.memory.reject("ana", life.claims()["is patient"].id)
    assert life.claims() == {}
    life.session("The sourdough takes three days, that's the fun of it.")
    life.session("I queued an hour to look at a painting.")
    assert life.claims() == {}
    assert life.memory.quarantine("ana") == []
    assert_sound(life)


def test_a_conclusion_that_waits_again_can_be_released(life: Life) -> None:
    life.session("I queued an hour to look at a painting.")
    [second] = life.session("I waited all day for the owl and did not mind.")
    life.memory.retract("ana", second)
    life.memory.flush()
    [held] = life.memory.quarantine("ana")
    life.memory.release("ana", held.id)
    life.memory.consolidate("ana")
    assert "is patient" in life.claims(), "a person has spoken, and one support is enough"
    assert_sound(life)


def test_what_only_one_message_said_does_not_outlive_it_in_a_claim(life: Life) -> None:
    life.session("I love hiking.")
    [more] = life.session("I love hiking in the mountains.")
    assert list(life.claims()) == ["loves hiking in the mountains"]
    life.memory.forget("ana", messages=[more])
    assert list(life.claims()) == ["loves hiking"]
    told = "".join(entry.model_dump_json() for entry in life.memory.history("ana"))
    assert "mountains" not in told
    assert "consolidation/1" in told
    assert_sound(life)


def test_a_conclusion_falls_when_one_of_its_supports_is_forgotten(life: Life) -> None:
    [first] = life.session("I queued an hour to look at a painting.")
    [second] = life.session("I waited all day for the owl and did not mind.")
    life.memory.forget("ana", messages=[first])
    life.memory.flush()
    assert life.claims() == {}
    assert [held.verdict.draft.message_id for held in life.memory.quarantine("ana")] == [second]
    assert_sound(life)


def test_a_look_before_says_what_would_be_done(life: Life) -> None:
    life.session("I love jazz.")
    life.memory.remember("ana", {"content": "I can't stand jazz.", "id": "no"}, session="later")
    life.memory.end_session("ana")
    before = life.memory.tree("ana")
    assert life.memory.consolidate("ana", dry_run=True).steps == (), "it was not heard yet"
    assert life.memory.tree("ana").digest == before.digest
    done = life.memory.consolidate("ana")
    assert [step.rule for step in done.steps] == ["contradiction"]
    assert done.version_after == life.memory.tree("ana").version
