"""What a tool of MCP answers: text for the model, numbers and ids for programs, and errors that say what to do."""

from __future__ import annotations

import logging
from collections.abc import Callable

from mcp_types import CallToolResult, TextContent
from pydantic import ValidationError

from treering.client.intake import explain
from treering.errors import InvalidInput, OperationError, TreeringError
from treering.schemas.value import Value

_log = logging.getLogger("treering.sidecar")


def answer(text: str, data: Value | None = None, *, is_error: bool = False) -> CallToolResult:
    """An answer. `data` holds no words that were recalled: only text can be fenced."""
    structured = None if data is None else data.model_dump(mode="json")
    return CallToolResult(content=[TextContent(text=text)], structured_content=structured, is_error=is_error)


def answered(name: str, call: Callable[[], CallToolResult]) -> CallToolResult:
    """What a call of a tool answers; whatever it raises becomes words that say what to do."""
    try:
        return call()
    except ValidationError as error:
        return _wrong(name, explain(error))
    except (InvalidInput, OperationError) as error:
        return _wrong(name, str(error))
    except TreeringError as error:
        # Only the error's type: its text is for those who run the memory.
        return _failed(error)
    except Exception as error:  # noqa: BLE001 - the rim: no trace reaches a model
        _log.error("tool %s failed: %s", name, type(error).__name__)
        return _failed(error)


def _wrong(name: str, why: str) -> CallToolResult:
    return answer(f"Not done: {why}. Call {name} again with this put right.", is_error=True)


def _failed(error: Exception) -> CallToolResult:
    why = f"The memory cannot do this now ({type(error).__name__}). Say so; it can be tried again later."
    return answer(why, is_error=True)
