"""A store against a plain model, under random histories."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from treering.errors import MessageConflict, OperationError, VersionConflict
from treering.memory.operations import fold
from treering.memory.ports import Store
from treering.schemas.claims import FORGOTTEN, Claim, Evidence
from treering.schemas.dialogue import Message, Scope
from treering.schemas.operations import Add, Batch, Delete, NoOp, Operation, Update
from treering.schemas.trunk import Trunk

NOON = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
SCOPES = (Scope(user="ana"), Scope(user="bo"))

numbers = st.integers(0, 4)
ids = numbers.map("{:024x}".format)
subjects = st.sampled_from(["self", "self", "person:Bo"])
paths = st.sampled_from(["taste.food", "taste.food", "name"])
evidence = numbers.map(lambda n: (Evidence(message_id=f"m{n}", quote=f"quote {n}", start=n),))


def _claim(number: int, subject: str, path: str, supersedes: tuple[str, ...] = ()) -> Claim:
    return Claim(
        id=f"{number:024x}",
        subject=subject,
        path=path,
        text=f"claim {number}",
        valid_from=NOON + timedelta(days=number),
        recorded_at=NOON,
        evidence=(Evidence(message_id=f"m{number}", quote=f"quote {number}", start=number),),
        supersedes=supersedes,
    )


additions = st.builds(lambda n, s, p: Add(claim=_claim(n, s, p)), numbers, subjects, paths)
updates = st.builds(lambda n, s, p, old: Update(claim=_claim(n, s, p, (old,))), numbers, subjects, paths, ids)
reasons = st.sampled_from(["ended", "retracted", "forgotten"])
deletions = st.builds(
    Delete, subject=subjects, path=paths, target=ids, reason=reasons, at=st.just(NOON), evidence=evidence
)
repetitions = st.builds(NoOp, why=st.just("known already"), target=st.none() | ids, evidence=evidence)
batches = st.lists(additions | additions | updates | deletions | repetitions, max_size=3)


def _id_of(operation: Operation) -> str | None:
    return operation.claim.id if isinstance(operation, Add | Update) else operation.target


def _forgotten(value: Any) -> Any:  # noqa: ANN401 - JSON
    """The same JSON with every word gone."""
    if isinstance(value, dict):
        return {k: FORGOTTEN if k in ("text", "why", "quote") else _forgotten(v) for k, v in value.items()}
    return [_forgotten(item) for item in value] if isinstance(value, list) else value


class StoreMachine(RuleBasedStateMachine):
    """Two openings of one store, and lists of what was said and committed."""

    def __init__(self, backend: Callable[[Path, Trunk], Store], trunk: Trunk) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.trunk = trunk
        self.stores = [backend(Path(self.folder.name), trunk) for _ in range(2)]
        self.batches = 0
        self.said: dict[Scope, dict[str, str]] = {scope: {} for scope in SCOPES}
        self.ledger: dict[Scope, list[tuple[int, Operation]]] = {scope: [] for scope in SCOPES}

    def teardown(self) -> None:
        for store in self.stores:
            store.close()
        self.folder.cleanup()

    @rule(scope=st.sampled_from(SCOPES), which=st.integers(0, 1), number=numbers, content=st.sampled_from("ab"))
    def append(self, scope: Scope, which: int, number: int, content: str) -> None:
        name, said = f"m{number}", self.said[scope]
        known = said.get(name)
        try:
            with self.stores[which].begin() as unit:
                receipt = unit.turns.append(scope, "s1", [Message(content=content, id=name)], NOON)
        except MessageConflict:
            assert known not in (None, "", content)
        else:
            assert known in (None, "", content)
            assert receipt.stored == ((name,) if known is None else ())
            said.setdefault(name, content)

    @rule(scope=st.sampled_from(SCOPES), which=st.integers(0, 1), added=batches, lag=st.sampled_from([0, 0, 0, 1]))
    def commit(self, scope: Scope, which: int, added: list[Operation], lag: int) -> None:
        ledger = self.ledger[scope]
        version = ledger[-1][0] if ledger else 0
        self.batches += 1
        batch = Batch(id=f"b{self.batches}", operations=tuple(added), recorded_at=NOON, author="tests/1")
        try:
            with self.stores[which].begin() as unit:
                unit.ledger.commit(scope, batch, expected_version=version + lag)
        except VersionConflict:
            assert lag
        except OperationError as error:
            with pytest.raises(type(error)):
                fold(self.trunk, [*self._operations(scope), *added])
        else:
            assert not lag
            ledger += [(version + 1, operation) for operation in added]

    @rule(scope=st.sampled_from(SCOPES), which=st.integers(0, 1), number=numbers)
    def erase(self, scope: Scope, which: int, number: int) -> None:
        name, claim_id = f"m{number}", f"{number:024x}"
        with self.stores[which].begin() as unit:
            assert unit.turns.erase(scope, [name]) == bool(self.said[scope].get(name))
            unit.ledger.erase(scope, [claim_id])
        if name in self.said[scope]:
            self.said[scope][name] = ""
        self.ledger[scope] = [
            (version, self._erased(operation) if _id_of(operation) == claim_id else operation)
            for version, operation in self.ledger[scope]
        ]

    @rule(which=st.integers(0, 1))
    def break_off(self, which: int) -> None:
        """A transaction that does a little of everything, and fails."""
        with pytest.raises(ZeroDivisionError), self.stores[which].begin() as unit:
            self._do_everything(unit)

    @invariant()
    def holds(self) -> None:
        for store in self.stores:
            with store.begin(write=False) as unit:
                for scope in SCOPES:
                    self._check_turns(unit, scope)
                    self._check_ledger(unit, scope)

    def _check_turns(self, unit: Any, scope: Scope) -> None:  # noqa: ANN401 - the unit of any backend
        turns = unit.turns.turns(scope)
        assert {turn.message_id: turn.content for turn in turns} == self.said[scope]
        assert [turn.seq for turn in turns] == list(range(1, len(turns) + 1))
        assert unit.ledger.head(scope).last_seq == len(turns)

    def _check_ledger(self, unit: Any, scope: Scope) -> None:  # noqa: ANN401
        entries, head = list(unit.ledger.entries(scope)), unit.ledger.head(scope)
        assert [(entry.version, entry.operation) for entry in entries] == self.ledger[scope]
        assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
        assert sorted({entry.version for entry in entries}) == list(range(1, head.version + 1))
        assert (head.seq, head.digest) == ((len(entries), entries[-1].digest) if entries else (0, ""))
        assert unit.ledger.first_broken(scope) is None
        folded = fold(self.trunk, self._operations(scope))
        assert unit.ledger.trees(scope) == {subject: tree for subject, tree in folded.items() if tree.claims}

    def _operations(self, scope: Scope) -> list[Operation]:
        return [operation for _, operation in self.ledger[scope]]

    def _erased(self, operation: Operation) -> Operation:
        return type(operation).model_validate(_forgotten(operation.model_dump(mode="json")))

    def _do_everything(self, unit: Any) -> None:  # noqa: ANN401
        scope = SCOPES[0]
        unit.turns.append(scope, "s1", [Message(content="gone")], NOON)
        version = unit.ledger.head(scope).version
        batch = Batch(id="gone", operations=(NoOp(why="gone"),), recorded_at=NOON, author="tests/1")
        unit.ledger.commit(scope, batch, expected_version=version)
        unit.ledger.erase(scope, [f"{number:024x}" for number in range(5)])
        unit.ledger.trees(scope)
        raise ZeroDivisionError


def test_a_store_does_what_the_model_does(backend: Callable[[Path, Trunk], Store], small_trunk: Trunk) -> None:
    run_state_machine_as_test(
        lambda: StoreMachine(backend, small_trunk),
        settings=settings(
            max_examples=4,
            stateful_step_count=20,
            suppress_health_check=list(HealthCheck),
        ),
    )
