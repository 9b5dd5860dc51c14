"""Foreign documents as JSON values: from bytes, or from what a Python client returned. Pure."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from treering.errors import InvalidExport
from treering.memory.exchange.foreign.fields import Unusable
from treering.memory.exchange.foreign.formats import FORMATS, detect
from treering.memory.exchange.scanning import refuse_constant, unique

if TYPE_CHECKING:
    from pydantic import JsonValue

    from treering.schemas.foreign import Foreign, ForeignFormat


def load(document: object, name: str) -> JsonValue:
    """A document as JSON: bytes are parsed; objects of other libraries are taken by what they say of themselves.

    Args:
        document: UTF-8 bytes, or lists and mappings, also with dates and with objects that have `dict()`.
        name: What error messages call it.

    Raises:
        InvalidExport: It is no JSON.
    """
    try:
        text = document if isinstance(document, bytes) else json.dumps(document, default=_as_json)
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        found: JsonValue = json.loads(text, object_pairs_hook=unique, parse_constant=refuse_constant)
    except UnicodeDecodeError:
        raise InvalidExport(name, "it is not UTF-8") from None
    except json.JSONDecodeError as error:  # whose message does not quote the document
        raise InvalidExport(name, f"it is cut off, or no JSON ({error})") from None
    except RecursionError:
        raise InvalidExport(name, "it is nested too deeply") from None
    except (TypeError, ValueError) as error:
        raise InvalidExport(name, str(error)) from None
    return found


def understand(data: JsonValue, kind: ForeignFormat | None, name: str) -> Foreign:
    """What a document of another memory holds; its format is detected where it is not given.

    Raises:
        InvalidExport: No format fits, several do, or it is not one person's.
    """
    try:
        found = kind or detect(data)
        return FORMATS[found].read(data)
    except RecursionError:
        raise InvalidExport(name, "it is nested too deeply") from None
    except Unusable as error:
        raise InvalidExport(name, str(error)) from None
    except ValueError:  # its message may quote the document
        raise InvalidExport(name, f"something in it has not the form that {found} gives it") from None


def _as_json(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    for method in ("model_dump", "dict"):
        if callable(found := getattr(value, method, None)):
            return found()
    raise TypeError(f"it holds a {type(value).__name__}, which is no JSON")
