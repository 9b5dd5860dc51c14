"""What a model is asked to answer to `summarise_v1.md`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import ConfigDict

from treering.schemas.value import Value


class SummariseReply(Value):
    """A conversation in a few sentences."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore")

    summary: str
    """Three to six sentences, each understandable by itself."""
