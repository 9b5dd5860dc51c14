"""What `treering bench run` says of its files: which are not the published ones, and which questions are broken."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from treering.bench.choice.catalogue import suite_files
from treering.bench.choice.folder import about
from treering.bench.results import LeftOut
from treering.cli.options import screen

if TYPE_CHECKING:
    from treering.bench.choice.catalogue import ChoiceSuite
    from treering.bench.choice.folder import RunFolder


def not_published(suite: ChoiceSuite, folder: RunFolder) -> list[str]:
    """Files of a run that are called as published ones are, and hold something else."""
    return suite_files(suite.name).source.changed(about(folder.folder).sha256)


def left_out(suite: ChoiceSuite) -> tuple[LeftOut, ...]:
    """The questions that are not scored, in the order of the files."""
    return tuple(
        LeftOut(conversation=conversation, question=question, reason=broken.reason)
        for (conversation, question), broken in suite.broken.items()
    )


def tell_of_files(suite: ChoiceSuite, folder: RunFolder) -> None:
    """Print what a reader of the numbers has to know of the files."""
    for name in not_published(suite, folder):
        screen().print(f"{name} is not the published file: do not compare with numbers of others.", markup=False)
    for reason, number in Counter(one.reason for one in left_out(suite)).items():
        screen().print(f"{number} questions are not scored: {reason}; --json lists them.", markup=False)
