"""Whole lives through the SDK: whatever is done to a memory, in whatever order, its promises hold together."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from treering import Memory, Message, Scope
from treering.errors import InvalidMigration, TreeringError
from treering.memory.operations import fold
from treering.memory.repetition import is_telling, normal_form
from treering.schemas.claims import FORGOTTEN
from treering.schemas.feedback import Feedback
from treering.testing import ManualClock

if TYPE_CHECKING:
    from tests.property.lives.conftest import House

FULL = int(os.environ.get("TREERING_TEST_LIVES", "0"))
"""Examples of a long search for faults; 0: the few that the suite has time for."""

MANY = 10_000
USERS = ("ana", "bo")
WORDS = {
    "ana": ("zorbaxelinth", "quimkadorvel", "dralfonivesk", "flonkatirude", "gribzomuvane"),
    "bo": ("snelkarobith", "wuppodelingr", "yarbitosquen", "klimtzavoder", "brofunethiak"),
}
"""Words that nothing else in a store holds, and that no two people share; too long to stand in sealed text by chance.

A letter of base64 is a given one, upper or lower case, once in 32 times. Words of five letters were found in ciphertext
in one run out of thirty; of twelve letters, once in 2**60 places.
"""
NAMES = {"ana": "Ineskovaldir", "bo": "Ottopranelux"}
Done = TypeVar("Done")

numbers = st.integers(0, 60)
sometimes = st.sampled_from([True, True, True, False])
users = st.sampled_from(USERS)
slots = st.sampled_from(["city", "likes", "likes", "pets"])
verbs = st.sampled_from(["add", "add", "add", "update", "end", "forget"])
whom = st.sampled_from([False, False, True])
picks = st.lists(st.integers(0, 4), min_size=1, max_size=3)
statements = st.tuples(verbs, slots, whom, picks)
contents = st.lists(statements, min_size=1, max_size=2)

Statement = tuple[str, str, bool, list[int]]
"""Verb, slot, whether it is about somebody else, and which words."""


def content_of(user: str, said: list[Statement]) -> str:
    return "; ".join(
        " ".join([verb, slot, NAMES[user] if other else "self", *(WORDS[user][pick] for pick in found)])
        for verb, slot, other, found in said
    )


class Lives(RuleBasedStateMachine):
    """Two people, one store, and everything that can be done to it."""

    new_house: Callable[[], House]
    """Makes a place for a store."""

    @initialize(sealed=st.booleans(), said=st.tuples(*(st.lists(contents, min_size=3, max_size=3) for _ in USERS)))
    def begin(self, sealed: bool, said: tuple[list[list[Statement]], ...]) -> None:
        self.clock = ManualClock()
        self.count = count().__next__
        self.said: dict[str, dict[str, list[str]]] = {user: defaultdict(list) for user in USERS}
        self.gone: dict[str, set[str]] = {user: set() for user in USERS}
        self.emptied: dict[str, set[str]] = {user: set() for user in USERS}
        self.past: dict[str, dict[int, object]] = {user: {} for user in USERS}
        self.house = self.new_house()
        self.house.settle_in(self.clock, sealed=sealed)
        for user, told in zip(USERS, said, strict=True):
            for one in told:
                self.clock.advance(60)
                self._say(user, content_of(user, one), f"m{self.count()}", session="s0")
            self._hear(user)

    # -- what a person and an application do

    @rule(user=users, said=contents, number=numbers, is_heard=sometimes)
    def remember(self, user: str, said: list[Statement], number: int, is_heard: bool) -> None:
        self.clock.advance(60 * (number % 2))
        content = content_of(user, said) + ("" if number % 5 else "; garbled")
        name = f"m{self.count()}" if number % 7 else self._id(user, number)
        self._say(user, content, name, session=f"s{number % 2}")
        if is_heard:
            self._hear(user)

    @rule(user=users, number=numbers)
    def send_again(self, user: str, number: int) -> None:
        turns = self.memory.turns(user, last=MANY)
        if turns:
            turn = turns[number % len(turns)]
            receipt = self._try(
                user, lambda: self.memory.remember(user, Message(content=turn.content or "x y z", id=turn.message_id))
            )
            assert receipt is None or not receipt.stored

    @rule(user=users, number=numbers)
    def say_what_was_forgotten(self, user: str, number: int) -> None:
        texts = sorted(text for one in self.said[user].values() for text in one)
        if texts:
            text = texts[number % len(texts)]
            receipt = self._try(user, lambda: self.memory.remember(user, text, session="s1"))
            for name in receipt.stored if receipt is not None else ():
                self._note_said(user, name, text)
            self._hear(user)

    @rule(user=users)
    def flush(self, user: str) -> None:
        self.memory.flush(user)

    @rule(user=users, number=numbers)
    def undo(self, user: str, number: int) -> None:
        if number % 3:
            self._try(user, lambda: self.memory.undo(user, 1 + number % 2))
        else:
            self._try(user, lambda: self.memory.undo(user, version=number // 3))

    @rule(user=users, number=numbers)
    def redo(self, user: str, number: int) -> None:
        self._try(user, lambda: self.memory.redo(user, 1 + number % 2))

    @rule(user=users, number=numbers)
    def rewind(self, user: str, number: int) -> None:
        head = self.house.head(user).version
        done = self._try(user, lambda: self.memory.rewind(user, number % (head + 2)))
        if done is not None:  # what was said then and taken back by no version stays away, as does its evidence
            present, then = (self.house.tree(user, one)[1] for one in (None, number % (head + 2)))
            assert present.keys() <= then.keys()
            assert all(set(claim.evidence) <= set(then[ref].evidence) for ref, claim in present.items())

    @rule(user=users, number=numbers)
    def retract(self, user: str, number: int) -> None:
        self._try(user, lambda: self.memory.retract(user, self._id(user, number)))

    @rule(user=users, number=numbers, said=contents)
    def amend(self, user: str, number: int, said: list[Statement]) -> None:
        name, content = self._id(user, number), content_of(user, said)
        if self._try(user, lambda: self.memory.amend(user, name, content)) is not None:
            self._note_said(user, name, content)

    @rule(user=users, number=numbers)
    def amend_back(self, user: str, number: int) -> None:
        name = self._id(user, number)
        texts = self.said[user].get(name, [])
        if texts:
            text = texts[number % len(texts)]
            if self._try(user, lambda: self.memory.amend(user, name, text)) is not None:
                self._note_said(user, name, text)

    @rule(user=users, number=numbers, way=st.sampled_from(["path", "claims", "messages", "about", "name"]))
    def forget(self, user: str, number: int, way: str) -> None:
        wish: dict[str, Any] = {}
        if way == "path":
            wish = {"path": self.house.trunk.slots[number % len(self.house.trunk.slots)].path}
        elif way == "claims":
            found = sorted(self.house.tree(user)[1])
            wish = {"claims": [found[number % len(found)]] if found else ["f" * 24]}
        elif way == "messages":
            wish = {"messages": [self._id(user, number)]}
        else:
            wish = {"about": NAMES[user] if way == "name" else WORDS[user][number % 5]}
        preview = self._try(user, lambda: self.memory.forget(user, dry_run=True, **wish))
        receipt = self._try(user, lambda: self.memory.forget(user, **wish))
        assert (receipt is None) == (preview is None)
        if receipt is None or preview is None:
            return
        assert preview.preview is not None
        assert (receipt.claims, receipt.messages, receipt.blanked) == (
            preview.claims,
            preview.messages,
            preview.blanked,
        )
        self.emptied[user] |= {*receipt.messages}
        texts = {*preview.preview.turns, *preview.preview.claims}
        texts |= {text for name in receipt.messages for text in self.said[user].get(name, ())}
        self.gone[user] |= {text for text in texts if is_telling(text)}
        if "about" in wish:
            self.gone[user].add(wish["about"])
        self.past[user].clear()

    @rule(user=users, number=numbers)
    def forget_person(self, user: str, number: int) -> None:
        if number % 4 == 0 and self._try(user, lambda: self.memory.forget(user)) is not None:
            self.gone[user] |= {*WORDS[user], NAMES[user]}
            self.past[user].clear()

    @rule(user=users, number=numbers)
    def decide(self, user: str, number: int) -> None:
        held = self.memory.quarantine(user)
        if not held:
            return
        one = held[number % len(held)]
        if number % 3 == 0:
            self._try(user, lambda: self.memory.drop(user, one.id))
        else:
            known = len(self.memory.receipts(user))
            if self._try(user, lambda: self.memory.release(user, one.id)) is not None:
                self.past[user].clear()
                for receipt in self.memory.receipts(user)[known:]:
                    self.emptied[user] |= {*receipt.messages}

    @rule(user=users, number=numbers, word=st.sampled_from(["confirm", "correct", "reject", "add"]))
    def judge(self, user: str, number: int, word: str) -> None:
        found = sorted(self.house.tree(user)[1])
        ref = found[number % len(found)] if found and number % 7 else "f" * 24
        text, why = f"{WORDS[user][number % 5]} by hand {number % 3}", f"told {WORDS[user][number % 4]} why"
        path = self.house.trunk.slots[number % len(self.house.trunk.slots)].path
        when = f"when told {WORDS[user][number % 2]} things" if number % 3 else None
        actions: dict[str, Callable[[], Feedback]] = {
            "confirm": lambda: self.memory.confirm(user, ref[:12], why=why),
            "correct": lambda: self.memory.correct(user, ref, text, why=why),
            "reject": lambda: self.memory.reject(user, ref, why=why),
            "add": lambda: self.memory.add_claim(user, path, text, condition=when, why=why),
        }
        done = self._try(user, actions[word])
        if done is None or not done.changed:
            return
        self._take_for_said(user, f"{text} {why} {when}")
        live = self.house.tree(user)[1]
        if done.after is not None:
            assert live[done.after.id] == done.after
            assert (done.after.origin, done.after.confidence) == ("manual", 1.0)
        if done.before is not None and (done.after is None or done.after.id != done.before.id):
            assert done.before.id not in live
        again = self._try(user, actions[word])
        assert again is None or not again.changed

    @rule(user=users, number=numbers)
    def allow_again(self, user: str, number: int) -> None:
        texts = sorted(text for one in self.said[user].values() for text in one)
        self._try(user, lambda: self.memory.allow_again(user, None if number % 2 or not texts else texts[0]))

    @rule(number=numbers)
    def retry(self, number: int) -> None:
        dead = [job for job in self.memory.jobs() if job.state == "dead"]
        if dead:
            self.memory.retry(dead[number % len(dead)].id)

    # -- what an operator does

    @rule()
    def migrate(self) -> None:
        self.house.migrate()

    @rule(drop_new=st.booleans())
    def roll_back(self, drop_new: bool) -> None:
        try:
            self.house.roll_back(drop_new=drop_new)
        except InvalidMigration:
            assert not drop_new

    @rule()
    def reopen(self) -> None:
        self.house.reopen()

    @rule(sealed=st.booleans())
    def move_house(self, sealed: bool) -> None:
        exports = {user: found for user in USERS if (found := self.house.export(user)) is not None}
        self.house.settle_in(self.clock, sealed=sealed)
        for user, export in exports.items():
            self.memory.restore(user, export.model_dump_json().encode())
            assert self.house.export(user) == export

    # -- what must be so at all times

    @invariant()
    def the_ledger_folds_to_the_head(self) -> None:
        with self.memory._engine.store.begin(write=False) as unit:
            for user in USERS:
                scope = Scope(user=user)
                assert unit.ledger.first_broken(scope) is None
                folded = fold(self.house.trunk, (entry.operation for entry in unit.ledger.entries(scope)))
                live = unit.ledger.trees(scope)
                assert {subject: tree for subject, tree in folded.items() if tree.claims}.keys() == live.keys()
                assert all(live[subject].digest == folded[subject].digest for subject in live)

    @invariant()
    def nothing_forgotten_is_in_any_byte(self) -> None:
        content = self.house.bytes().lower()
        opened = self.house.opened().lower()
        for user in USERS:
            for text in [*self.gone[user], *(WORDS[user] if self.house.sealed else ())]:
                assert text.lower().encode() not in content, text
            for text in self.gone[user]:
                assert text.lower() not in opened, text

    @invariant()
    def claims_rest_on_what_turns_say(self) -> None:
        for user in USERS:
            turns = {turn.message_id: turn for turn in self.memory.turns(user, last=MANY)}
            for claim in self.house.tree(user)[1].values():
                for piece in claim.evidence:
                    turn = turns[piece.message_id]
                    if turn.content or turn.message_id not in self.emptied[user]:
                        said = turn.content[piece.start : piece.start + len(piece.quote)]
                        assert FORGOTTEN in (piece.quote, claim.text) or said == piece.quote, (claim, turn)

    @invariant()
    def what_was_taken_back_is_not_recalled(self) -> None:
        for user in USERS:
            present = [turn.content for turn in self.memory.turns(user, last=MANY)]
            context = self.memory.recall(user, " ".join(WORDS[user]), mode="hybrid", budget_tokens=MANY).context
            for text in {text for texts in self.said[user].values() for text in texts}:
                if not any(text in one for one in present):
                    assert text not in context

    @invariant()
    def the_past_stays_as_it_was(self) -> None:
        for user in USERS:
            head = self.house.head(user).version
            self.past[user][head] = self.house.tree(user)
            for version, tree in self.past[user].items():
                assert self.house.tree(user, version=version) == tree, version
            commits = self.memory.versions(user, MANY)
            for moment in {commit.recorded_at for commit in commits}:
                last = max(commit.version for commit in commits if commit.recorded_at <= moment)
                known = self.memory.tree(user, known_at=moment, as_of=moment)
                assert known == self.memory.tree(user, version=last, as_of=moment)

    def teardown(self) -> None:
        if not hasattr(self, "house"):
            return
        for user in USERS:
            self.memory.flush(user)
            self.memory.end_session(user)
            self.memory.flush(user)
        assert [job for job in self.memory.jobs() if job.state != "dead"] == []
        assert self.memory.doctor().findings == ()
        self.nothing_forgotten_is_in_any_byte()
        self.claims_rest_on_what_turns_say()
        self.memory.close()

    # -- how

    @property
    def memory(self) -> Memory:
        return self.house.memory

    def _try(self, user: str, action: Callable[[], Done]) -> Done | None:
        """What it returns; None if it was refused, and then nothing was changed. Nobody else's memory ever is."""
        before = {one: self.house.export(one) for one in USERS}
        done: Done | None = None
        try:
            done = action()
        except TreeringError as error:
            note(f"refused: {error!r}")
            assert self.house.export(user) == before[user]
        for one in USERS:
            assert one == user or self.house.export(one) == before[one]
        return done

    def _say(self, user: str, content: str, name: str, *, session: str) -> None:
        message = Message(content=content, id=name, metadata={"note": content}, speaker=NAMES[user])
        receipt = self._try(user, lambda: self.memory.remember(user, message, session=session))
        if receipt is not None and receipt.stored:
            self._note_said(user, name, content)

    def _hear(self, user: str) -> None:
        self.memory.end_session(user)
        self.memory.flush(user)

    def _id(self, user: str, number: int) -> str:
        """The id of some message, or one of none."""
        known = [turn.message_id for turn in self.memory.turns(user, last=MANY)]
        return known[number % len(known)] if known and number % 11 else "m"

    def _note_said(self, user: str, name: str, content: str) -> None:
        self.said[user][name].append(content)
        self._take_for_said(user, content)

    def _take_for_said(self, user: str, content: str) -> None:
        """What is said anew may be found again."""
        form = f" {normal_form(content)} {normal_form(NAMES[user])} "
        self.gone[user] = {text for text in self.gone[user] if f" {normal_form(text)} " not in form}


def test_no_word_stands_in_sealed_text_by_chance() -> None:
    places = 10**10  # letters of base64 in all stores of a long search
    words = [*NAMES.values(), *(word for found in WORDS.values() for word in found)]
    assert [word for word in words if places * (2 / 64) ** len(word) > 1e-6] == []


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def test_promises_hold_together_whatever_is_done(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("treering.memory.admission.bounds.MAX_OPERATIONS_A_WINDOW", 2)  # more waits in quarantine
    monkeypatch.setattr("treering.memory.stores.snapshots.SNAPSHOT_EVERY", 4)  # so that the past is read from them
    made = request.getfixturevalue(f"{kind}_house")

    class Here(Lives):
        new_house = staticmethod(made)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=FULL or (3 if kind == "sqlite" else 1),
            stateful_step_count=50 if FULL else 30,
            phases=[Phase.generate] if FULL else [Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
