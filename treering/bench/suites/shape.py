"""What is wrong with a file, and where the right one is."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from treering.bench.suites.files import WrongShape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from treering.bench.suites.source import Source


@contextmanager
def shape_of(source: Source, data: Path) -> Iterator[None]:
    """Where what stands in a file is taken apart: whatever is missing or of another kind becomes one error.

    Raises:
        InvalidInput: The file has another shape; says where the suite's files are.
    """
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise WrongShape(data, f"{source.name} (see {source.url})", error) from error
