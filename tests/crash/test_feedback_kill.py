"""A process is killed between the steps of a rejection or a release: everything of it is there, or nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from treering import Memory, Scope
from treering.errors import ForgottenBefore
from treering.memory.stores.jobs import SqlJobQueue
from treering.memory.stores.ledger import SqlLedger
from treering.memory.stores.quarantine import SqlQuarantine
from treering.memory.stores.tombstones import SqlTombstones
from treering.schemas.listening import Draft, Verdict

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

ANA = Scope(user="ana")
BOTH = [(SqlLedger, "commit"), (SqlJobQueue, "enqueue")]


def opened(folder: Path) -> Memory:
    return Memory(folder, embedder="hash", background=False)


def killed_after(step: tuple[type, str], folder: Path, action: Callable[[Memory], object]) -> int:
    """How a child ends that is killed right after a step of its action; 0: it did not come by."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    owner, name = step
    done = getattr(owner, name)

    def die(*arguments: object, **named: object) -> None:
        done(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    status = 1
    try:
        setattr(owner, name, die)
        action(opened(folder))
        status = 0
    finally:
        os._exit(status)


def reject(claim_id: str, memory: Memory) -> bool:
    return memory.reject("ana", claim_id).changed


def release(held_id: str, memory: Memory) -> bool:
    return bool(memory.release("ana", held_id).operations)


@pytest.fixture
def told(tmp_path: Path) -> tuple[str, str]:
    """A claim, and a proposal that waits."""
    with opened(tmp_path) as memory:
        memory.remember("ana", {"content": "I love jazz. I live in Porto.", "id": "m1"})
        memory.flush()
        [home, music] = memory.tree("ana").claims
        memory.reject("ana", home.id)
        memory.allow_again("ana")
        draft = Draft(kind="ADD", path="home.city", text="lives in Porto", message_id="m1", quote="I live in Porto.")
        verdict = Verdict(ruling="quarantine", rule="ask-first", why="for a test", draft=draft)
        with memory._engine.store.begin() as unit:
            [held] = unit.quarantine.hold(ANA, "1-1", [verdict], music.recorded_at)
        memory.flush()
    return music.id, held.id


@pytest.mark.parametrize(
    ("what", "step"),
    [
        *((what, step) for what in (reject, release) for step in BOTH),
        (reject, (SqlTombstones, "put")),
        (release, (SqlQuarantine, "resolve")),
    ],
    ids=lambda one: getattr(one, "__name__", one[1] if isinstance(one, tuple) else None),
)
def test_whoever_is_killed_on_the_way_has_done_nothing(
    tmp_path: Path, told: tuple[str, str], what: Callable[[str, Memory], bool], step: tuple[type, str]
) -> None:
    ref = told[what is release]
    action = partial(what, ref)
    assert killed_after(step, tmp_path, action) == -signal.SIGKILL
    with opened(tmp_path) as memory:
        texts = {claim.text for claim in memory.tree("ana").claims}
        assert texts == {"loves jazz"}
        assert len(memory.quarantine("ana")) == 1
        with memory._engine.store.begin(write=False) as unit:
            assert not unit.tombstones.of_claims(ANA).marks
        assert action(memory), "and it can be done now"
        memory.flush()
        assert memory.doctor("ana").findings == ()
        if what is reject:
            with pytest.raises(ForgottenBefore):
                memory.add_claim("ana", "preferences.music", "loves jazz")
