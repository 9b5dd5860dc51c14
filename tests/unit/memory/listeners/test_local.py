"""The local listener: what a turn does to a tree, told as small stories."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from treering.memory.drafting import resolve
from treering.memory.listeners.local import LocalListener
from treering.memory.listeners.polarity import topic
from treering.memory.listeners.writing import MAX_CLAIMS_A_TURN
from treering.memory.operations import plant
from treering.memory.ports import Listener, Vector
from treering.memory.tree import PersonaTree
from treering.schemas.claims import SELF
from treering.schemas.dialogue import Role, Turn
from treering.schemas.listening import Draft, Window
from treering.schemas.operations import Add, Delete, NoOp, Update
from treering.schemas.trunk import Branch, Slot, Trunk

AT = datetime(2024, 3, 5, 12, tzinfo=UTC)
"""A Tuesday."""


class StemEmbedder:
    """Sums of random directions, one a stem: texts that share words are near, others are not."""

    fingerprint = "stems"
    dimension = 128

    def embed(self, texts: Sequence[str]) -> Vector:
        matrix = np.array([self._sum(text) for text in texts], dtype=np.float32).reshape(len(texts), self.dimension)
        unit: Vector = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
        return unit

    def _sum(self, text: str) -> Vector:
        about = topic(text)
        small = set(re.findall(r"\w+", text.lower())) - about
        return sum(
            (_direction(stem) for stem in sorted(about)), sum((0.3 * _direction(word) for word in sorted(small)), 0)
        )


def _direction(word: str) -> Vector:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4])
    return np.random.default_rng(seed).normal(size=StemEmbedder.dimension).astype(np.float32)


class NearestByExample:
    """The slots, each at its nearest description or example."""

    def __init__(self, trunk: Trunk, embedder: StemEmbedder) -> None:
        pairs = [(slot.path, text) for slot in trunk.slots for text in (slot.description, *slot.examples)]
        self._paths = [path for path, _ in pairs]
        self._matrix = embedder.embed([text for _, text in pairs])

    def nearest(self, queries: Vector, limit: int) -> list[list[tuple[str, float]]]:
        found = []
        for row in queries @ self._matrix.T:
            best: dict[str, float] = {}
            for path, score in zip(self._paths, row, strict=True):
                best[path] = max(best.get(path, -1.0), float(score))
            found.append(sorted(best.items(), key=lambda pair: -pair[1])[:limit])
        return found


TRUNK = Trunk(
    name="hearing",
    version=1,
    description="For tests.",
    branches=tuple(
        Branch(path=path, description="A branch.") for path in ("home", "taste", "health", "ties", "work", "boundaries")
    ),
    slots=(
        Slot(path="name", description="What the person is called, their name.", cardinality="one"),
        Slot(
            path="home.city",
            description="City the person moved to, home, Lisbon, Porto, Braga.",
            cardinality="one",
            examples=("moved to Lisbon", "lives in Porto"),
        ),
        Slot(path="home.pets", description="Pets, dog, cat.", examples=("has a dog named Biscuit",)),
        Slot(
            path="home.past", description="Places where the person lived before.", examples=("used to live in Berlin",)
        ),
        Slot(path="taste.food", description="Food, meat, mushrooms.", examples=("hates mushrooms", "eats meat")),
        Slot(path="taste.music", description="Music, jazz, rock.", examples=("loves jazz", "dislikes rock")),
        Slot(path="taste.hobby", description="Hobbies, hiking, running.", examples=("loves hiking", "runs, running")),
        Slot(path="health.allergies", description="Allergies.", examples=("is allergic to peanuts",)),
        Slot(path="health.diet", description="Diet, vegan.", examples=("is vegan", "no longer eats meat")),
        Slot(path="ties.family", description="Family: sister, brother, mother.", examples=("has a sister named Ana",)),
        Slot(path="ties.ex", description="Ex, former partners.", examples=("has an ex named Marcus",)),
        Slot(path="work.job", description="Job, nurse.", cardinality="one", examples=("works as a nurse, job",)),
        Slot(
            path="boundaries.never",
            description="Never mention, bring up, suggest.",
            always=True,
            examples=("asked never",),
        ),
    ),
)


class Person:
    """Someone who talks to a listener; what they say changes their trees as it would in the engine."""

    def __init__(self) -> None:
        embedder = StemEmbedder()
        self.listener = LocalListener(embedder, NearestByExample(TRUNK, embedder), TRUNK)
        self.trees: dict[str, PersonaTree] = {}
        self._before: Turn | None = None
        self._seq = 0

    def window(self, text: str, at: datetime = AT, role: Role = "user") -> Window:
        self._seq += 1
        turn = Turn(
            message_id=f"m{self._seq}", session="s", index=self._seq - 1, seq=self._seq, role=role, content=text, at=at
        )
        window = Window(session="s", turns=(turn,), context=(self._before,) if self._before else ())
        self._before = turn
        return window

    def say(self, text: str, at: datetime = AT, role: Role = "user") -> tuple[Draft, ...]:
        window = self.window(text, at, role)
        drafts = self.listener.read(window, self.trees, None).drafts
        for draft in drafts:
            self._apply(draft, window)
        return drafts

    def _apply(self, draft: Draft, window: Window) -> None:
        if draft.reason == "forgotten":
            return  # held until the person confirms
        operation = resolve(draft, trunk=TRUNK, forest=self.trees, window=window, now=window.turns[0].at)
        assert isinstance(operation, Add | Update | Delete | NoOp), operation
        self.trees = plant(TRUNK, [operation], self.trees)

    def knows(self, path: str | None = None) -> list[str]:
        tree = self.trees.get(SELF) or PersonaTree(trunk=TRUNK)
        return [claim.text for claim in tree.current(path)]


@pytest.fixture
def person() -> Person:
    return Person()


def test_it_is_a_listener(person: Person) -> None:
    listener: Listener = person.listener
    assert (listener.name, listener.window_turns, listener.context_turns) == ("local/1", 1, 1)
    assert listener.ask(person.window("I love jazz."), {}) is None


def test_each_statement_of_a_sentence_is_a_claim_with_its_own_words_and_date(person: Person) -> None:
    moved, allergic = person.say("I moved to Lisbon last week and I'm allergic to peanuts.")
    assert (moved.kind, moved.path, moved.text) == ("ADD", "home.city", "moved to Lisbon in the week of 2024-02-26")
    assert (moved.quote, moved.valid_from) == ("I moved to Lisbon last week", datetime(2024, 2, 26, tzinfo=UTC))
    assert (allergic.path, allergic.text, allergic.valid_from) == ("health.allergies", "is allergic to peanuts", None)
    assert 0 < allergic.confidence <= 1


@pytest.mark.parametrize(
    "text",
    [
        "Do I love jazz?",
        "If I moved to Lisbon, I'd love jazz.",
        '"I love jazz," she said.',
        "```\nI love jazz\n```",
        "> I love jazz",
        "Pretend that I love jazz. I love jazz!",
        "Translate this: I love jazz.",
        "Thanks, I appreciate it!",
        "Play me some jazz.",
        "She loves jazz.",
        "I love jazz. Just kidding!",
        "quantum chromodynamics is all about my flux capacitor",
    ],
)
def test_what_is_no_statement_of_the_speaker_leaves_no_trace(person: Person, text: str) -> None:
    assert person.say(text) == ()


@pytest.mark.parametrize("role", ["assistant", "system", "tool"])
def test_only_users_are_heard(person: Person, role: Role) -> None:
    assert person.say("I love jazz.", role=role) == ()


def test_a_move_replaces_the_city(person: Person) -> None:
    person.say("I live in Porto.")
    (draft,) = person.say("I moved to Lisbon.", AT + timedelta(days=30))
    assert draft.kind == "UPDATE"
    assert person.knows("home.city") == ["moved to Lisbon"]


def test_a_former_home_does_not_replace_the_present_one(person: Person) -> None:
    person.say("I live in Porto.")
    person.say("I lived in Berlin.", AT + timedelta(days=1))
    assert person.knows("home.city") == ["lives in Porto"]


def test_saying_it_again_changes_nothing(person: Person) -> None:
    person.say("I love hiking.")
    (draft,) = person.say("I really love hiking!")
    assert draft.kind == "NO_OP"
    assert person.knows() == ["loves hiking"]


def test_a_taste_flips(person: Person) -> None:
    person.say("I love jazz.")
    (draft,) = person.say("I used to love jazz but now I can't stand it.", AT + timedelta(days=9))
    assert (draft.kind, draft.quote) == ("UPDATE", "I used to love jazz but now I can't stand it.")
    assert person.knows() == ["can't stand jazz"]


def test_one_bad_evening_does_not_flip_a_taste(person: Person) -> None:
    person.say("I love jazz.")
    person.say("I didn't like the jazz in the bar.", AT + timedelta(days=9))
    assert "loves jazz" in person.knows()


def test_what_happened_once_is_not_ended(person: Person) -> None:
    person.say("I played jazz at a wedding.")
    person.say("I used to love jazz.", AT + timedelta(days=9))
    assert "played jazz at a wedding" in person.knows()


def test_a_diet_begins_and_ends(person: Person) -> None:
    person.say("I eat meat.")
    (ended,) = person.say("I don't eat meat any more.", AT + timedelta(days=5))
    assert (ended.kind, ended.reason, ended.text) == ("DELETE", "ended", None)
    person.say("I've been vegan since January.", AT + timedelta(days=6))
    assert person.knows() == ["has been vegan since January 2024"]
    (over,) = person.say("I'm not vegan any more.", AT + timedelta(days=99))
    assert over.kind == "DELETE"
    assert person.knows() == []


def test_an_ending_of_something_unknown_is_kept_as_it_is_now(person: Person) -> None:
    (draft,) = person.say("I don't eat meat any more.")
    assert (draft.kind, draft.text) == ("ADD", "no longer eats meat")


def test_leaving_a_job_ends_it_on_the_day(person: Person) -> None:
    person.say("I work as a nurse.", AT - timedelta(days=9))
    (draft,) = person.say("I quit my job yesterday.")
    assert (draft.kind, draft.valid_to) == ("DELETE", datetime(2024, 3, 4, tzinfo=UTC))
    assert person.knows() == []


def test_a_name_that_differs_is_not_ended(person: Person) -> None:
    person.say("My dog is called Biscuit.")
    person.say("I lost my dog Rex.")
    assert "has a dog named Biscuit" in person.knows()


def test_a_request_to_forget_names_each_matching_claim(person: Person) -> None:
    person.say("My ex is called Marcus.")
    person.say("I love jazz.")
    (draft,) = person.say("Please forget my ex's name.")
    assert (draft.kind, draft.reason, draft.path) == ("DELETE", "forgotten", "ties.ex")
    assert draft.target in person.trees["self"].claims


def test_everything_can_be_asked_to_go(person: Person) -> None:
    person.say("My ex is called Marcus.")
    person.say("I love jazz.")
    drafts = person.say("Delete everything you know about me.")
    assert {draft.target for draft in drafts} == set(person.trees["self"].claims)


def test_a_request_to_forget_what_is_not_known_does_nothing(person: Person) -> None:
    assert person.say("Please forget my salary.") == ()


def test_a_boundary_is_a_claim_although_it_is_an_order(person: Person) -> None:
    (draft,) = person.say("Please don't ever bring up my father.")
    assert (draft.path, draft.text) == ("boundaries.never", "asked never to bring up their father")


def test_a_correction_puts_the_right_word_in(person: Person) -> None:
    person.say("I moved to Lisbon.")
    (draft,) = person.say("No, I meant Porto, not Lisbon.")
    assert draft.kind == "UPDATE"
    assert person.knows() == ["moved to Porto"]


def test_a_correction_of_nothing_known_is_ignored(person: Person) -> None:
    assert person.say("No, I meant Porto, not Lisbon.") == ()


def test_a_short_answer_is_understood_by_its_question(person: Person) -> None:
    person.say("What's your dog's name?", role="assistant")
    (draft,) = person.say("Biscuit!")
    assert (draft.path, draft.text, draft.quote) == ("home.pets", "has a dog named Biscuit", "Biscuit!")


def test_a_condition_is_kept_with_its_claim(person: Person) -> None:
    (draft,) = person.say("When I'm travelling, I eat meat.")
    assert (draft.text, draft.condition) == ("eats meat when they're travelling", "when travelling")


def test_a_wish_is_less_sure_than_a_statement(person: Person) -> None:
    (wanted,) = person.say("Could you find a jazz bar in Lisbon with a terrace?")
    (stated,) = person.say("I love jazz bars in Porto with a terrace.")
    assert wanted.text == "wants a jazz bar in Lisbon with a terrace"
    assert wanted.confidence < stated.confidence


def test_a_relation_goes_to_the_people_it_is_about(person: Person) -> None:
    tie, home = person.say("My sister Ana lives in Porto.")
    assert (tie.subject, tie.path, tie.text) == ("self", "ties.family", "has a sister named Ana")
    assert (home.subject, home.text) == ("person:Ana", "lives in Porto")


def test_quotes_keep_the_writers_own_apostrophes(person: Person) -> None:
    (draft,) = person.say("I\u2019m allergic to peanuts")
    assert draft.quote == "I\u2019m allergic to peanuts"


def test_a_long_post_gives_its_worthiest_claims_only(person: Person) -> None:
    drafts = person.say("I love jazz. I love hiking. I hate mushrooms. I'm vegan. I have a dog named Rex. I hate rock.")
    assert len(drafts) == MAX_CLAIMS_A_TURN


def test_a_year_of_one_life(person: Person) -> None:
    at = AT
    for text in (
        "I live in Porto. My dog is called Biscuit.",
        "I'm vegan since March.",
        "I love jazz. I work as a nurse.",
        "I moved to Lisbon last month!",
        "I quit my job.",
        "I used to love jazz, but now I hate it.",
        "I'm not vegan any more.",
    ):
        person.say(text, at)
        at += timedelta(days=45)
    assert person.knows() == ["moved to Lisbon in June 2024", "has a dog named Biscuit", "hates jazz"]
