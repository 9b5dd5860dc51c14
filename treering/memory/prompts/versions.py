"""Prompts by name, with a version that changes with every letter of them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import BaseModel

HASH_CHARS = 8
"""Characters of the content hash in a version: enough to tell an edited prompt from the released one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A prompt file, the follow-up that asks for a repair, and the version of both."""

    system: Template
    """The standing instructions."""
    repair: Template
    """What is asked after an answer that could not be used; empty where nothing is."""
    version: str
    """File name and a short hash of both texts and the response model, e.g. `listen_v1-1f0c2a9b`."""


@cache
def load_prompt(name: str, response: type[BaseModel]) -> Prompt:
    """The prompt files `<name>.md` and, if there is one, `<name>_repair.md`, for answers shaped like `response`."""
    folder = files(__package__)
    system = folder.joinpath(f"{name}.md").read_text("utf-8")
    asked_again = folder.joinpath(f"{name}_repair.md")
    repair = asked_again.read_text("utf-8") if asked_again.is_file() else ""
    schema = json.dumps(response.model_json_schema(), sort_keys=True)
    digest = hashlib.sha256(f"{system}\x1f{repair}\x1f{schema}".encode()).hexdigest()
    return Prompt(system=Template(system), repair=Template(repair), version=f"{name}-{digest[:HASH_CHARS]}")
