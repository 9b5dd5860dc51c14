"""Suites whose questions are answered, with options or freely, and their answer keys."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from treering import __version__
from treering.bench import plugins
from treering.bench.choice.folder import About
from treering.bench.choice.shuffling import shuffled
from treering.bench.gold.changes import read_halumem_wanted, read_quartet_changes
from treering.bench.gold.choices import Broken, read_personamem_key, read_quartet_choices
from treering.bench.gold.halumem import read_halumem_key
from treering.bench.gold.locomo import read_locomo_answers
from treering.bench.gold.longmemeval import read_longmemeval_key
from treering.bench.gold.perma_tasks import read_perma_tasks_key
from treering.bench.gold.personamem_v2 import read_personamem_v2_key
from treering.bench.gold.prefeval import read_prefeval_key
from treering.bench.gold.quartet import GOLD
from treering.bench.gold.realmem import read_realmem_rubrics
from treering.bench.gold.shuffling import shuffled_key
from treering.bench.suites.halumem import HALUMEM, read_halumem
from treering.bench.suites.locomo import LOCOMO, read_locomo_whole
from treering.bench.suites.longmemeval import LONGMEMEVAL, read_longmemeval
from treering.bench.suites.perma_tasks import PERMA, PERMA_NOISY, read_perma_tasks
from treering.bench.suites.personamem_choices import PERSONAMEM, SIZES, personamem_of, read_personamem_choices
from treering.bench.suites.personamem_v2 import WINDOWS, personamem_v2_of, read_personamem_v2
from treering.bench.suites.prefeval import BETWEEN, FORMS, prefeval_of, read_prefeval
from treering.bench.suites.quartet import PEOPLE, read_quartet
from treering.bench.suites.realmem import REALMEM, read_realmem
from treering.bench.suites.shelf import Shelf
from treering.bench.suites.source import Source
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from treering.bench.gold.answers import AnswerSheet
    from treering.bench.gold.changes import ChangeKey
    from treering.bench.samples import Conversation


@dataclass(frozen=True, kw_only=True)
class ChoiceSuite:
    """Conversations with their questions, and where to read what is right."""

    name: str
    data: Path
    published: Sequence[Conversation]
    """As the authors put the options."""
    shuffle: int | None = None
    """The seed by which options are shuffled; None: they stay as they are."""

    @cached_property
    def conversations(self) -> Sequence[Conversation]:
        """As they are heard and asked."""
        if self.shuffle is None:
            return self.published
        numbers = range(len(self.published))
        return Shelf(numbers, partial(_shuffled, self.published, self.shuffle), weigh=int, keeps=0)

    @cached_property
    def key(self) -> AnswerSheet:
        """What is right, read when it is first asked for: by the scorer, after everything was answered.

        Raises:
            InvalidInput: A file cannot be read, or has another shape.
        """
        key = suite_files(self.name).read_key(self.data)
        return key if self.shuffle is None else shuffled_key(key, self.published, self.shuffle)

    @cached_property
    def changes(self) -> ChangeKey:
        """What the histories ought to do to a memory, read like the key; nothing where the suite does not say.

        Raises:
            InvalidInput: A file cannot be read, or has another shape.
        """
        read = suite_files(self.name).read_changes
        return {} if read is None else read(self.data)

    @cached_property
    def broken(self) -> dict[tuple[str, str], Broken]:
        """Questions of these conversations of which no single option is right; they are not scored."""
        here = {one.id for one in self.published}
        return {at: right for at, right in self.key.items() if isinstance(right, Broken) and at[0] in here}

    @property
    def left_out(self) -> int:
        """How many are not scored, since no single option is right."""
        return len(self.broken)

    @cached_property
    def questions(self) -> int:
        """How many are asked; counted once, since a large suite is read for it."""
        return sum(one.questions for one in self.conversations)

    def about(self, embedder: str, limit: int | None, *, model: str | None = None) -> About:
        """What a run on it is a run of: with this embedder, and this chat model that listens."""
        return About(
            suite=self.name,
            data=str(self.data.resolve()),
            sha256=suite_files(self.name).source.checksums(self.data),
            conversations=limit,
            embedder=embedder,
            model=model or "",
            treering=__version__,
            shuffle=self.shuffle,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteFiles:
    """How the files of a suite are read."""

    source: Source
    """Who publishes them."""
    read: Callable[[Path], Sequence[Conversation]]
    """What is said and asked."""
    read_key: Callable[[Path], AnswerSheet]
    """What is right."""
    read_changes: Callable[[Path], ChangeKey] | None = None
    """What the histories ought to do to a memory; None: the suite does not say."""


_QUARTET = Source(
    name="Quartet",
    url="Treering itself, which makes it by seed (bench make)",
    licence="Apache-2.0",
    files=(PEOPLE, GOLD),
    measures="eleven kinds of question about a person, of which nobody without memory answers more than a quarter",
    tried="all of it",
)

_SUITES: dict[str, SuiteFiles] = {
    "quartet": SuiteFiles(
        source=_QUARTET, read=read_quartet, read_key=read_quartet_choices, read_changes=read_quartet_changes
    ),
    "personamem": SuiteFiles(source=PERSONAMEM, read=read_personamem_choices, read_key=read_personamem_key),
    **{
        f"personamem-{size.lower()}": SuiteFiles(
            source=personamem_of(size),
            read=partial(read_personamem_choices, size=size),
            read_key=partial(read_personamem_key, size=size),
        )
        for size in SIZES
    },
    **{
        f"personamem-v2-{window}": SuiteFiles(
            source=personamem_v2_of(window),
            read=partial(read_personamem_v2, window=window),
            read_key=partial(read_personamem_v2_key, window=window),
        )
        for window in WINDOWS
    },
    **{
        f"prefeval-{form}-{between}": SuiteFiles(
            source=prefeval_of(form, between),
            read=partial(read_prefeval, form=form, between=between),
            read_key=partial(read_prefeval_key, form=form),
        )
        for form in FORMS
        for between in BETWEEN
    },
    **{
        f"longmemeval-{size}": SuiteFiles(
            source=source, read=partial(read_longmemeval, source), read_key=partial(read_longmemeval_key, source)
        )
        for size, source in LONGMEMEVAL.items()
    },
    **{
        f"halumem-{size}": SuiteFiles(
            source=source,
            read=partial(read_halumem, source),
            read_key=partial(read_halumem_key, source),
            read_changes=partial(read_halumem_wanted, source),
        )
        for size, source in HALUMEM.items()
    },
    "locomo": SuiteFiles(source=LOCOMO, read=read_locomo_whole, read_key=read_locomo_answers),
    "realmem": SuiteFiles(source=REALMEM, read=read_realmem, read_key=read_realmem_rubrics),
    "perma": SuiteFiles(source=PERMA, read=read_perma_tasks, read_key=read_perma_tasks_key),
    "perma-noisy": SuiteFiles(
        source=PERMA_NOISY,
        read=partial(read_perma_tasks, noisy=True),
        read_key=partial(read_perma_tasks_key, noisy=True),
    ),
}


def choice_suites() -> tuple[str, ...]:
    """Their names, and those of suites that other packages add."""
    return plugins.names(plugins.SUITES, _SUITES)


def suite_files(name: str) -> SuiteFiles:
    """How a suite is read.

    Raises:
        InvalidInput: There is none of this name, or it is of several packages, or its package is broken.
    """
    found = plugins.named(plugins.SUITES, _SUITES, name, SuiteFiles)
    if found is None:
        raise InvalidInput("--suite", f"{name!r} is none; known are {', '.join(choice_suites())}")
    return found


def read_choice_suite(name: str, data: Path, limit: int | None = None, *, shuffle: int | None = None) -> ChoiceSuite:
    """A suite from files.

    Args:
        name: One of `choice_suites()`.
        data: Its folder.
        limit: Most conversations.
        shuffle: The seed by which options are shuffled; None: they stand as their authors put them.

    Raises:
        InvalidInput: There is no such suite, or a file cannot be read, or has another shape.
    """
    suite = suite_files(name)
    suite.source.found(data)
    return ChoiceSuite(name=name, data=data, published=suite.read(data)[:limit], shuffle=shuffle)


def _shuffled(published: Sequence[Conversation], seed: int, number: int) -> Conversation:
    return shuffled(published[number], seed)
