"""The contract of TurnLog."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from treering.errors import MessageConflict
from treering.memory.digest import message_id
from treering.memory.ports import Store, TurnLog
from treering.schemas.dialogue import MAX_INDEX, Message, Receipt, Scope


@pytest.fixture
def say(store: Store, ana: Scope, make: SimpleNamespace) -> Callable[..., Receipt]:
    """Append messages in a transaction of their own."""

    def append(*messages: Message, session: str = "s1", scope: Scope = ana, now: float = 0) -> Receipt:
        with store.begin() as unit:
            return unit.turns.append(scope, session, messages, make.moment(now))

    return append


@pytest.fixture
def read(store: Store) -> Callable[..., Any]:
    """Run one reading."""

    def reading(question: Callable[[TurnLog], Any]) -> Any:  # noqa: ANN401 - whatever is asked
        with store.begin(write=False) as unit:
            return question(unit.turns)

    return reading


def test_a_turn_comes_back_as_it_was_said(
    say: Callable[..., Receipt], read: Callable[..., Any], ana: Scope, make: SimpleNamespace
) -> None:
    said = Message(
        content="Hola", role="assistant", id="m", at=make.moment(-5), speaker="Bo", metadata={"lang": "es", "n": 1}
    )
    say(said)
    (turn,) = read(lambda turns: turns.turns(ana))
    assert turn.model_dump(include=set(Message.model_fields) - {"id", "index"}) == said.model_dump(
        exclude={"id", "index"}
    )
    assert (turn.message_id, turn.session, turn.index, turn.seq) == ("m", "s1", 0, 1)


def test_what_is_left_out_is_filled_in(
    say: Callable[..., Receipt], read: Callable[..., Any], ana: Scope, make: SimpleNamespace
) -> None:
    receipt = say(Message(content="one"), Message(content="two"), now=7)
    turns = read(lambda log: log.turns(ana))
    assert [turn.index for turn in turns] == [0, 1]
    assert [turn.at for turn in turns] == [make.moment(7), make.moment(7)]
    assert receipt.stored == (message_id("s1", 0, "user", "one"), message_id("s1", 1, "user", "two"))


def test_a_free_place_follows_the_last_taken_one(
    say: Callable[..., Receipt], read: Callable[..., Any], ana: Scope
) -> None:
    say(Message(content="far", index=9))
    say(Message(content="near", index=2))
    say(Message(content="next"))
    assert [turn.index for turn in read(lambda log: log.turns(ana))] == [9, 2, 10]


def test_a_free_place_follows_also_inside_one_call(
    say: Callable[..., Receipt], read: Callable[..., Any], ana: Scope
) -> None:
    say(
        Message(content="a"), Message(content="far", index=9), Message(content="near", index=2), Message(content="next")
    )
    assert [turn.index for turn in read(lambda log: log.turns(ana))] == [0, 9, 2, 10]


def test_places_are_counted_by_session(say: Callable[..., Receipt], read: Callable[..., Any], ana: Scope) -> None:
    say(Message(content="a"), session="s1")
    say(Message(content="b"), session="s2")
    assert [(turn.session, turn.index, turn.seq) for turn in read(lambda log: log.turns(ana))] == [
        ("s1", 0, 1),
        ("s2", 0, 2),
    ]


def test_storing_again_changes_nothing(say: Callable[..., Receipt], read: Callable[..., Any], ana: Scope) -> None:
    messages = [Message(content="a", id="x"), Message(content="b", index=1), Message(content="c", index=2)]
    first = say(*messages)
    before = read(lambda log: (log.turns(ana), log.sessions(ana)))
    again = say(*messages, now=99)
    assert again.stored == ()
    assert again.known == first.stored
    assert read(lambda log: (log.turns(ana), log.sessions(ana))) == before


def test_one_message_twice_in_a_call_is_stored_once(
    say: Callable[..., Receipt], read: Callable[..., Any], ana: Scope
) -> None:
    receipt = say(Message(content="a", id="x"), Message(content="a", id="x"), Message(content="b"))
    assert (receipt.stored[0], receipt.known) == ("x", ("x",))
    assert [(turn.content, turn.index, turn.seq) for turn in read(lambda log: log.turns(ana))] == [
        ("a", 0, 1),
        ("b", 1, 2),
    ]


def test_a_known_message_takes_no_new_place(say: Callable[..., Receipt], read: Callable[..., Any], ana: Scope) -> None:
    say(Message(content="a", id="x"))
    say(Message(content="a", id="x"), Message(content="b", id="y"))
    assert [turn.index for turn in read(lambda log: log.turns(ana))] == [0, 1]


@pytest.mark.parametrize("other", [{"content": "other"}, {"role": "assistant"}])
def test_a_known_id_with_other_words_is_refused_and_nothing_is_stored(
    say: Callable[..., Receipt], read: Callable[..., Any], ana: Scope, other: dict[str, Any]
) -> None:
    say(Message(content="a", id="x"))
    with pytest.raises(MessageConflict) as caught:
        say(Message(content="new", id="y"), Message(**{"content": "a", "id": "x", **other}))
    assert caught.value.message_id == "x"
    assert [turn.message_id for turn in read(lambda log: log.turns(ana))] == ["x"]


def test_a_conflict_inside_one_call_is_refused_too(
    say: Callable[..., Receipt], read: Callable[..., Any], ana: Scope
) -> None:
    with pytest.raises(MessageConflict):
        say(Message(content="a", id="x"), Message(content="b", id="x"))
    assert read(lambda log: log.turns(ana)) == []


def test_a_conflict_that_is_caught_inside_leaves_nothing_behind(
    store: Store, ana: Scope, read: Callable[..., Any], make: SimpleNamespace
) -> None:
    with store.begin() as unit:
        unit.turns.append(ana, "s1", [Message(content="a", id="x")], make.moment(0))
        with pytest.raises(MessageConflict):
            unit.turns.append(ana, "s1", [Message(content="n"), Message(content="b", id="x")], make.moment(0))
    assert [turn.content for turn in read(lambda log: log.turns(ana))] == ["a"]


def test_no_messages_make_an_empty_receipt(say: Callable[..., Receipt], store: Store) -> None:
    assert say().stored == ()
    assert store.scopes() == []


def test_turns_are_cut_by_seq_session_and_number(
    say: Callable[..., Receipt], read: Callable[..., Any], ana: Scope
) -> None:
    say(*(Message(content=f"{n}") for n in range(1, 5)))
    say(Message(content="5"), session="s2")

    def contents(**bounds: Any) -> str:  # noqa: ANN401 - as the port has them
        return "".join(turn.content for turn in read(lambda log: log.turns(ana, **bounds)))

    assert contents(after=1, through=3) == "23"
    assert contents(after=4) == "5"
    assert contents(session="s1", limit=2) == "12"
    assert contents(after=9) == ""


def test_the_latest_are_the_last_in_order(say: Callable[..., Receipt], read: Callable[..., Any], ana: Scope) -> None:
    say(*(Message(content=f"{n}") for n in range(1, 5)))
    say(Message(content="5"), session="s2")
    assert [turn.content for turn in read(lambda log: log.latest(ana, limit=2))] == ["4", "5"]
    assert [turn.content for turn in read(lambda log: log.latest(ana, limit=2, session="s1"))] == ["3", "4"]
    assert len(read(lambda log: log.latest(ana, limit=99))) == 5
    assert [turn.content for turn in read(lambda log: log.latest(ana, limit=2, through=3))] == ["2", "3"]
    assert read(lambda log: log.latest(ana, limit=2, through=4, session="s2")) == []


def test_get_gives_what_exists_also_of_very_many(
    say: Callable[..., Receipt], read: Callable[..., Any], ana: Scope
) -> None:
    ids = [f"m{n}" for n in range(1_200)]
    say(*(Message(content="x", id=name) for name in ids))
    found = read(lambda log: log.get(ana, [*ids, "nobody"]))
    assert list(found) == ids
    assert found["m7"].seq == 8


def test_sessions_know_their_turns_and_times(
    say: Callable[..., Receipt], read: Callable[..., Any], ana: Scope, make: SimpleNamespace
) -> None:
    say(Message(content="a", at=make.moment(10)), Message(content="b", at=make.moment(5)))
    say(Message(content="c"), session="s2", now=20)
    one, two = read(lambda log: log.sessions(ana))
    assert (one.id, one.started_at, one.last_at, one.turns) == ("s1", make.moment(5), make.moment(10), 2)
    assert (two.id, two.started_at, two.last_at, two.turns) == ("s2", make.moment(20), make.moment(20), 1)


def test_the_first_turn_of_a_session_ends_the_others(
    say: Callable[..., Receipt], read: Callable[..., Any], ana: Scope
) -> None:
    say(Message(content="a"))
    assert [session.ended for session in read(lambda log: log.sessions(ana))] == [False]
    say(Message(content="b"), session="s2")
    assert [session.ended for session in read(lambda log: log.sessions(ana))] == [True, False]


def test_a_session_that_goes_on_is_open_again_and_ends_no_other(
    say: Callable[..., Receipt], read: Callable[..., Any], ana: Scope
) -> None:
    say(Message(content="a"))
    say(Message(content="b"), session="s2")
    say(Message(content="c"), session="s1")
    assert [session.ended for session in read(lambda log: log.sessions(ana))] == [False, False]


def test_a_known_message_opens_no_session_again(
    say: Callable[..., Receipt], read: Callable[..., Any], ana: Scope
) -> None:
    say(Message(content="a", id="x"))
    say(Message(content="b"), session="s2")
    say(Message(content="a", id="x"))
    assert [session.ended for session in read(lambda log: log.sessions(ana))] == [True, False]


@pytest.mark.parametrize(("named", "still_open"), [("s2", []), (None, []), ("nobody", ["s2"])])
def test_a_session_ends_by_name_or_with_all(
    store: Store, say: Callable[..., Receipt], ana: Scope, named: str | None, still_open: list[str]
) -> None:
    say(Message(content="a"))
    say(Message(content="b"), session="s2")
    with store.begin() as unit:
        unit.turns.end_session(ana, named)
        assert [session.id for session in unit.turns.sessions(ana) if not session.ended] == still_open


def test_an_erased_turn_keeps_its_place_and_is_not_taken_in_again(
    store: Store, say: Callable[..., Receipt], read: Callable[..., Any], ana: Scope
) -> None:
    secret = Message(content="secret", id="x", speaker="Bo", metadata={"topic": "secret"})
    say(secret, Message(content="b", id="y"))
    with store.begin() as unit:
        assert unit.turns.erase(ana, ["x", "nobody"]) == 1
        assert unit.turns.erase(ana, ["x"]) == 0
    assert say(secret).known == ("x",)
    assert say(Message(content="quite other", id="x")).known == ("x",)
    erased, kept = read(lambda log: log.turns(ana))
    assert (erased.message_id, erased.seq, erased.content, erased.speaker, erased.metadata) == ("x", 1, "", None, {})
    assert kept.content == "b"


def test_scopes_never_mix(say: Callable[..., Receipt], read: Callable[..., Any], ana: Scope) -> None:
    others = [Scope(user="bo"), Scope(tenant="acme", user="ana")]
    say(Message(content="a", id="x"))
    for scope in others:
        say(Message(content="other", id="x"), scope=scope)
    assert [turn.content for turn in read(lambda log: log.turns(ana))] == ["a"]
    assert [(turn.content, turn.seq) for turn in read(lambda log: log.turns(others[0]))] == [("other", 1)]


def test_an_unknown_scope_has_nothing_and_stays_unknown(store: Store, ana: Scope) -> None:
    with store.begin() as unit:
        assert unit.turns.turns(ana) == []
        assert unit.turns.latest(ana, limit=3) == []
        assert unit.turns.get(ana, ["x"]) == {}
        assert unit.turns.sessions(ana) == []
        assert unit.turns.erase(ana, ["x"]) == 0
        unit.turns.end_session(ana)
    assert store.scopes() == []


def test_scopes_are_listed_in_order(say: Callable[..., Receipt], store: Store) -> None:
    for tenant, user in [("b", "x"), ("a", "y"), ("a", "x")]:
        say(Message(content="hi"), scope=Scope(tenant=tenant, user=user))
    assert [(scope.tenant, scope.user) for scope in store.scopes()] == [("a", "x"), ("a", "y"), ("b", "x")]
    assert [scope.user for scope in store.scopes(tenant="a")] == ["x", "y"]


def test_people_are_listed_in_pages_by_their_code_points(say: Callable[..., Receipt], store: Store) -> None:
    """Not by the rules of a language, which differ from database to database."""
    users = ["b", "B", "a b", "_", "ä", "z", "\U0001f600", "\uffee", "10", "9"]
    for user in users:
        say(Message(content="hi"), scope=Scope(tenant="a", user=user))
    say(Message(content="hi"), scope=Scope(tenant="b", user="c"))
    first = store.people("a", limit=4)
    assert first + store.people("a", after=first[-1], limit=10**30) == sorted(users)
    assert store.people("a", after="\U0001f600") == store.people("nobody") == []


def test_counting_sessions_again_changes_nothing_where_they_are_right(
    store: Store, ana: Scope, make: SimpleNamespace
) -> None:
    with store.begin() as unit:
        unit.turns.append(ana, "s1", [Message(content="one"), Message(content="two", index=7)], make.moment(5))
        unit.turns.append(ana, "s2", [Message(content="three", at=make.moment(1))], make.moment(9))
        before = unit.turns.sessions(ana)
        unit.turns.recount(ana)
        assert unit.turns.sessions(ana) == before
        assert [session.ended for session in before] == [True, False]
        [receipt] = unit.turns.append(ana, "s1", [Message(content="four")], make.moment(9)).stored
        assert unit.turns.get(ana, [receipt])[receipt].index == 8


def test_the_last_place_of_a_session_may_be_taken_again(store: Store, ana: Scope, make: SimpleNamespace) -> None:
    with store.begin() as unit:
        unit.turns.append(ana, "s1", [Message(content="last", index=MAX_INDEX), Message(content="one")], make.moment(0))
        unit.turns.append(ana, "s1", [Message(content="two")], make.moment(1))
        unit.turns.recount(ana)
        unit.turns.append(ana, "s1", [Message(content="three")], make.moment(2))
    with store.begin(write=False) as unit:
        assert [turn.index for turn in unit.turns.turns(ana)] == [MAX_INDEX] * 4


def test_a_receipt_tells_whether_sessions_ended_or_go_on_again(store: Store, ana: Scope, make: SimpleNamespace) -> None:
    def say(session: str, text: str) -> bool:
        with store.begin() as unit:
            return unit.turns.append(ana, session, [Message(content=text, id=text)], make.moment(0)).has_moved_on

    assert not say("one", "the first of all ends nothing")
    assert not say("one", "more")
    assert say("two", "it ends the other")
    assert not say("two", "it ends the other"), "nothing new was said"
    assert say("one", "it had ended")
    assert not say("two", "it had not ended")
    with store.begin() as unit:
        unit.turns.end_session(ana)
        assert unit.turns.append(ana, "two", [Message(content="again")], make.moment(0)).has_moved_on
        assert (
            "has_moved_on"
            not in unit.turns.append(ana, "two", [Message(content="x")], make.moment(0)).model_dump_json()
        )


def test_the_speaker_who_is_the_user_is_named_like_the_user_or_was_named_first(
    store: Store, say: Callable[..., Receipt], read: Callable[..., Any], ana: Scope, make: SimpleNamespace
) -> None:
    def owner() -> str | None:
        found: str | None = read(lambda turns: turns.owner(ana))
        return found

    say(Message(content="Hola"), Message(role="assistant", content="Hi", speaker="Sol"))
    assert owner() is None
    say(Message(content="Hi, Ana's user", speaker="Al"))
    assert owner() == "ana", "somebody came into a conversation in which the user talked without a name"
    say(Message(content="I'm vegan", speaker="Bo", id="b"), Message(content="Me too", speaker="Cy"), session="s2")
    assert owner() == "Bo"
    with store.begin() as unit:
        unit.turns.replace(ana, "b", None, version=None, now=make.moment(1))
    assert owner() == "Bo", "a turn that was retracted counts with the name that it had"
    say(Message(content="Not me", speaker=f"{ana.user.upper()} Silva"))
    assert owner() == f"{ana.user.upper()} Silva"
    assert read(lambda turns: turns.owner(Scope(user="nobody"))) is None


def test_what_is_erased_makes_nobody_else_the_user(
    store: Store, say: Callable[..., Receipt], read: Callable[..., Any], ana: Scope
) -> None:
    names = {"a1": "Eva", "b1": "Bo", "a2": "Eva"}
    say(*(Message(content="Hola", id=name, speaker=speaker) for name, speaker in names.items()))

    def erase(*ids: str) -> dict[str, str | None]:
        with store.begin() as unit:
            unit.turns.erase(ana, ids)
        found = {turn.message_id: turn.speaker for turn in read(lambda turns: turns.turns(ana))}
        assert all(not turn.content for turn in read(lambda turns: turns.get(ana, ids)).values())
        return found

    assert erase("a1") == {"a1": "Eva", "b1": "Bo", "a2": "Eva"}, "the name stands in another turn still"
    assert read(lambda turns: turns.owner(ana)) == "Eva"
    assert erase("a2") == {"a1": None, "b1": "Bo", "a2": None}, "with the last turn the name goes from all"
    assert erase("b1") == {"a1": None, "b1": None, "a2": None}


def test_sessions_in_which_nothing_was_said_for_a_while_are_idle(
    say: Callable[..., Receipt], store: Store, ana: Scope, make: SimpleNamespace
) -> None:
    bo = Scope(user="bo", tenant="other")
    say(Message(content="Hi"), session="s1", now=1)
    say(Message(content="Hi"), session="s2", now=5)  # ends the first
    say(Message(content="Hi"), session="s1", scope=bo, now=3)
    say(Message(content="Still here."), session="s1", scope=bo, now=4)
    assert store.idle(make.moment(4)) == []
    assert store.idle(make.moment(5)) == [(bo, "s1")]
    assert store.idle(make.moment(6)) == [(bo, "s1"), (ana, "s2")]
    assert store.idle(make.moment(6), limit=1) == [(bo, "s1")]
    with store.begin() as unit:
        unit.turns.end_session(bo, "s1")
    assert store.idle(make.moment(6)) == [(ana, "s2")]
