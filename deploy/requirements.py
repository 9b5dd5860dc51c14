"""Print what the package needs with some extras: a layer of the image that outlives changes of the source."""  # noqa: INP001 - a script

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path


def needed(project: dict[str, object], extras: list[str]) -> set[str]:
    """The requirements, with those of the package's own extras that an extra names in turn."""
    optional = project["optional-dependencies"]
    found = set(project["dependencies"])
    while extras:
        for one in optional[extras.pop()]:
            own = re.fullmatch(rf"{project['name']}\[(.*)\]", one)
            if own is None:
                found.add(one)
            else:
                extras += own[1].split(",")
    return found


if __name__ == "__main__":
    of = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]
    print(*sorted(needed(of, sys.argv[1].split(","))), sep="\n")  # noqa: T201 - that is what it is for
