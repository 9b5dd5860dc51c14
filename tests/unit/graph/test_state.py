"""A scope names a person, and its thread is its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.errors import InvalidInput, MissingScope
from treering.graph import ChatScope
from treering.graph.state import scope_of
from treering.schemas.dialogue import Scope

names = st.text(st.sampled_from("ab/%25 .é"), min_size=1, max_size=6).filter(lambda name: name.strip() != "")
scopes = st.builds(ChatScope, user=names, session=names, tenant=names)


@given(scopes, scopes)
def test_threads_are_equal_only_for_equal_scopes(one: ChatScope, other: ChatScope) -> None:
    assert (one.thread_id == other.thread_id) == (one == other)
    assert (one.pseudonym == other.pseudonym) == ((one.tenant, one.user) == (other.tenant, other.user))


def test_a_thread_reads_as_tenant_user_session() -> None:
    assert ChatScope(user="ana/x", session="s2", tenant="acme").thread_id == "acme/ana%2Fx/s2"


def test_the_pseudonym_does_not_tell_the_name() -> None:
    assert "ana" not in ChatScope(user="ana").pseudonym


@pytest.mark.parametrize("user", ["", "  ", "\n", None])
def test_without_a_person_there_is_no_scope(user: str) -> None:
    with pytest.raises(MissingScope):
        ChatScope(user=user)


@pytest.mark.parametrize(
    "names",
    [
        {"user": "a\x00"},
        {"user": "x" * 257},
        {"user": "\ud800"},
        {"user": 7},
        {"user": "ana", "session": ""},
        {"user": "ana", "session": None},
        {"user": "ana", "tenant": "a\nb"},
    ],
)
def test_names_that_no_store_can_keep_are_refused(names: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        ChatScope(**names)


def test_a_context_may_be_a_mapping_but_not_anything() -> None:
    assert scope_of({"user": "ana", "session": "s"}) == ChatScope(user="ana", session="s")
    assert scope_of(Scope(user="ana", tenant="acme")) == ChatScope(user="ana", tenant="acme")
    for nobody in (None, {}, object(), "ana"):
        with pytest.raises(MissingScope):
            scope_of(nobody)
    with pytest.raises(InvalidInput, match="context: has unknown keys user_id"):
        scope_of({"user_id": "ana"})
