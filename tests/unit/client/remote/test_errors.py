"""An error that a server raised is raised by the client: the same class, words and data, as far as they are told."""

from __future__ import annotations

import inspect
import json

import httpx2
import pytest

from treering import errors
from treering.client.remote.answers import check, error_of
from treering.errors import (
    Forbidden,
    InvalidInput,
    ServerError,
    StoreUnavailable,
    TreeringError,
    UnknownPath,
    VersionConflict,
)
from treering.schemas.problems import kind_of
from treering.sidecar.conditions import PreconditionFailed
from treering.sidecar.problems import told_of

WHERE = "http://memory.test"
HIDDEN = "postgresql://ana:hunter2@db.internal/x"

KINDS = [kind for name in errors.__all__ if (kind := getattr(errors, name)) is not TreeringError]

SAMPLES = {"int": 7, "float": 2.5, "str": HIDDEN, "Mapping[str, int]": {"turns": 2}, "Sequence[str]": ("core",)}


def sample(kind: type[TreeringError]) -> TreeringError:
    """An error with something in each of its arguments that it needs."""
    if kind.__init__ is Exception.__init__:  # a base
        return kind("what happened")
    needed = [one for one in inspect.signature(kind).parameters.values() if one.default is one.empty]
    return kind(**{one.name: SAMPLES[one.annotation] for one in needed})


def sent(error: Exception) -> httpx2.Response:
    told = told_of(error)
    return httpx2.Response(told.status, text=told.model_dump_json(exclude_none=True), headers={"X-Request-ID": "r1"})


def raised(error: Exception) -> TreeringError:
    with pytest.raises(TreeringError) as found:
        check(sent(error), WHERE)
    return found.value


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_arrives_as_what_it_is(kind: type[TreeringError]) -> None:
    error = sample(kind)
    found = raised(error)
    assert type(found) is kind
    assert set(vars(found)) - {"__notes__"} >= set(vars(error))
    if told_of(error).detail is not None:
        assert str(found) == str(error)
        assert {name: value for name, value in vars(found).items() if name != "__notes__"} == vars(error)
    else:
        assert HIDDEN not in sent(error).text + str(found) + repr(vars(found))
    assert found.__notes__ == [f"as the server at {WHERE} says (request r1)"]


def test_numbers_are_told_of_those_whose_words_are_not() -> None:
    found = raised(errors.StoreBusy(HIDDEN, 2.5))
    assert (found.timeout_s, found.where) == (2.5, WHERE)


def test_a_condition_that_failed_is_a_conflict_of_versions() -> None:
    found = raised(PreconditionFailed(3, 4))
    assert type(found) is VersionConflict
    assert (found.expected, found.actual) == (3, 4)


def test_a_subclass_that_nobody_knows_arrives_as_the_class_that_is_known() -> None:
    class Private(StoreUnavailable):
        pass

    assert type(raised(Private(HIDDEN, "gone"))) is StoreUnavailable


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(502, text="<html>bad gateway</html>"),
        httpx2.Response(418, json={"type": "urn:treering:problem:of-a-newer-version", "detail": "brew"}),
        httpx2.Response(404, json={"type": "about:blank", "title": "Not Found"}),
        httpx2.Response(500, json=["no", "problem"]),
        httpx2.Response(307, headers={"Location": "http://elsewhere.test"}),
    ],
    ids=["a proxy between", "a newer server", "no type", "no problem", "a redirect"],
)
def test_what_is_none_of_ours_has_its_status(answer: httpx2.Response) -> None:
    with pytest.raises(ServerError) as found:
        check(answer, WHERE)
    assert found.value.status == answer.status_code
    assert WHERE in str(found.value)


@pytest.mark.parametrize("data", [None, [], "text", {"path": None}, {"suggestions": [1]}, {"unheard": "of"}])
def test_data_of_another_form_does_no_harm(data: object) -> None:
    body = {"type": "urn:treering:problem:unknown-path", "detail": "none", "data": data}
    with pytest.raises(UnknownPath, match="none"):
        check(httpx2.Response(404, text=json.dumps(body)), WHERE)


def test_types_name_classes_and_nothing_else() -> None:
    assert kind_of("urn:treering:problem:forbidden") is Forbidden
    assert kind_of("urn:treering:problem:treering-error") is None
    assert kind_of("builtins.SystemExit") is None


def test_an_error_can_be_made_of_its_class_alone() -> None:
    assert isinstance(error_of(InvalidInput, None, {}, WHERE), InvalidInput)
