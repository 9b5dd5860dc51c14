"""Messages that are taken back or amended, from the SDK and the command line, with what else one can do to a memory."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from treering import AsyncMemory, Memory, Settings, TreeView, Turn
from treering.cli.app import command_table
from treering.errors import InvalidInput, InvalidTurn, MessageConflict, UndoConflict, UnknownMessage
from treering.memory.ports.erasure import Vanished
from treering.memory.repetition import NOTHING_SOUGHT
from treering.memory.tree import PersonaTree
from treering.schemas.dialogue import Scope
from treering.schemas.listening import Draft, Proposal, Reply, Window
from treering.schemas.retraction import Retraction
from treering.testing import ManualClock

ANA = Scope(user="ana")
SAID = (
    "I live in Porto.",
    "I'm allergic to peanuts.",
    "I moved to Lisbon.",
    "I'm allergic to peanuts.",
)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def memory(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Memory]:
    """Four messages, m1 to m4, that the local listener has heard."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else None
    settings = Settings(home=tmp_path, database_url=url)
    with Memory(settings=settings, embedder="hash", clock=ManualClock(), background=False) as opened:
        for number, text in enumerate(SAID, start=1):
            opened.remember("ana", {"content": text, "id": f"m{number}", "at": datetime(2023, number, 1, tzinfo=UTC)})
        opened.flush()
        yield opened


def known(memory: Memory) -> dict[str, list[str]]:
    return {claim.text: [one.message_id for one in claim.evidence] for claim in memory.tree("ana").claims}


def assert_sound(memory: Memory) -> None:
    memory.flush()
    assert memory.jobs() == []
    assert memory.doctor("ana").findings == ()


def test_a_life_goes_on_without_what_was_taken_back(memory: Memory) -> None:
    assert known(memory) == {"moved to Lisbon": ["m3"], "is allergic to peanuts": ["m2"]}
    memory.retract("ana", "m3")
    memory.retract("ana", "m2")
    assert known(memory) == {"lives in Porto": ["m1"], "is allergic to peanuts": ["m4"]}
    [allergy] = memory.tree("ana")["health.allergies"]
    assert allergy.valid_from == datetime(2023, 4, 1, tzinfo=UTC)
    memory.remember("ana", "I moved to Braga.")
    memory.flush()
    assert "moved to Braga" in known(memory)
    assert_sound(memory)


def test_what_was_known_before_can_still_be_looked_at(memory: Memory) -> None:
    version = memory.retract("ana", "m3").version_before
    [then] = memory.tree("ana", version=version)["home.city"]
    assert then.text == "moved to Lisbon"
    assert [claim.text for claim in memory.tree("ana")["home.city"]] == ["lives in Porto"]


@pytest.mark.parametrize("change", ["retract", "amend"])
def test_undo_gives_the_text_back_and_redo_takes_it_again(memory: Memory, change: str) -> None:
    before, turns = known(memory), memory.turns("ana")
    if change == "retract":
        memory.retract("ana", "m3")
    else:
        memory.amend("ana", "m3", "I moved to Faro.")
    changed, changed_turns = known(memory), memory.turns("ana")
    assert memory.undo("ana").messages == ("m3",)
    assert (known(memory), memory.turns("ana")) == (before, turns)
    assert_sound(memory)
    assert "Lisbon" in memory.recall("ana", "Did Ana say Lisbon?", mode="hybrid").context
    memory.redo("ana")
    assert (known(memory), memory.turns("ana")) == (changed, changed_turns)
    assert_sound(memory)
    assert ("moved to Faro" in known(memory)) == (change == "amend"), "it is heard when it comes back"


def test_what_was_learned_of_an_amended_text_is_undone_before_the_amendment(memory: Memory) -> None:
    before = known(memory)
    memory.amend("ana", "m3", "I moved to Faro.")
    memory.flush()
    assert "moved to Faro" in known(memory)
    memory.undo("ana", 2)
    assert known(memory) == before
    assert memory.turns("ana")[2].content == "I moved to Lisbon."
    memory.redo("ana", 2)
    assert "moved to Faro" in known(memory)
    assert_sound(memory)


def test_a_retraction_is_not_undone_under_a_later_change_of_its_message(memory: Memory) -> None:
    version = memory.retract("ana", "m3").version_after
    memory.amend("ana", "m3", "Hm.")
    with pytest.raises(UndoConflict, match="m3"):
        memory.undo("ana", version=version)
    assert memory.turns("ana")[2].content == "Hm."
    assert_sound(memory)


def test_a_rewind_goes_back_past_retractions(memory: Memory) -> None:
    before, turns = known(memory), memory.turns("ana")
    version = memory.tree("ana").version
    memory.retract("ana", "m3")
    memory.amend("ana", "m1", "I live in Faro.")
    memory.flush()
    memory.rewind("ana", version)
    assert (known(memory), memory.turns("ana")) == (before, turns)
    assert_sound(memory)
    memory.undo("ana")
    assert known(memory)["lives in Faro"] == ["m1"]
    assert [turn.content for turn in memory.turns("ana")][:3] == ["I live in Faro.", SAID[1], ""]
    assert_sound(memory)


def test_what_was_taken_back_can_be_forgotten_down_to_the_last_byte(memory: Memory, tmp_path: Path) -> None:
    memory.remember("ana", {"content": "I have a friend named Zebulon.", "id": "m5"})
    memory.flush()
    memory.amend("ana", "m5", "I have a friend named Xanthippe.")
    memory.flush()
    memory.retract("ana", "m5")
    memory.forget("ana", messages=["m5"])
    memory.flush()
    memory.close()
    for file in tmp_path.iterdir():
        for words in (b"Zebulon", b"Xanthippe"):
            assert words not in file.read_bytes(), file.name


def test_a_forgotten_message_is_neither_taken_back_nor_amended_nor_said_by_another(memory: Memory) -> None:
    memory.forget("ana", messages=["m1"])
    with pytest.raises(UnknownMessage, match="forgotten"):
        memory.retract("ana", "m1")
    with pytest.raises(InvalidTurn, match="forgotten"):
        memory.amend("ana", "m3", "i live in porto")
    memory.allow_again("ana", "I live in Porto.")
    assert memory.amend("ana", "m3", "I live in Porto.").changed


def test_a_former_text_that_was_forgotten_is_known_when_it_comes_again(memory: Memory) -> None:
    memory.remember("ana", {"content": "Look at me, Zebulon!", "id": "m5"})
    memory.amend("ana", "m5", "Look, you!")
    with memory._engine.store.begin() as unit:
        unit.word_stores.drop(ANA, Vanished(sought=NOTHING_SOUGHT.and_also(["Look at me, Zebulon!"])))
    assert memory.remember("ana", {"content": "Look at me, Zebulon!", "id": "m5"}).known == ("m5",)
    assert memory.turns("ana")[-1].content == "Look, you!"
    memory.retract("ana", "m5")
    assert not memory.retract("ana", "m5").changed


def test_a_message_that_is_sent_again_under_an_amended_id_is_known_or_a_conflict(memory: Memory) -> None:
    memory.amend("ana", "m3", "I moved to Faro.")
    for text in (SAID[2], "I moved to Faro."):
        assert memory.remember("ana", {"content": text, "id": "m3"}).known == ("m3",)
    with pytest.raises(MessageConflict):
        memory.remember("ana", {"content": "I moved to Braga.", "id": "m3"})


def test_turns_are_listed_by_session_the_last_ones_last(memory: Memory) -> None:
    memory.remember("ana", {"content": "Hello.", "id": "n1"}, session="other")
    assert [turn.message_id for turn in memory.turns("ana")] == ["m1", "m2", "m3", "m4", "n1"]
    assert [turn.message_id for turn in memory.turns("ana", last=2)] == ["m4", "n1"]
    assert [turn.message_id for turn in memory.turns("ana", session="other")] == ["n1"]
    assert memory.turns("bo") == []


def test_turns_around_a_message_are_those_of_its_conversation(memory: Memory) -> None:
    memory.remember("ana", {"content": "Hello.", "id": "n1"}, session="other")
    memory.remember("ana", {"content": "Good night.", "id": "m5"})
    for middle, last, found in (
        ("m3", 3, ["m2", "m3", "m4"]),
        ("m3", 4, ["m2", "m3", "m4", "m5"]),
        ("m3", 1, ["m3"]),
        ("m3", 2, ["m3", "m4"]),
        ("m1", 3, ["m1", "m2", "m3"]),
        ("m5", 3, ["m4", "m5"]),
        ("n1", 20, ["n1"]),
    ):
        assert [turn.message_id for turn in memory.turns("ana", around=middle, last=last)] == found
    for user, unknown in (("ana", "m9"), ("bo", "m1")):
        with pytest.raises(UnknownMessage, match=unknown):
            memory.turns(user, around=unknown)
    for more in ({"session": "other"}, {"after": 0}):
        with pytest.raises(InvalidInput, match="around"):
            memory.turns("ana", around="m1", **more)  # type: ignore[arg-type]
    for bad in ("", "a\x00b", 7):
        with pytest.raises(InvalidInput, match="around"):
            memory.turns("ana", around=bad)  # type: ignore[arg-type]


def test_bad_input_is_named(memory: Memory) -> None:
    for last in (0, -1, 10**9, "5"):
        with pytest.raises(InvalidInput, match="last"):
            memory.turns("ana", last=last)  # type: ignore[arg-type]
    for text in ("", "  ", "a\x00b", "x" * 300_000, None, b"text"):
        with pytest.raises(InvalidTurn, match="the new text"):
            memory.amend("ana", "m1", text)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="id"):
        memory.retract("ana", 7)  # type: ignore[arg-type]
    assert [turn.content for turn in memory.turns("ana")] == list(SAID)


async def test_the_async_memory_takes_back_and_amends_too(tmp_path: Path) -> None:
    async with AsyncMemory(Memory(tmp_path, embedder="hash", background=False)) as memory:
        await memory.remember("ana", {"content": "I live in Porto.", "id": "m1"})
        await memory.flush()
        assert (await memory.amend("ana", "m1", "I live in Braga.")).changed
        assert (await memory.retract("ana", "m1")).changed
        assert [turn.content for turn in await memory.turns("ana")] == [""]


class Held:
    """Waits in the middle of a window until it is let go; takes what is said for an event."""

    name = "held/1"
    window_turns = 1
    context_turns = 0

    def __init__(self) -> None:
        self.is_reading = threading.Event()
        self.go_on = threading.Event()

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        self.is_reading.set()
        assert self.go_on.wait(30)
        return None

    def read(self, window: Window, trees: Mapping[str, PersonaTree], reply: Reply | None) -> Proposal:
        drafts = [
            Draft(
                kind="ADD", path="experiences.events", text=turn.content, message_id=turn.message_id, quote=turn.content
            )
            for turn in window.turns
            if turn.content
        ]
        return Proposal(drafts=tuple(drafts))


@pytest.mark.parametrize("change", ["retract", "amend"])
def test_a_listener_in_another_thread_commits_nothing_of_the_old_text(tmp_path: Path, change: str) -> None:
    listener = Held()
    with Memory(tmp_path, embedder="hash", listener=listener) as memory:
        memory.remember("ana", {"content": "has a cat", "id": "m1"})
        assert listener.is_reading.wait(30)
        done = memory.retract("ana", "m1") if change == "retract" else memory.amend("ana", "m1", "has a bird")
        assert done.version_after == 0, "no version tells the listener"
        listener.go_on.set()
        assert_sound(memory)
        assert known(memory) == ({} if change == "retract" else {"has a bird": ["m1"]})
        assert not any("cat" in entry.model_dump_json() for entry in memory.history("ana"))


# -- the command line

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a store of the test's own."""
    monkeypatch.setenv("TREERING_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TREERING_EMBEDDER", "hash")
    monkeypatch.delenv("TREERING_MODEL", raising=False)

    def invoke(*arguments: str, text: str | None = None) -> Result:
        result = CliRunner().invoke(command_table(arguments[0]), list(arguments), input=text)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


def test_commands_list_take_back_and_amend(run: Run) -> None:
    assert "Nothing was said yet" in run("turns", "ana").output
    for number, text in enumerate(SAID[:3], start=1):
        run("remember", "ana", text, "--id", f"m{number}")
    shown = run("turns", "ana", "--last", "2").output
    assert "m3" in shown
    assert "m1" not in shown
    shown = run("retract", "ana", "m3").output
    assert "- gone home.city: moved to Lisbon" in shown
    assert "+ back home.city: lives in Porto" in shown
    assert "nothing was left to do" in run("retract", "ana", "m3").output
    assert "taken back, or forgotten" in run("turns", "ana").output
    shown = run("amend", "ana", "m1", "-", text="I live in Braga.\n").output
    assert "- gone home.city: lives in Porto" in shown
    assert "+ ADD    home.city: lives in Braga" in shown
    assert "says so already" in run("amend", "ana", "m1", "I live in Braga.\n").output


def test_commands_print_the_documented_values(run: Run) -> None:
    run("remember", "ana", SAID[0], "--id", "m1")
    [turn] = json.loads(run("turns", "ana", "--json").stdout)
    assert Turn.model_validate(turn).message_id == "m1"
    amended = json.loads(run("amend", "ana", "m1", "I live in Braga.", "--json").stdout)
    assert Retraction.model_validate(amended["retraction"]).listens
    assert amended["heard"][0]["message_ids"] == ["m1"]
    done = Retraction.model_validate_json(run("retract", "ana", "m1", "--json").stdout)
    assert [claim.text for claim in done.retracted] == ["lives in Braga"]
    assert not TreeView.model_validate_json(run("tree", "ana", "--json").stdout).claims


def test_a_message_of_markup_is_shown_as_it_is(run: Run) -> None:
    run("remember", "ana", "[bold]I live[/] in Porto.\x1b[2J", "--id", "m1")
    assert "[bold]I live[/] in Porto. [2J" in run("turns", "ana").output
