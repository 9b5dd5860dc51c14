"""What a server answers, as a value or as the error that it is."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, TypeVar, cast

from pydantic import BaseModel, ValidationError

from treering import __version__
from treering.errors import ServerError
from treering.schemas.problems import kind_of

if TYPE_CHECKING:
    import httpx2

    from treering.errors import TreeringError

REQUEST_ID = "X-Request-ID"
"""The header that names a request, here and in the server's log."""

MAX_DETAIL_CHARS = 1_000
"""What is told of an answer that is no problem of ours, in characters."""

UNTOLD = "only the server's log tells"
"""What stands for a text that the server keeps to itself."""

V = TypeVar("V", bound=BaseModel)


def value_of(kind: type[V], answer: httpx2.Response, where: str) -> V:
    """The value in an answer.

    Raises:
        TreeringError: The answer is a problem.
        ServerError: The answer is no such value.
    """
    check(answer, where)
    try:
        return kind.model_validate_json(answer.content)
    except ValidationError:  # whose words are those of the answer
        why = f"its answer is no {kind.__name__} as Treering {__version__} knows it; let both be of one version"
        raise _error(answer, where, why) from None


def check(answer: httpx2.Response, where: str) -> None:
    """Raise the error that an answer tells of, if it does.

    Raises:
        TreeringError: Of the class that the server raised.
        ServerError: It is none of ours, e.g. of a proxy between.
    """
    if answer.is_success:
        return
    told = _problem(answer)
    kind = kind_of(str(told.get("type")))
    detail = str(told.get("detail") or told.get("title") or answer.reason_phrase)[:MAX_DETAIL_CHARS]
    if kind is None:
        raise _error(answer, where, f"{answer.status_code}, {detail}")
    request_id = answer.headers.get(REQUEST_ID)
    data = told.get("data")
    error = error_of(kind, told.get("detail"), data if isinstance(data, dict) else {}, where)
    error.add_note(f"as the server at {where} says (request {request_id})")
    raise error


def error_of(kind: type[TreeringError], detail: object, data: dict[str, object], where: str) -> TreeringError:
    """An error as the server raised it: its class, its words and its data, as far as they are told.

    Where they are not, since they are for whoever runs the server, texts say so.

    Example:
        >>> from treering.errors import StoreBusy
        >>> error = error_of(StoreBusy, None, {"timeout_s": 5.0}, "http://memory")
        >>> error.timeout_s, error.where
        (5.0, 'http://memory')
    """
    error = kind.__new__(kind)
    if isinstance(detail, str):
        error.args = (detail,)
    else:
        error.args = (f"{kind.__name__} on the server at {where}; its log says more",)
        vars(error).update({name: where if name == "where" else UNTOLD for name in _needed(kind)})
    vars(error).update({name: tuple(value) if isinstance(value, list) else value for name, value in data.items()})
    return error


def _needed(kind: type[TreeringError]) -> list[str]:
    """What the constructor of an error asks for: texts, where it is not told, since numbers are."""
    _, *asked = inspect.signature(kind.__init__).parameters.values()
    return [one.name for one in asked if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD]


def _problem(answer: httpx2.Response) -> dict[str, object]:
    try:
        found = json.loads(answer.content)
    except ValueError:
        return {}
    return cast("dict[str, object]", found) if isinstance(found, dict) else {}


def _error(answer: httpx2.Response, where: str, why: str) -> ServerError:
    return ServerError(where, why, status=answer.status_code, request_id=answer.headers.get(REQUEST_ID))
