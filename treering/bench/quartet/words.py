"""The words of the suite, out of readable files (`treering/bench/corpora/quartet/`)."""

from __future__ import annotations

from functools import cache, cached_property
from importlib import resources

from treering.own_yaml import load_yaml
from treering.schemas.value import Value

_FOLDER = "treering.bench.corpora"


class Topic(Value):
    """Something that is told with one of several values."""

    name: str
    slot: str
    values: tuple[str, ...]
    claim: str
    question: tuple[str, ...]
    told: tuple[str, ...]


class Fact(Topic):
    """Something that is told of oneself, and that others could tell of themselves."""

    option: str
    switch: tuple[str, ...]
    other: tuple[str, ...]
    figure: tuple[str, ...]
    own: tuple[str, ...]
    topic: str


class Why(Value):
    """A reason that goes with any turn of taste."""

    told: str
    option: str


class Taste(Topic):
    """A taste that turns."""

    turn: tuple[str, ...]


class Choice(Value):
    """A choice with several possible reasons."""

    name: str
    slot: str
    choice: str
    question: tuple[str, ...]
    told: tuple[str, ...]
    other: tuple[str, ...]
    reasons: tuple[str, ...]


class Pole(Value):
    """One end of a trait."""

    claim: str
    told: tuple[str, ...]


class Trait(Value):
    """Something in which people are of one kind or the other."""

    slot: str
    poles: tuple[Pole, Pole]


class Scenario(Value):
    """Four proposals, one for each combination of two traits."""

    name: str
    question: tuple[str, ...]
    traits: tuple[Trait, Trait]
    options: tuple[str, str, str, str]


class Plan(Topic):
    """A plan that is changed."""

    option: str
    switch: tuple[str, ...]
    idea: tuple[str, ...]


class Event(Value):
    """What happened on a day."""

    claim: str
    told: tuple[str, ...]


class Spell(Value):
    """Two events, and the question for the weeks between them."""

    name: str
    slot: str
    question: tuple[str, ...]
    first: Event
    last: Event


class Attribute(Value):
    """What can be so of somebody whom the person knows."""

    name: str
    values: tuple[str, ...]
    told: tuple[str, ...]
    question: tuple[str, ...]
    option: str


class Links(Value):
    """Who people are to somebody, and what is so of them."""

    relations: dict[str, str]
    names: tuple[str, ...]
    introduced: tuple[str, ...]
    topics: tuple[Attribute, ...]


class Exchange(Value):
    """A question of every day, and its answer."""

    asked: str
    answered: str


class Talk(Value):
    """What fills conversations."""

    exchanges: tuple[Exchange, ...]
    words: dict[str, tuple[str, ...]]
    acknowledged: tuple[str, ...]
    others: tuple[str, ...]
    kin: tuple[str, ...]
    partners: tuple[str, ...]
    people: tuple[str, ...]
    forget: tuple[str, ...]
    forgotten: tuple[str, ...]
    confirmed: tuple[str, ...]
    abstain: str


class Tastes(Value):
    """Tastes and the reasons for their turns."""

    reasons: tuple[Why, ...]
    topics: tuple[Taste, ...]


class Words(Value):
    """All of it."""

    facts: tuple[Fact, ...]
    changes: Tastes
    reasons: tuple[Choice, ...]
    scenarios: tuple[Scenario, ...]
    plans: tuple[Plan, ...]
    dates: tuple[Spell, ...]
    links: Links
    talk: Talk

    @cached_property
    def answers(self) -> frozenset[str]:
        """Words on which an answer may hang, so that no slip of the fingers may fall on them; in lower case."""
        topics: tuple[Topic, ...] = (*self.facts, *self.plans, *self.changes.topics)
        values = (
            *(value for topic in topics for value in topic.values),
            *(value for attribute in self.links.topics for value in attribute.values),
        )
        poles = (pole for one in self.scenarios for trait in one.traits for pole in trait.poles)
        events = (event for spell in self.dates for event in (spell.first, spell.last))
        texts = [
            *values,
            *(text for pole in poles for text in pole.told),
            *(text for event in events for text in event.told),
            *(reason for choice in self.reasons for reason in choice.reasons),
            *(why.told for why in self.changes.reasons),
            *self.links.names,
            *self.links.relations,
            *self.talk.forget,
        ]
        return frozenset(word.strip(".,;:!?'").lower() for text in texts for word in text.split())


@cache
def words() -> Words:
    """The words that ship."""
    folder = resources.files(_FOLDER) / "quartet"
    return Words.model_validate(
        {name: load_yaml((folder / f"{name}.yaml").read_text("utf-8")) for name in Words.model_fields}
    )
