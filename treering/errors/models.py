"""Chat models, embedders and vector indexes that do not answer, or not usably."""

from __future__ import annotations

from dataclasses import dataclass

from treering.errors.base import TreeringError


class ModelError(TreeringError):
    """Base of errors about chat models."""


class ModelUnavailable(ModelError):
    """The model did not answer (error, time-out, rate limit). Worth another try later."""

    def __init__(
        self, model: str, why: str, *, retry_after_s: float | None = None, is_about_prompt: bool = False
    ) -> None:
        super().__init__(f"model {model} did not answer: {why}")
        self.model = model
        self.why = why
        self.retry_after_s = retry_after_s
        """Seconds that the provider asks to wait; none: it says nothing."""
        self.is_about_prompt = is_about_prompt
        """The model is there, and refuses what it was asked, e.g. since that is too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What was spent on answers that were of no use."""

    prompt_version: str
    tokens_in: int
    tokens_out: int
    cost: float | None
    """In US dollars; none: the price is not known."""


class ModelDeferred(ModelUnavailable):
    """The model was not asked now: a limit is reached, or it failed often of late. No attempt is counted."""

    def __init__(self, model: str, why: str, *, retry_after_s: float) -> None:
        super().__init__(model, why, retry_after_s=retry_after_s)


class ModelReplyUnreadable(ModelError):
    """The model answered with something that holds no operations, also when it was asked once more."""

    def __init__(self, model: str, raw: str, why: str, *, spent: Spent | None = None) -> None:
        super().__init__(f"the reply of {model} cannot be read: {why}")
        self.model = model
        self.raw = raw
        self.why = why
        self.spent = spent


class EmbedderError(TreeringError):
    """Base of errors about embedders."""


class DimensionMismatch(EmbedderError):
    """Stored vectors come from another model."""

    def __init__(self, stored: str, given: str) -> None:
        super().__init__(
            f"the stored vectors were made by {stored}, the embedder is {given}; make vectors for it with "
            "`treering reindex --embedder NAME` (named as in TREERING_EMBEDDER), or go back to the former embedder"
        )
        self.stored = stored
        self.given = given


class EmbedderUnavailable(EmbedderError):
    """The embedder gave no vectors."""

    def __init__(self, embedder: str, why: str) -> None:
        super().__init__(f"the embedder {embedder} gave no vectors: {why}")
        self.embedder = embedder
        self.why = why


class IndexUnavailable(TreeringError):
    """The vector index cannot be reached."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"the vector index at {where} cannot be reached: {why}")
        self.where = where
        self.why = why
