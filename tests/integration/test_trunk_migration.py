"""Memories move onto a new trunk and back, whatever happens; through the SDK and the command line."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from treering import Memory
from treering.cli.app import command_table
from treering.errors import (
    InvalidMigration,
    NothingToUndo,
    TrunkChanged,
    TrunkMismatch,
    UnknownTrunk,
    UnknownUser,
)
from treering.memory.operations import fold
from treering.schemas.dialogue import Turn
from treering.schemas.listening import Draft
from treering.schemas.migration import SlotMove, Standing
from treering.schemas.operations import Delete
from treering.schemas.trunk import Trunk
from treering.schemas.trunks import load_trunk
from treering.testing import ManualClock, NotingEmbedder, TurnListener
from treering.workers.runner import MAX_ATTEMPTS

V1 = """
name: bakery
version: 1
description: What a bakery remembers.
tree:
  customer:
    description: Who the customer is.
    children:
      name: {description: The name., cardinality: one}
      city: {description: The city., cardinality: one}
  likes: {description: Likes.}
  dislikes: {description: Dislikes.}
  pets: {description: Animals.}
"""
V2 = """
name: bakery
version: 2
description: What a bakery remembers.
tree:
  guest:
    description: Who the guest is.
    children:
      name: {description: The name., cardinality: one}
      city: {description: The city., cardinality: one}
  tastes: {description: Likes and dislikes.}
  drinks: {description: Drinks.}
  notes: {description: Notes.}
"""
MIGRATION = """
from: bakery/1
to: bakery/2
steps:
  - rename: {from: customer, to: guest}
  - split:
      from: likes
      to:
        - {path: drinks, when: 'coffee|tea'}
        - {path: tastes}
  - merge: {from: [dislikes], to: tastes}
  - drop: pets
"""


class PathListener(TurnListener):
    """Hears `slot = words`, and `end slot = words` as the end of what the slot holds."""

    name = "paths/1"

    def drafts(self, turn: Turn) -> list[Draft]:
        path, _, text = turn.content.partition(" = ")
        kind = "DELETE" if path.startswith("end ") else "ADD"
        draft = Draft(
            kind=kind,
            path=path.removeprefix("end "),
            text=text,
            message_id=turn.message_id,
            quote=turn.content,
            reason="forgotten" if text == "forget" else "ended",
        )
        return [draft]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TREERING_EMBEDDER", "hash")
    for name, text in (("v1.yaml", V1), ("v2.yaml", V2), ("m.yaml", MIGRATION)):
        Path(name).write_text(text)
    return tmp_path


def on(trunk: str, **options: object) -> Memory:
    options.setdefault("embedder", "hash")
    return Memory("home", trunk=trunk, listener=PathListener(), background=False, **options)  # type: ignore[arg-type]


def say(memory: Memory, user: str, *texts: str) -> None:
    for text in texts:
        memory.remember(user, text)
    memory.flush(user)


def slots(memory: Memory, user: str = "ana") -> dict[str, list[str]]:
    return {slot.path: [claim.text for claim in slot.claims] for slot in memory.tree(user).slots}


ANA = (
    "customer.name = is called Ana",
    "customer.city = lives in Lisbon",
    "customer.city = lives in Porto",
    "likes = likes rye bread",
    "likes = likes coffee",
    "dislikes = hates raisins",
    "pets = has a dog",
)
ANA_ON_1 = {
    "customer.name": ["is called Ana"],
    "customer.city": ["lives in Porto"],
    "likes": ["likes rye bread", "likes coffee"],
    "dislikes": ["hates raisins"],
    "pets": ["has a dog"],
}
ANA_ON_2 = {
    "guest.name": ["is called Ana"],
    "guest.city": ["lives in Porto"],
    "tastes": ["likes rye bread", "hates raisins"],
    "drinks": ["likes coffee"],
}


@pytest.fixture
def old() -> Iterator[Memory]:
    """A memory on the old trunk: Ana's has something of everything, Bo's has little, Cy said nothing of note."""
    with on("v1.yaml") as memory:
        say(memory, "ana", *ANA)
        say(memory, "bo", "likes = likes tea")
        memory.remember("cy", "hello = there")
        memory.flush()
        yield memory


def test_a_dry_run_says_what_would_move_and_changes_nothing(old: Memory) -> None:
    report = old.migrate("m.yaml", dry_run=True, trunks=["v2.yaml"])
    assert report.dry_run
    assert (report.origin, report.target, report.moved) == ("bakery/1", "bakery/2", 2)
    assert report.moves == (
        SlotMove(path="customer.name", to="guest.name", claims=1, people=1),
        SlotMove(path="customer.city", to="guest.city", claims=2, people=1),
        SlotMove(path="likes", to="tastes", claims=1, people=1),
        SlotMove(path="likes", to="drinks", claims=2, people=2),
        SlotMove(path="dislikes", to="tastes", claims=1, people=1),
        SlotMove(path="pets", to=None, claims=1, people=1),
    )
    assert slots(old) == ANA_ON_1
    assert len(old.versions("ana")) == len(ANA)
    assert [one.people for one in old.trunks() if one.name == "bakery"] == [2]


def test_everybody_moves_and_a_second_run_changes_nothing(old: Memory) -> None:
    told: list[tuple[int, int]] = []
    digest = old.tree("ana").digest
    old.close()
    with on("v2.yaml") as new:
        assert new.migrate("m.yaml", progress=lambda done, total: told.append((done, total))).moved == 2
        assert told == [(1, 3), (2, 3), (3, 3)]
        new.flush()
        assert slots(new) == ANA_ON_2
        assert slots(new, "bo") == {"drinks": ["likes tea"]}
        before = new.versions("ana")
        again = new.migrate("m.yaml")
        assert (again.moved, again.done_before, again.moves) == (0, 2, ())
        assert new.versions("ana") == before
        assert new.tree("ana").digest != digest
        assert new.doctor().is_sound


def test_claims_keep_ids_dates_and_evidence_and_the_past_its_paths(old: Memory) -> None:
    before = {claim.id: claim for claim in old.tree("ana").claims}
    old.migrate("m.yaml", trunks=["v2.yaml"])
    with on("v2.yaml") as new:
        for claim in new.tree("ana").claims:
            former = before[claim.id]
            assert claim.model_copy(update={"path": former.path}) == former
        past = new.tree("ana", version=len(ANA))
        assert (past.trunk_version, [slot.path for slot in past.slots]) == (1, list(ANA_ON_1))
        assert set(before.values()) == set(past.claims)
        entries = new.history("ana")
        assert [entry.author for entry in entries[-13:]] == ["migrate"] * 13
        folded = fold(load_trunk("v2.yaml"), [entry.operation for entry in entries])["self"]
        assert {claim.id for claim in folded.current()} == {claim.id for claim in new.tree("ana").claims}


def test_a_rollback_gives_everything_back(old: Memory) -> None:
    tree = old.tree("ana")
    old.migrate("m.yaml", trunks=["v2.yaml"])
    report = old.rollback("m.yaml")
    assert (report.origin, report.target, report.moved, report.returned) == ("bakery/2", "bakery/1", 2, 1)
    assert old.tree("ana").digest == tree.digest
    assert slots(old) == ANA_ON_1
    again = old.rollback("m.yaml")
    assert (again.moved, again.done_before) == (0, 2)
    assert old.migrate("m.yaml").moved == 2
    assert old.rollback("m.yaml").moved == 2
    assert old.tree("ana").digest == tree.digest
    old.flush()
    assert old.doctor().is_sound


def test_what_was_learned_since_goes_back_by_the_inverse_rule(old: Memory) -> None:
    old.migrate("m.yaml", trunks=["v2.yaml"])
    with on("v2.yaml") as new:
        say(
            new, "ana", "guest.city = lives in Faro", "tastes = likes cake", "drinks = likes milk", "end guest.name = x"
        )
        say(new, "di", "tastes = likes buns")
        new.rollback("m.yaml")
    assert slots(old) == {
        "customer.city": ["lives in Faro"],
        "likes": ["likes rye bread", "likes coffee", "likes cake", "likes milk"],
        "dislikes": ["hates raisins"],
        "pets": ["has a dog"],
    }
    assert slots(old, "di") == {"likes": ["likes buns"]}


def test_what_has_no_place_on_the_old_trunk_is_not_dropped_in_silence(old: Memory) -> None:
    old.migrate("m.yaml", trunks=["v2.yaml"])
    with on("v2.yaml") as new:
        say(new, "bo", "notes = comes on Mondays")
        with pytest.raises(InvalidMigration, match=r"no place on bakery/1: notes \(1\); nothing was changed"):
            new.rollback("m.yaml")
        assert slots(new) == ANA_ON_2
        looked = new.rollback("m.yaml", dry_run=True)
        assert SlotMove(path="notes", to=None, claims=1, people=1) in looked.moves
        assert new.rollback("m.yaml", drop_new=True).moved == 2
    assert slots(old, "bo") == {"likes": ["likes tea"]}
    assert any(isinstance(entry.operation, Delete) and entry.operation.path == "notes" for entry in old.history("bo"))


def test_what_was_taken_back_or_forgotten_since_does_not_come_back(old: Memory) -> None:
    say(old, "bo", "pets = has a cat")
    [dog] = old.tree("ana").slots[-1].claims
    [cat] = old.tree("bo").slots[-1].claims
    old.migrate("m.yaml", trunks=["v2.yaml"])
    with on("v2.yaml") as new:
        new.retract("ana", dog.evidence[0].message_id)
        new.forget("bo", messages=[cat.evidence[0].message_id])
        assert new.rollback("m.yaml").returned == 0
    assert "pets" not in slots(old)
    assert "pets" not in slots(old, "bo")


def test_nothing_is_read_or_written_on_the_wrong_trunk(old: Memory) -> None:
    with on("v2.yaml") as new:
        for read in (lambda: new.tree("ana"), lambda: new.recall("ana", "What does she like?")):
            with pytest.raises(TrunkMismatch, match="stands on trunk bakery/1, loaded is bakery/2"):
                read()
        assert new.tree("nobody").slots == ()
        new.remember("ana", "guest.city = lives in Rome")  # what is said is never refused
        new.flush("ana")
        [job] = [job for job in new.jobs("ana") if job.kind == "listen"]
        assert (job.state, "TrunkMismatch" in (job.error or "")) == ("queued", True)
        new.migrate("m.yaml")
    with pytest.raises(TrunkMismatch, match="loaded is bakery/1"):
        old.tree("ana")
    assert old.sessions("ana")


def test_what_could_not_be_heard_is_heard_after_the_migration(old: Memory) -> None:
    with on("v2.yaml") as new:
        new.remember("ana", "guest.city = lives in Rome")
        new.migrate("m.yaml")
        new.flush("ana")
        assert slots(new)["guest.city"] == ["lives in Rome"]


def test_work_on_the_wrong_trunk_is_tried_until_somebody_migrates(old: Memory) -> None:
    clock = ManualClock(datetime.now(UTC))
    with on("v2.yaml", clock=clock) as new:
        new.remember("ana", "guest.city = lives in Rome")
        for _ in range(MAX_ATTEMPTS + 2):
            new.flush("ana")
            clock.advance(timedelta(hours=1))
        assert {job.state for job in new.jobs("ana")} == {"queued"}
        new.migrate("m.yaml")
        new.flush("ana")
        assert new.jobs("ana") == []
        assert slots(new)["guest.city"] == ["lives in Rome"]


def test_one_person_can_go_first(old: Memory) -> None:
    assert old.migrate("m.yaml", user="bo", trunks=["v2.yaml"]).moved == 1
    assert slots(old) == ANA_ON_1
    with pytest.raises(UnknownUser):
        old.migrate("m.yaml", user="nobody")
    with pytest.raises(UnknownUser):
        old.migrate("m.yaml", user="bo", tenant="other")
    assert old.migrate("m.yaml", tenant="other").moved == 0
    assert old.migrate("m.yaml").done_before == 1


def test_people_on_a_third_trunk_are_left_alone(old: Memory) -> None:
    with Memory("home", embedder="hash", background=False) as other:  # on core/1
        other.remember("eve", "I live in Lisbon.")
        other.flush("eve")
    report = old.migrate("m.yaml", trunks=["v2.yaml"])
    assert (report.moved, report.untouched) == (2, (Standing(trunk="core/1", people=1),))
    with Memory("home", embedder="hash", background=False) as other:
        assert slots(other, "eve") == {"home.city": ["lives in Lisbon"]}


def test_both_trunks_must_be_found_and_fit(old: Memory) -> None:
    with pytest.raises(UnknownTrunk, match=r"'bakery/2'; known: .*bakery/1"):
        old.migrate("m.yaml")
    Path("m.yaml").write_text(MIGRATION.replace("pets", "cats"))
    with pytest.raises(InvalidMigration, match=r"m.yaml:12: at drop: bakery/1: the trunk has no slot 'cats'"):
        old.migrate("m.yaml", trunks=["v2.yaml"])
    assert slots(old) == ANA_ON_1


def test_vectors_follow_without_being_made_again(old: Memory) -> None:
    old.close()
    embedder = NotingEmbedder()
    with on("v2.yaml", embedder=embedder) as new:
        new.migrate("m.yaml")
        new.flush()
        assert embedder.asked == []
        found = new.recall("ana", "likes coffee", mode="tree", explain=True)
        assert any("dense" in [one.source for one in line.found_by] for line in found.lines), found
        assert "has a dog" not in new.recall("ana", "has a dog", mode="tree").context
        assert new.doctor().is_sound


def test_what_waits_for_a_person_moves_too(old: Memory) -> None:
    say(old, "ana", "end dislikes = forget")
    [held] = old.quarantine("ana")
    old.migrate("m.yaml", trunks=["v2.yaml"])
    with on("v2.yaml") as new:
        [waiting] = new.quarantine("ana")
        assert waiting.id == held.id
        assert waiting.verdict.draft.path == "tastes"
        new.release("ana", held.id)
        assert slots(new)["tastes"] == ["likes rye bread"]


def test_what_was_before_a_migration_is_taken_back_after_a_rollback_only(old: Memory) -> None:
    old.migrate("m.yaml", trunks=["v2.yaml"])
    with on("v2.yaml") as new:
        moved = new.versions("ana")[0].version
        why = r"needs trunk bakery/1.* `treering trunk rollback`"
        with pytest.raises(TrunkChanged, match=why):
            new.undo("ana")
        with pytest.raises(TrunkChanged, match=why):
            new.undo("ana", version=moved - 1)
        with pytest.raises(TrunkChanged, match=why):
            new.rewind("ana", 1)
        with pytest.raises(NothingToUndo):
            new.redo("ana")
        assert slots(new) == ANA_ON_2
        say(new, "ana", "notes = is left-handed")
        new.rewind("ana", moved)
        assert slots(new) == ANA_ON_2, "on this side of it, one goes back as ever"
        new.rollback("m.yaml", trunks=["v1.yaml"])
    with on("v1.yaml") as back:
        with pytest.raises(TrunkChanged, match="needs trunk bakery/2"):
            back.undo("ana")
        back.undo("ana", version=moved - 1)
        assert slots(back) == {path: texts for path, texts in ANA_ON_1.items() if path != "pets"}


def test_a_process_that_is_killed_between_two_people_goes_on_where_it_was(old: Memory) -> None:
    old.close()
    child = os.fork()
    if not child:
        memory = on("v2.yaml")
        memory.migrate("m.yaml", progress=lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    with on("v2.yaml") as new:
        assert slots(new) == ANA_ON_2
        with pytest.raises(TrunkMismatch):
            slots(new, "bo")
        report = new.migrate("m.yaml")
        assert (report.moved, report.done_before) == (1, 1)
        assert slots(new, "bo") == {"drinks": ["likes tea"]}


def test_a_failure_within_a_person_leaves_that_person_as_before(old: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    from treering.memory.stores.quarantine import SqlQuarantine  # noqa: PLC0415

    def fail(*_: object) -> int:
        raise RuntimeError("the power went")

    with monkeypatch.context() as patched:
        patched.setattr(SqlQuarantine, "drop_replies", fail)  # the ledger has been written by then
        with pytest.raises(RuntimeError, match="power"):
            old.migrate("m.yaml", trunks=["v2.yaml"])
    assert slots(old) == ANA_ON_1
    assert len(old.versions("ana")) == len(ANA)


def test_replaced_claims_do_not_come_back_with_another_cardinality(old: Memory) -> None:
    Path("v2.yaml").write_text(
        V2.replace("city: {description: The city., cardinality: one}", "city: {description: C.}")
    )
    old.migrate("m.yaml", trunks=["v2.yaml"])
    with on("v2.yaml") as new:
        assert slots(new)["guest.city"] == ["lives in Porto"]


def test_claims_that_a_merge_hides_are_counted(old: Memory) -> None:
    Path("v2.yaml").write_text(
        V2.replace("tastes: {description: Likes and dislikes.}", "tastes: {description: T., cardinality: one}")
    )
    report = old.migrate("m.yaml", trunks=["v2.yaml"])
    assert report.hidden == 1
    with on("v2.yaml") as new:
        assert slots(new)["tastes"] == ["hates raisins"]
    old.rollback("m.yaml")
    assert slots(old) == ANA_ON_1


def test_more_slots_need_no_migration(old: Memory) -> None:
    Path("more.yaml").write_text(V1 + "  notes: {description: Notes.}\n")
    with on("more.yaml") as more:
        assert slots(more) == ANA_ON_1
        say(more, "ana", "notes = comes on Mondays")
    Path("fewer.yaml").write_text(V1.replace("  pets: {description: Animals.}\n", ""))
    with on("fewer.yaml") as fewer, pytest.raises(TrunkMismatch):
        slots(fewer)


# -- the command line


def call(*words: str, trunk: str = "v2.yaml") -> tuple[int, str]:
    environment = {"TREERING_HOME": "home", "TREERING_TRUNK": trunk, "COLUMNS": "200"}
    done = CliRunner().invoke(command_table("trunk"), ["trunk", *words], env=environment)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def test_the_command_line_looks_moves_and_goes_back(old: Memory) -> None:
    old.close()
    _, looked = call("migrate", "m.yaml", "--dry-run")
    assert "likes -> drinks  2 claim(s) of 2 people" in looked
    assert "pets retracted  1 claim(s) of 1 people" in looked
    assert "2 people would move from bakery/1 to bakery/2; 0 were there." in looked
    assert "2 people moved" in call("migrate", "m.yaml")[1]
    _, report = call("migrate", "m.yaml", "--json")
    assert json.loads(report)["done_before"] == 2
    _, listed = call("list", "--json")
    people = {f"{one['name']}/{one['version']}": one["people"] for one in json.loads(listed)}
    assert people == {"bakery/1": 0, "bakery/2": 2, "biopsychosocial/1": 0, "core/1": 0}
    assert "* bakery/2" in call("list")[1]
    assert "1 dropped claim(s) come back." in call("rollback", "m.yaml", trunk="v1.yaml")[1]
    with on("v1.yaml") as memory:
        assert slots(memory) == ANA_ON_1


def test_the_command_line_checks_trunks_and_migrations() -> None:
    assert call("check", "v1.yaml") == (0, "v1.yaml is sound: trunk bakery/1 with 5 slots.\n")
    code, said = call("check", "m.yaml", "--trunk", "v1.yaml")
    assert (code, said) == (0, "m.yaml is sound: migration bakery/1->bakery/2; 5 slots lead elsewhere.\n")
    with pytest.raises(UnknownTrunk, match="bakery/1"):
        call("check", "m.yaml")
    Path("m.yaml").write_text(MIGRATION.replace("  - drop: pets\n", ""))
    with pytest.raises(InvalidMigration, match="pets of bakery/1 is not on bakery/2"):
        call("check", "m.yaml", "--trunk", "v1.yaml")
    found = json.loads(call("check", "v2.yaml", "--json")[1])
    assert (found["kind"], found["name"], found["slots"]) == ("trunk", "bakery/2", 5)


def test_the_command_line_shows_trunks() -> None:
    assert "- city (one): The city." in call("show")[1]
    assert "guest: Who the guest is." in call("show", "bakery")[1]
    assert "customer: Who the customer is." in call("show", "v1.yaml")[1]
    assert Trunk.model_validate_json(call("show", "core/1", "--json")[1]) == load_trunk("core")
    with pytest.raises(UnknownTrunk):
        call("show", "nothing")
