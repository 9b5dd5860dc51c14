"""Retracting and amending messages: what goes, what stays, what holds again, and who is listening meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from treering import Memory
from treering.errors import IndexUnavailable, ModelReplyUnreadable, UnknownMessage, UnknownUser
from treering.memory import rewording
from treering.memory.models.hashing import HashEmbedder
from treering.memory.ports import Vector
from treering.memory.retracting import Retracting
from treering.memory.tree import PersonaTree
from treering.schemas.claims import Claim
from treering.schemas.dialogue import Scope, Turn
from treering.schemas.listening import Draft, Proposal, Reply, Window
from treering.schemas.recall import Passage
from treering.testing import ManualClock

ANA = Scope(user="ana")


class Notes:
    """Takes each turn for a fact; `so X` says X once more, `over X` ends it, `forget X` wishes it gone.

    `meanwhile` happens once, when a turn that says `during` was read and nothing of it is committed yet.
    """

    name = "notes/1"
    context_turns = 2
    during = ""

    def __init__(self, window_turns: int = 1) -> None:
        self.window_turns = window_turns
        self.windows: list[str] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        return None

    def read(self, window: Window, trees: Mapping[str, PersonaTree], reply: Reply | None) -> Proposal:
        said = [turn.content for turn in window.turns]
        self.windows.append(f"{window.id} {' / '.join(said)}")
        if self.during in said:
            meanwhile, self.meanwhile = self.meanwhile, lambda: None
            meanwhile()
        known = {claim.text: claim for tree in trees.values() for claim in tree.claims.values()}
        return Proposal(drafts=tuple(note(turn, known) for turn in window.turns if turn.content not in ("", "Hello.")))


def note(turn: Turn, known: Mapping[str, Claim]) -> Draft:
    what, _, rest = turn.content.partition(" ")
    words = {"path": "experiences.events", "message_id": turn.message_id, "quote": turn.content}
    kinds = {"so": {"kind": "NO_OP"}, "over": {"kind": "DELETE"}, "forget": {"kind": "DELETE", "reason": "forgotten"}}
    if what in kinds:
        return Draft.model_validate({**words, **kinds[what], "target": known[rest].id if rest in known else None})
    return Draft.model_validate({**words, "kind": "ADD", "text": turn.content})


@pytest.fixture
def listener() -> Notes:
    return Notes()


@pytest.fixture
def memory(tmp_path: Path, listener: Notes, sdk: Callable[[Memory], Memory]) -> Iterator[Memory]:
    with Memory(tmp_path, embedder="hash", listener=listener, clock=ManualClock(), background=False) as opened:
        yield sdk(opened)


def say(memory: Memory, *texts: str, role: str = "user") -> None:
    """Messages m1, m2, …, each listened to."""
    for number, text in enumerate(texts, start=len(memory.turns("ana")) + 1):
        memory.remember("ana", {"content": text, "id": f"m{number}", "role": role})
        memory.drain()  # at the store: over HTTP, waiting for it takes as long again


def known(memory: Memory) -> dict[str, list[str]]:
    """Current claims with the messages they rest on."""
    return {claim.text: [one.message_id for one in claim.evidence] for claim in memory.tree("ana").claims}


def vectors(memory: Memory) -> list[str]:
    with memory._engine.store.begin(write=False) as unit:
        return sorted(unit.vectors.ids(ANA))


def assert_sound(memory: Memory) -> None:
    """Nothing waits, and everything that is stored fits together: quotations, folds, digests, vectors."""
    memory.drain()
    assert memory.jobs() == []
    assert memory.doctor("ana").findings == ()


# -- what goes, what stays, what holds again


def test_what_rests_on_the_message_alone_goes_and_the_rest_stays(memory: Memory) -> None:
    say(memory, "I have a cat", "I have a dog", "so I have a cat")
    done = memory.retract("ana", "m1")
    assert known(memory) == {"I have a cat": ["m3"], "I have a dog": ["m2"]}
    assert ([claim.text for claim in done.kept], done.retracted) == (["I have a cat"], ())
    done = memory.retract("ana", "m3")
    assert known(memory) == {"I have a dog": ["m2"]}
    assert [claim.text for claim in done.retracted] == ["I have a cat"]
    assert (done.version_before, done.version_after) == (4, 5)
    assert_sound(memory)


def test_words_that_were_taken_back_support_nothing_later(memory: Memory) -> None:
    say(memory, "I have a cat", "so I have a cat")
    assert not memory.retract("ana", "m2").retracted
    assert known(memory) == {"I have a cat": ["m1"]}
    memory.retract("ana", "m1")
    assert known(memory) == {}


def test_what_the_message_ended_holds_again(memory: Memory) -> None:
    say(memory, "I have a cat", "over I have a cat")
    assert known(memory) == {}
    done = memory.retract("ana", "m2")
    assert [claim.text for claim in done.restored] == ["I have a cat"]
    assert known(memory) == {"I have a cat": ["m1"]}
    assert memory.tree("ana").claims[0].valid_to is None
    assert_sound(memory)


def test_what_the_message_superseded_holds_again(tmp_path: Path) -> None:
    with Memory(tmp_path, embedder="hash", background=False) as memory:
        say(memory, "I live in Porto.", "I live in Lisbon.")
        done = memory.retract("ana", "m2")
        assert [claim.text for claim in done.restored] == ["lives in Porto"]
        assert known(memory) == {"lives in Porto": ["m1"]}
        context = memory.recall("ana", "Where does Ana live?").context
        assert "Porto" in context
        assert "Lisbon" not in context
        assert_sound(memory)


def test_the_ledger_only_grows_and_folds_to_what_is_shown(memory: Memory) -> None:
    say(memory, "has a cat", "over has a cat")
    before = memory.history("ana")
    memory.retract("ana", "m1")
    after = memory.history("ana")
    assert after[: len(before)] == before
    assert {(entry.author, entry.batch_id) for entry in after[len(before) :]} == {("retract", "retract:m1:1")}
    assert_sound(memory)


def test_a_message_that_taught_nothing_goes_without_a_new_version(memory: Memory) -> None:
    say(memory, "Hello.")
    done = memory.retract("ana", "m1")
    assert (done.changed, done.version_before, done.version_after) == (True, 0, 0)
    assert memory.turns("ana")[0].content == ""
    assert vectors(memory) == []
    assert_sound(memory)


@pytest.mark.parametrize("role", ["assistant", "system", "tool"])
def test_turns_of_others_are_taken_back_and_amended_too(memory: Memory, listener: Notes, role: str) -> None:
    say(memory, "shall I book Porto?", "shall I book Faro?", role=role)
    assert memory.retract("ana", "m1").changed
    assert not memory.amend("ana", "m2", "shall I book Braga?").listens
    assert_sound(memory)
    assert [turn.content for turn in memory.turns("ana")] == ["", "shall I book Braga?"]
    assert not listener.windows
    context = memory.recall("ana", "Which booking was it, Porto, Faro or Braga?", mode="hybrid").context
    assert ("Braga" in context, "Porto" in context, "Faro" in context) == (role == "assistant", False, False)


def test_no_reader_shows_what_was_taken_back(memory: Memory) -> None:
    say(memory, "hid the Zebulon key under the mat", "has a cat")
    memory.retract("ana", "m1")
    for _ in range(2):
        assert "Zebulon" not in memory.recall("ana", "Where is the Zebulon key?", mode="hybrid").context
        assert vectors(memory) == [f"claim:{memory.tree('ana').claims[0].id}", "turn:m2"]
        memory.flush()
    assert "Zebulon" not in "".join(turn.model_dump_json() for turn in memory.turns("ana"))


def test_what_waits_and_quotes_the_message_goes(memory: Memory) -> None:
    say(memory, "I have a cat", "forget I have a cat")
    assert len(memory.quarantine("ana")) == 1
    assert memory.retract("ana", "m2").held == 1
    assert memory.quarantine("ana") == []
    assert known(memory) == {"I have a cat": ["m1"]}


def test_passages_that_contain_the_message_go_with_their_vectors(memory: Memory) -> None:
    say(memory, "has a cat", "has a dog")
    moment = memory.turns("ana")[0].at
    with memory._engine.store.begin() as unit:
        unit.passages.put(ANA, [Passage(id="p", message_ids=("m1", "m2"), text="pets", at=moment, seq=2)])
    assert memory.retract("ana", "m1").passages == 1
    with memory._engine.store.begin(write=False) as unit:
        assert unit.passages.get(ANA, ["p"]) == {}


# -- once more, never, and not at all


def test_taking_back_twice_is_taking_back_once(memory: Memory) -> None:
    say(memory, "has a cat")
    memory.retract("ana", "m1")
    done = memory.retract("ana", "m1")
    assert (done.changed, done.retracted, done.version_before, done.version_after) == (False, (), 2, 2)


def test_a_message_that_was_taken_back_does_not_come_back_when_it_is_sent_again(memory: Memory) -> None:
    say(memory, "has a cat")
    memory.retract("ana", "m1")
    assert memory.remember("ana", {"content": "has a cat", "id": "m1"}).known == ("m1",)
    memory.flush()
    assert known(memory) == {}


def test_who_and_what_is_unknown_is_told(memory: Memory) -> None:
    with pytest.raises(UnknownUser):
        memory.retract("ana", "m1")
    assert memory._engine.store.scopes() == []
    say(memory, "has a cat")
    for call in (memory.retract, lambda user, name: memory.amend(user, name, "has a dog")):
        with pytest.raises(UnknownMessage, match="no turn of this person has this id"):
            call("ana", "m9")


def test_of_what_was_forgotten_nothing_is_left_to_take_back(memory: Memory) -> None:
    say(memory, "has a cat", "has a dog")
    memory.retract("ana", "m2")
    with memory._engine.store.begin() as unit:
        unit.turns.erase(ANA, ["m1", "m2"])
    for message in ("m1", "m2"):
        with pytest.raises(UnknownMessage, match="forgotten"):
            memory.retract("ana", message)
        with pytest.raises(UnknownMessage, match="forgotten"):
            memory.amend("ana", message, "has a bird")


class Down:
    """A vector server that does not answer."""

    def remove(self, scope: Scope, ids: Sequence[str]) -> None:
        raise IndexUnavailable("the shelf", "it is down")


def test_where_the_vectors_cannot_follow_nothing_is_changed(memory: Memory) -> None:
    say(memory, "has a cat")
    engine = memory._engine
    retracting = Retracting(store=engine.store, index=Down(), clock=engine.clock)  # type: ignore[arg-type]
    with pytest.raises(IndexUnavailable):
        retracting.retract(ANA, "m1")
    assert known(memory) == {"has a cat": ["m1"]}
    assert memory.turns("ana")[0].content == "has a cat"
    assert_sound(memory)


# -- amending


def test_an_amended_message_says_the_new_thing_and_not_the_old(memory: Memory, listener: Notes) -> None:
    say(memory, "Hello.", "has a cat", "has a dog")
    done = memory.amend("ana", "m2", "has a bird")
    assert (done.listens, [claim.text for claim in done.retracted], known(memory)) == (
        True,
        ["has a cat"],
        {"has a dog": ["m3"]},
    )
    assert_sound(memory)
    assert known(memory) == {"has a bird": ["m2"], "has a dog": ["m3"]}
    bird = next(claim for claim in memory.tree("ana").claims if claim.text == "has a bird")
    assert (bird.order, bird.valid_from) == (2, memory.turns("ana")[1].at)
    assert listener.windows[-1] == "2-2.1 has a bird"
    assert "cat" not in memory.recall("ana", "Which cat is it?", mode="hybrid").context


def test_an_amended_turn_has_the_vector_of_its_new_text(memory: Memory) -> None:
    say(memory, "has a cat")
    memory.amend("ana", "m1", "has a bird")
    assert "turn:m1" not in vectors(memory), "the old one goes at once"
    memory.flush()
    [vector] = HashEmbedder().embed(["has a bird"])
    with memory._engine.store.begin(write=False) as unit:
        nearest = dict(unit.vectors.search(ANA, vector, {}, kind="turn").dense)
    assert nearest["turn:m1"] == pytest.approx(1)


def test_amending_to_the_same_text_does_nothing(memory: Memory) -> None:
    say(memory, "has a cat")
    assert not memory.amend("ana", "m1", "has a cat").changed
    assert memory.history("ana")[-1].version == 1


def test_each_amendment_is_heard_also_one_that_says_what_was_said_before(memory: Memory, listener: Notes) -> None:
    say(memory, "has a cat")
    for text in ("has a bird", "has a cat", "has a fish"):
        memory.amend("ana", "m1", text)
        memory.flush()
        assert known(memory) == {text: ["m1"]}
    assert listener.windows == ["1-1 has a cat", "1-1.1 has a bird", "1-1.2 has a cat", "1-1.3 has a fish"]
    assert_sound(memory)


def test_of_two_amendments_in_a_row_the_last_is_heard(memory: Memory, listener: Notes) -> None:
    say(memory, "has a cat")
    memory.amend("ana", "m1", "has a bird")
    memory.amend("ana", "m1", "has a fish")
    assert_sound(memory)
    assert known(memory) == {"has a fish": ["m1"]}
    assert listener.windows[1:] == ["1-1.2 has a fish"]


def test_an_amendment_that_was_taken_back_before_it_was_heard_is_not_heard(memory: Memory, listener: Notes) -> None:
    say(memory, "has a cat")
    memory.amend("ana", "m1", "has a bird")
    memory.retract("ana", "m1")
    assert_sound(memory)
    assert (known(memory), listener.windows) == ({}, ["1-1 has a cat"])


def test_a_message_that_was_taken_back_can_say_something_else(memory: Memory) -> None:
    memory.remember("ana", {"content": "has a cat", "id": "m1", "speaker": "Ana", "metadata": {"lang": "en"}})
    memory.retract("ana", "m1")
    memory.amend("ana", "m1", "has a bird")
    assert_sound(memory)
    [turn] = memory.turns("ana")
    assert (turn.content, turn.speaker, turn.metadata) == ("has a bird", "Ana", {"lang": "en"})
    assert known(memory) == {"has a bird": ["m1"]}


def test_a_message_that_nobody_heard_yet_is_heard_once_as_it_is_now(tmp_path: Path) -> None:
    listener = Notes(window_turns=2)
    with Memory(tmp_path, embedder="hash", listener=listener, background=False) as memory:
        say(memory, "has a cat")
        assert memory.amend("ana", "m1", "has a bird").listens
        memory.flush()
        assert listener.windows == []
        say(memory, "has a dog")
        assert listener.windows == ["1-2 has a bird / has a dog"]
        assert "turn:m1" in vectors(memory)
        assert_sound(memory)


# -- while somebody is listening, or embedding


@pytest.mark.parametrize("change", ["retract", "amend"])
@pytest.mark.parametrize("victim", ["m1", "m2", "m3"])
def test_what_was_understood_of_the_old_text_is_never_committed(
    memory: Memory, listener: Notes, victim: str, change: str
) -> None:
    """The window at hand rests on m3, sees m2, and knows a claim of m1; m2 taught nothing, so no version goes."""
    say(memory, "has a cat", "Hello.")

    def meanwhile() -> None:
        done = memory.retract("ana", victim) if change == "retract" else memory.amend("ana", victim, "has a bird")
        assert (done.version_after > done.version_before) == (victim == "m1")

    listener.during, listener.meanwhile = "has a dog", meanwhile
    say(memory, "has a dog")
    assert_sound(memory)
    expected = {"m1": "has a cat", "m2": "Hello.", "m3": "has a dog"}
    del expected[victim]
    if change == "amend":
        expected[victim] = "has a bird"
    assert known(memory) == {text: [name] for name, text in sorted(expected.items()) if text != "Hello."}
    heard = [window for window in listener.windows if window.endswith("has a dog")]
    assert len(heard) == (1 if victim == "m3" else 2)


def test_a_revised_window_is_not_committed_either_when_its_text_goes(memory: Memory, listener: Notes) -> None:
    say(memory, "Hello.")
    listener.during, listener.meanwhile = "has a bird", lambda: memory.retract("ana", "m1")
    memory.amend("ana", "m1", "has a bird")
    assert_sound(memory)
    assert known(memory) == {}


class Asked(Notes):
    """Replies with what it was shown; once, it cannot be read."""

    def __init__(self, window_turns: int = 1, *, is_unreadable: bool = False) -> None:
        super().__init__(window_turns)
        self.is_unreadable = is_unreadable
        self.asked = 0

    def ask(self, window: Window, trees: Mapping[str, PersonaTree]) -> Reply | None:
        self.asked += 1
        raw = " / ".join(turn.content for turn in window.turns)
        if self.is_unreadable:
            raise ModelReplyUnreadable("asked", raw, f"it says {raw}")
        return Reply(raw=raw, model="m", prompt_version="1")


def test_the_replies_that_quote_the_message_go_and_the_model_is_asked_anew(tmp_path: Path) -> None:
    listener = Asked(window_turns=1)
    with Memory(tmp_path, embedder="hash", listener=listener, background=False) as memory:
        listener.during, listener.meanwhile = "has a dog", lambda: memory.retract("ana", "m1")
        say(memory, "Hello.", "has a dog")
        assert listener.asked == 3
        with memory._engine.store.begin(write=False) as unit:
            assert unit.quarantine.reply(ANA, "1-1", listener.name) is None
            assert unit.quarantine.reply(ANA, "2-2", listener.name) is not None


def test_a_parked_window_is_heard_again_without_the_message(tmp_path: Path) -> None:
    listener = Asked(window_turns=2, is_unreadable=True)
    with Memory(tmp_path, embedder="hash", listener=listener, background=False) as memory:
        say(memory, "has a Zebulon", "has a dog")
        memory.retract("ana", "m1")
        [job] = [job for job in memory.jobs() if job.state == "dead"]
        assert (job.state, "Zebulon" in f"{job.error} {job.raw_reply}") == ("dead", False)
        listener.is_unreadable = False
        assert memory.retry(job.id)
        assert_sound(memory)
        assert known(memory) == {"has a dog": ["m2"]}


class Pausing(HashEmbedder):
    """Lets something happen while a text is embedded."""

    def __init__(self) -> None:
        super().__init__()
        self.during = ""
        self.meanwhile: Callable[[], object] = lambda: None

    def embed(self, texts: Sequence[str]) -> Vector:
        if self.during in texts:
            meanwhile, self.meanwhile = self.meanwhile, lambda: None
            meanwhile()
        return super().embed(texts)


@pytest.mark.parametrize("change", ["retract", "amend", "erase"])
@pytest.mark.parametrize("during", ["Hello you.", "Hello all."])
def test_a_text_that_changes_while_it_is_embedded_leaves_no_vector(tmp_path: Path, change: str, during: str) -> None:
    embedder = Pausing()
    with Memory(tmp_path, embedder=embedder, listener=Notes(), background=False) as memory:

        def meanwhile() -> None:
            match change:
                case "retract":
                    memory.retract("ana", "m1")
                case "amend":
                    memory.amend("ana", "m1", "Hello world.")
                case _:
                    with memory._engine.store.begin() as unit:
                        unit.turns.erase(ANA, ["m1"])

        embedder.during, embedder.meanwhile = during, meanwhile
        memory.remember("ana", {"content": "Hello you.", "id": "m1", "role": "assistant"})
        memory.flush()
        if during == "Hello all.":
            memory.amend("ana", "m1", during)
        memory.flush()
        assert vectors(memory) == (["turn:m1"] if change == "amend" else [])
        [vector] = HashEmbedder().embed(["Hello world."])
        with memory._engine.store.begin(write=False) as unit:
            found = unit.vectors.search(ANA, vector, {}, kind="turn").dense
        assert [score for _, score in found] == pytest.approx([1] if change == "amend" else [])


# -- taking it back in turn, for whoever undoes versions


def swap(memory: Memory, version: int, by: int) -> list[str]:
    engine = memory._engine
    with engine.store.begin() as unit:
        return rewording.swap(unit, ANA, version=version, by=by, now=engine.clock.now())


def test_vectors_follow_texts_that_are_exchanged(memory: Memory) -> None:
    say(memory, "has a cat")
    version = memory.retract("ana", "m1").version_after
    memory.flush()
    for by, there in ((version + 1, True), (version + 2, False), (version + 3, True)):
        assert swap(memory, by - 1, by) == ["m1"]
        memory.flush()
        assert ("turn:m1" in vectors(memory)) == there


def test_an_amendment_that_comes_back_is_heard_unless_it_was_before(memory: Memory, listener: Notes) -> None:
    say(memory, "has a cat")
    version = memory.amend("ana", "m1", "has a bird").version_after
    swap(memory, version, version + 1)
    memory.flush()
    assert listener.windows == ["1-1 has a cat"], "the old text was heard when it was said"
    swap(memory, version + 1, version + 2)
    memory.flush()
    assert listener.windows[1:] == ["1-1.1 has a bird"]
    for by in (version + 3, version + 4):
        swap(memory, by - 1, by)
        memory.flush()
    assert len(listener.windows) == 2
