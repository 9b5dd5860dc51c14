"""What a model is asked to answer to `recall_v1.md`, and the ways in which it may miss that a little."""

from __future__ import annotations

from typing import ClassVar

from pydantic import ConfigDict, model_validator

from treering.schemas.value import Value

#: Names that models use instead of those they were given.
_OTHER_NAMES = {
    "sufficient": "enough",
    "is_enough": "enough",
    "queries": "searches",
    "rewrites": "searches",
    "search": "searches",
}


class RecallReply(Value):
    """Whether the lines are enough, and what to search for if they are not."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore")

    enough: bool
    """True if all that is asked for stands in the lines."""
    searches: list[str]
    """Two or three searches for what is missing; empty when the lines are enough."""

    @model_validator(mode="before")
    @classmethod
    def _leniently(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        fields = {
            _OTHER_NAMES.get(name, name): value for name, value in ((str(key).lower(), given[key]) for key in given)
        }
        searches = fields.get("searches")
        if searches is None:
            fields["searches"] = []
        elif isinstance(searches, str):
            fields["searches"] = [searches]
        if "enough" not in fields and fields["searches"]:
            fields["enough"] = False
        return fields
