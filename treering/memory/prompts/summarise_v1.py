"""What a model is asked to answer to `summarise_v1.md`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class SummariseReply(BaseModel):
    """A conversation in a few sentences."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    summary: str
    """Three to six sentences, each understandable by itself."""
