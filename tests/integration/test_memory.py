"""The SDK from the outside: what is stored, heard, recalled, refused and forgotten, in one embedded store."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from treering import AsyncMemory, Memory, Message
from treering.client.intake import Said
from treering.client.remote.memory import RemoteMemory
from treering.errors import (
    InvalidInput,
    InvalidTurn,
    MessageConflict,
    MissingScope,
    StoreTooNew,
    UnknownClaim,
    UnknownPath,
    UnknownTrunk,
)
from treering.schemas.listening import Heard
from treering.schemas.operations import Add, Delete, NoOp, Update
from treering.testing import ManualClock

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def memory(tmp_path: Path, clock: ManualClock, sdk: Callable[[Memory], Memory]) -> Iterator[Memory]:
    with Memory(tmp_path / "home", embedder="hash", clock=clock, background=False) as opened:
        yield sdk(opened)


def said(memory: Memory, *texts: str, user: str = "ana") -> None:
    for text in texts:
        memory.remember(user, text)
    memory.flush(user)


def texts(memory: Memory, user: str = "ana") -> list[str]:
    return [claim.text for claim in memory.tree(user).claims]


# -- storing


def test_a_turn_is_recallable_before_it_was_listened_to(memory: Memory) -> None:
    memory.remember("ana", "My locker code is written on the blue teapot.")
    assert "blue teapot" in memory.recall("ana", "Where is the locker code written?").context


def test_of_a_long_import_the_first_turn_is_recallable_at_once_too(memory: Memory) -> None:
    memory.remember("ana", ["My locker code is written on the blue teapot.", *(f"It is day {n}." for n in range(300))])
    assert "blue teapot" in memory.recall("ana", "Where is the locker code written?", mode="hybrid").context


def test_what_was_not_heard_yet_is_read_out_whatever_the_question(memory: Memory) -> None:
    memory.remember("ana", "I'm allergic to peanuts.")
    recall = memory.recall("ana", "Where should I take Ana for dinner?", explain=True)
    assert "allergic to peanuts" in recall.context
    assert recall.decision.rule == "not-all-is-heard-yet"
    assert recall.lines[0].found_by[-1].source == "recent"
    assert memory.recall("ana", "Where should I take Ana for dinner?", mode="tree").context == ""
    memory.flush()
    later = memory.recall("ana", "How do I reset my router?", explain=True)
    assert not any(found.source == "recent" for line in later.lines for found in line.found_by)


def test_a_listener_that_is_behind_never_makes_a_stale_answer(memory: Memory) -> None:
    said(memory, "I live in Porto.")
    memory.remember("ana", "I live in Lisbon now.")
    assert "Lisbon" in memory.recall("ana", "In which city do I live?").context


def test_the_same_turn_is_recalled_alike_before_and_after_it_was_indexed(memory: Memory) -> None:
    memory.remember("ana", "The spare key hangs behind the old clock.")
    before = memory.recall("ana", "Where is the spare key?", mode="hybrid")
    memory.flush()
    after = memory.recall("ana", "Where is the spare key?", mode="hybrid")
    assert [line.text for line in before.lines] == [line.text for line in after.lines] != []


def test_remembering_twice_by_id_stores_once(memory: Memory) -> None:
    message = {"role": "user", "content": "I live in Porto.", "id": "m1"}
    assert memory.remember("ana", message).stored == ("m1",)
    assert memory.remember("ana", message).known == ("m1",)
    memory.flush()
    version = memory.tree("ana").version
    memory.remember("ana", message)
    memory.flush()
    assert memory.tree("ana").version == version


def test_an_id_that_comes_again_with_other_text_is_refused_and_nothing_of_the_call_is_stored(memory: Memory) -> None:
    memory.remember("ana", Message(content="I live in Porto.", id="m1"))
    with pytest.raises(MessageConflict, match="m1"):
        memory.remember("ana", [Message(content="New.", id="m2"), Message(content="I live in Lisbon.", id="m1")])
    assert memory.sessions("ana")[0].turns == 1


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("", "empty"),
        ("   \n", "empty"),
        ("a" * 1_048_576, "262,144"),
        ("nul \x00 byte", "NUL"),
        ("lone \ud800 surrogate", "surrogate"),
        ({"role": "narrator", "content": "x"}, "role"),
        ({"role": "user", "content": "x", "mood": "sad"}, "mood"),
        ({"role": "user"}, "content"),
        ({"role": "user", "content": 7}, "content"),
        ({"content": "x", "at": datetime(2024, 5, 1)}, "at"),  # noqa: DTZ001 - that is the fault
        ({"content": "x", "at": NOW + timedelta(minutes=6)}, "future"),
        ({"content": "x", "id": "two\nlines"}, "id"),
        ({"content": "x", "id": "i" * 300}, "id"),
        ({"content": "x", "metadata": {"nested": {"a": 1}}}, "metadata"),
    ],
)
def test_a_bad_message_is_refused_with_its_place_and_reason_and_changes_nothing(
    memory: Memory, bad: Said, says: str
) -> None:
    with pytest.raises(InvalidTurn, match=says):
        memory.remember("ana", ["I live in Porto.", bad])
    assert memory.sessions("ana") == []
    assert memory.jobs() == []


def test_an_error_does_not_repeat_the_message(memory: Memory) -> None:
    with pytest.raises(InvalidTurn) as raised:
        memory.remember("ana", {"role": "narrator", "content": "my secret"})
    assert "my secret" not in str(raised.value)


def test_a_message_a_little_in_the_future_is_taken_because_clocks_differ(memory: Memory) -> None:
    assert memory.remember("ana", Message(content="Hello there.", at=NOW + timedelta(minutes=4))).stored


def test_nobody_named_is_an_error_everywhere(memory: Memory) -> None:
    for call in (memory.remember, memory.recall):
        with pytest.raises(MissingScope):
            call("", "Hello")
    with pytest.raises(MissingScope):
        memory.tree("")
    with pytest.raises(InvalidInput, match="control"):
        memory.tree("ana\n")


# -- listening


def test_every_operation_cites_a_user_turn_and_a_span_that_occurs_in_it(memory: Memory) -> None:
    said(memory, "I live in Porto. I love ramen.", "I don't like ramen any more.", "I moved to Lisbon yesterday.")
    entries = memory.history("ana")
    assert entries
    for entry in entries:
        operation = entry.operation
        evidence = operation.claim.evidence if isinstance(operation, Add | Update) else operation.evidence
        for one in evidence:
            turn = memory._engine.turns(memory._engine.store.scopes()[0], [one.message_id])[one.message_id]
            assert turn.role == "user"
            assert turn.content[one.start : one.start + len(one.quote)] == one.quote


def test_observers_are_told_what_became_of_each_window(tmp_path: Path) -> None:
    heard: list[Heard] = []
    with Memory(tmp_path, embedder="hash", background=False, observe=lambda _, one: heard.append(one)) as memory:
        said(memory, "I live in Porto.", "What time is it?")
    assert [len(one.message_ids) for one in heard] == [1, 1]
    assert [verdict.ruling for verdict in heard[0].verdicts] == ["commit"]
    assert heard[1].verdicts == ()


def test_a_background_thread_listens_by_itself(tmp_path: Path) -> None:
    with Memory(tmp_path, embedder="hash") as memory:
        memory.remember("ana", "I live in Porto.")
        memory.flush("ana")
        assert len(memory.tree("ana").claims) == 1
        assert memory.jobs() == []


def test_history_of_a_branch_holds_its_slots_only(memory: Memory) -> None:
    said(memory, "I live in Porto.", "I love ramen.")
    [path] = {claim.path for claim in memory.tree("ana").claims if "Porto" in claim.text}
    assert [e.operation.claim.path for e in memory.history("ana", path) if isinstance(e.operation, Add)] == [path]
    assert memory.history("ana", path.partition(".")[0]) == memory.history("ana", path)
    assert memory.history("ana", "home.pets") == []
    for unknown in ("nowhere", "home.c", "", "home."):
        with pytest.raises(UnknownPath):
            memory.history("ana", unknown)


def test_the_same_fact_twice_is_one_claim_and_a_no_op(memory: Memory) -> None:
    said(memory, "I live in Porto.", "I live in Porto.")
    assert len(memory.tree("ana").claims) == 1
    assert [entry.operation.kind for entry in memory.history("ana")] == ["ADD", "NO_OP"]


# -- recall


def test_an_unknown_person_has_an_empty_recall_and_tree(memory: Memory) -> None:
    assert memory.recall("nobody", "Who am I?").context == ""
    assert memory.tree("nobody").slots == ()
    assert memory.history("nobody") == []
    assert memory.quarantine("nobody") == []


@pytest.mark.parametrize("query", ["", "  "])
def test_an_empty_question_is_refused(memory: Memory, query: str) -> None:
    with pytest.raises(InvalidInput, match="empty"):
        memory.recall("ana", query)


def test_a_hundred_kilobytes_of_question_are_answered(memory: Memory) -> None:
    said(memory, "The spare key hangs behind the old clock.")
    assert "spare key" in memory.recall("ana", "Where is the spare key? " * 4_000, mode="hybrid").context


def test_a_naive_moment_or_a_negative_budget_is_refused(memory: Memory) -> None:
    with pytest.raises(InvalidInput, match="time zone"):
        memory.recall("ana", "Where?", as_of=datetime(2024, 5, 1))  # noqa: DTZ001 - that is the fault
    with pytest.raises(InvalidInput, match="budget"):
        memory.recall("ana", "Where?", budget_tokens=-1)


def test_the_context_keeps_to_its_budget_and_names_its_sources(memory: Memory) -> None:
    said(memory, *(f"The box number {number} stands behind the old clock." for number in range(30)))
    recall = memory.recall("ana", "What stands behind the old clock?", budget_tokens=120, explain=True)
    assert 0 < recall.tokens <= 120
    assert recall.lines
    for line in recall.lines:
        assert line.message_ids
        assert line.found_by
        assert line.text in recall.context
    assert set(recall.timings_ms) == {"embed", "search", "rank", "fit"}


def test_a_budget_smaller_than_one_line_gives_nothing(memory: Memory) -> None:
    said(memory, "The spare key hangs behind the old clock.")
    recall = memory.recall("ana", "Where is the spare key?", budget_tokens=3)
    assert (recall.context, recall.tokens) == ("", 0)


def test_an_excluded_message_is_not_read_out(memory: Memory) -> None:
    memory.remember("ana", Message(content="The spare key hangs behind the old clock.", id="m1"))
    assert memory.recall("ana", "Where is the spare key?", exclude=["m1"]).lines == ()


def test_what_was_said_later_is_not_known_before(memory: Memory) -> None:
    memory.remember("ana", Message(content="The spare key hangs behind the clock.", at=NOW - timedelta(days=9)))
    memory.remember("ana", Message(content="The spare key lies under the mat.", at=NOW - timedelta(days=1)))
    memory.flush()
    recall = memory.recall("ana", "Where is the spare key?", as_of=NOW - timedelta(days=5), mode="hybrid")
    assert "clock" in recall.context
    assert "mat" not in recall.context


def test_a_superseded_statement_does_not_come_back_through_its_turn(memory: Memory) -> None:
    said(memory, "I live in Porto.", "I live in Lisbon.")
    context = memory.recall("ana", "In which city does Ana live?", mode="hybrid").context
    assert "Lisbon" in context
    assert "Porto" not in context


def test_tenants_and_people_never_see_each_other(memory: Memory) -> None:
    for tenant, user, city in (("a", "ana", "Porto"), ("b", "ana", "Lisbon"), ("a", "bo", "Oslo")):
        memory.remember(user, f"I live in {city}.", tenant=tenant)
    memory.flush()
    for tenant, user, city in (("a", "ana", "Porto"), ("b", "ana", "Lisbon"), ("a", "bo", "Oslo")):
        seen = memory.recall(user, "In which city do I live? Porto, Lisbon, Oslo?", tenant=tenant).context
        assert [name for name in ("Porto", "Lisbon", "Oslo") if name in seen] == [city]
        assert [claim.text for claim in memory.tree(user, tenant=tenant).claims] == [f"lives in {city}"]
        assert len(memory.history(user, tenant=tenant)) == 1


# -- forgetting


def held_wish(memory: Memory) -> str:
    said(memory, "I have a friend named Zebulon.", "Please forget my friend Zebulon.")
    [held] = memory.quarantine("ana")
    return held.id


def test_a_wish_to_forget_changes_nothing_until_it_is_confirmed(memory: Memory) -> None:
    held_id = held_wish(memory)
    assert any("Zebulon" in text for text in texts(memory))
    memory.drop("ana", held_id)
    assert memory.quarantine("ana") == []
    assert any("Zebulon" in text for text in texts(memory))


def test_a_confirmed_wish_leaves_no_byte_of_the_words(memory: Memory, tmp_path: Path) -> None:
    held_id = held_wish(memory)
    erasure = memory.release("ana", held_id).receipt
    memory.flush()
    assert erasure is not None
    assert len(erasure.claims) == 1
    assert len(erasure.messages) == 2
    assert texts(memory) == []
    assert memory.quarantine("ana") == []
    assert memory.recall("ana", "Who is Zebulon?").context == ""
    assert [entry.operation.kind for entry in memory.history("ana")] == ["ADD", "DELETE"]
    for file in (tmp_path / "home").iterdir():
        assert b"Zebulon" not in file.read_bytes(), file.name


def test_a_forgotten_message_that_comes_again_stays_forgotten(memory: Memory) -> None:
    memory.remember("ana", Message(content="I have a friend named Zebulon.", id="m1"))
    memory.flush()
    memory.forget("ana", claims=[memory.tree("ana").claims[0].id])
    assert memory.remember("ana", Message(content="I have a friend named Zebulon.", id="m1")).known == ("m1",)
    memory.flush()
    assert texts(memory) == []


def test_forgetting_an_unknown_claim_erases_nothing(memory: Memory) -> None:
    said(memory, "I live in Porto.")
    with pytest.raises(UnknownClaim):
        memory.forget("ana", claims=[memory.tree("ana").claims[0].id, "0" * 24])
    assert texts(memory) == ["lives in Porto"]


def test_confirming_or_dropping_what_does_not_wait_is_an_error(memory: Memory) -> None:
    for call in (memory.release, memory.drop):
        with pytest.raises(InvalidInput, match="nothing with id"):
            call("ana", "h1")


# -- the store


def test_a_second_memory_on_the_same_store_sees_everything(tmp_path: Path) -> None:
    with Memory(tmp_path, embedder="hash", background=False) as first:
        said(first, "I live in Porto.")
        with Memory(tmp_path, embedder="hash", background=False) as second:
            said(second, "I love ramen.")
            assert texts(first) == texts(second)
            assert len(texts(first)) == 2


def test_another_process_on_the_same_store_works(tmp_path: Path) -> None:
    code = (
        "from treering import Memory\n"
        f"with Memory({str(tmp_path)!r}, embedder='hash', background=False) as memory:\n"
        "    memory.remember('ana', 'I love ramen.')\n"
        "    memory.flush()\n"
    )
    with Memory(tmp_path, embedder="hash", background=False) as memory:
        said(memory, "I live in Porto.")
        subprocess.run([sys.executable, "-c", code], check=True)
        assert len(texts(memory)) == 2


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    import sqlite3  # noqa: PLC0415 - only this test tampers with a file

    with Memory(tmp_path, embedder="hash", background=False) as memory:
        said(memory, "I live in Porto.")
    with sqlite3.connect(tmp_path / "treering.db") as connection:
        connection.execute("UPDATE store_state SET format = 999")
    connection.close()
    with Memory(tmp_path, embedder="hash", background=False) as memory, pytest.raises(StoreTooNew, match="upgrade"):
        memory.tree("ana")


def test_making_a_memory_touches_nothing(tmp_path: Path) -> None:
    Memory(tmp_path / "never", embedder="hash").close()
    assert not (tmp_path / "never").exists()


def test_an_unknown_trunk_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UnknownTrunk, match="core"):
        Memory(tmp_path, embedder="hash", trunk="nonesuch")


# -- async


def test_the_async_memory_has_the_same_methods_and_signatures() -> None:
    def surface(owner: type) -> dict[str, inspect.Signature]:
        return {
            name: inspect.signature(member)
            for name, member in inspect.getmembers(owner, inspect.isfunction)
            if not name.startswith("_")
        }

    assert surface(AsyncMemory) == surface(Memory)
    assert surface(RemoteMemory) == surface(Memory), "the same over HTTP"
    assert "forget" in surface(Memory), "parts of the SDK count too"
    for name in surface(AsyncMemory):
        assert inspect.iscoroutinefunction(getattr(AsyncMemory, name)) == (name not in {"wrap", "tools"})


async def test_the_async_memory_does_what_the_other_does(tmp_path: Path) -> None:
    async with AsyncMemory(Memory(tmp_path, embedder="hash", background=False)) as memory:
        await memory.remember("ana", "I have a friend named Zebulon.")
        await memory.flush("ana")
        assert "Zebulon" in (await memory.recall("ana", "Who is Zebulon?")).context
        [claim] = (await memory.tree("ana")).claims
        await memory.remember("ana", "Please forget my friend Zebulon.", session="later")
        await memory.end_session("ana", "later")
        await memory.flush()
        [held] = await memory.quarantine("ana")
        await memory.drop("ana", held.id)
        assert (await memory.forget("ana", claims=[claim.id])).claims == (claim.id,)
        assert [entry.operation.kind for entry in await memory.history("ana")] == ["ADD", "DELETE"]
        assert [session.id for session in await memory.sessions("ana")] == ["default", "later"]
        await memory.flush()
        assert await memory.jobs() == []
        assert await memory.retry(99) is False
        with pytest.raises(InvalidInput):
            await memory.release("ana", held.id)


def test_deletes_of_history_are_visible_as_such(memory: Memory) -> None:
    said(memory, "I love ramen.", "I don't like ramen any more.")
    kinds = [type(entry.operation) for entry in memory.history("ana")]
    assert kinds[0] is Add
    assert not any(kind is NoOp for kind in kinds)
    assert kinds[-1] in (Update, Delete)


def test_a_folder_that_the_caller_names_outweighs_a_database_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TREERING_DATABASE_URL", f"sqlite:///{tmp_path}/elsewhere.db")
    with Memory(tmp_path / "named", embedder="hash", background=False) as memory:
        said(memory, "I live in Porto.")
    assert (tmp_path / "named" / "treering.db").exists()
    assert not (tmp_path / "elsewhere.db").exists()
    with Memory(embedder="hash", background=False) as memory:
        said(memory, "I live in Oslo.")
    assert (tmp_path / "elsewhere.db").exists()


def test_warming_up_loads_everything_that_the_first_question_needs(memory: Memory) -> None:
    memory.warm_up()
    assert memory._engine._router.cache_info().currsize == 1
    assert memory.sessions("nobody") == []
