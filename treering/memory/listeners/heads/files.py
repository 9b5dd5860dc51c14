"""The file that holds trained heads: numpy's own, in half precision, without pickle."""

from __future__ import annotations

import io
import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, cast
from zipfile import BadZipFile

import numpy as np
from pydantic import ValidationError

from treering.errors import InvalidInput
from treering.memory.listeners.heads.trained import Heads, HeadsRecord

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHIPPED = "core.npz"
"""The heads that ship with Treering: for trunk `core` and the bundled embedder."""
_WEIGHTS = ("worth_weights", "slot_weights", "relation_weights")


@cache
def shipped_heads() -> Heads:
    """The heads that ship; whoever uses them asks them first whether they `fit_with` embedder and trunk."""
    return from_bytes(shipped_bytes())


def shipped_bytes() -> bytes:
    """The file that ships."""
    return (files("treering.memory.listeners.heads") / SHIPPED).read_bytes()


def to_bytes(heads: Heads) -> bytes:
    """The file of these heads; equal heads give equal bytes."""
    stored: dict[str, NDArray[np.generic]] = {name: getattr(heads, name).astype(np.float16) for name in _WEIGHTS}
    stored["paths"] = np.array(heads.paths)
    stored["record"] = np.array(json.dumps(heads.record.model_dump(mode="json"), sort_keys=True))
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **stored)
    return buffer.getvalue()


def from_bytes(content: bytes) -> Heads:
    """The heads of a file.

    Raises:
        InvalidInput: It is no such file, or a damaged one.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            arrays = {name: cast("NDArray[np.generic]", stored[name]) for name in (*_WEIGHTS, "paths", "record")}
        record = HeadsRecord.model_validate_json(str(arrays["record"]))
    except (OSError, ValueError, EOFError, KeyError, BadZipFile, ValidationError) as error:
        raise InvalidInput("file of trained heads", f"cannot be read: {error}") from error
    weights = {name: arrays[name].astype(np.float32) for name in _WEIGHTS}
    return Heads(record=record, paths=tuple(str(path) for path in arrays["paths"].tolist()), **weights)
