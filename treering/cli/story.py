"""The story that the demo plays, as data: demo.yaml; demo_more.yaml is for its server."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib.resources import files

import yaml

from treering.schemas.dialogue import Role
from treering.schemas.value import Instant, Value


class StorySession(Value):
    """One session of the story."""

    id: str
    at: Instant
    turns: tuple[dict[Role, str], ...]


class Story(Value):
    """What the demo plays: a person's year, then questions about it."""

    user: str
    sessions: tuple[StorySession, ...]
    questions: tuple[str, ...] = ()

    @property
    def ends_at(self) -> datetime:
        """The day after the last session."""
        return self.sessions[-1].at + timedelta(days=1)


def load_story() -> Story:
    """The story that ships."""
    return Story.model_validate(_read("demo.yaml"))


def load_more() -> tuple[Story, ...]:
    """What a server with the demo in it has beside the story."""
    return tuple(Story.model_validate(one) for one in _read("demo_more.yaml"))


def _read(name: str) -> list[object]:
    scenes: list[object] = yaml.safe_load(files("treering.cli").joinpath(name).read_text("utf-8"))
    return scenes
