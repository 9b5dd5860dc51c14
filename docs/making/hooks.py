"""What MkDocs does to our pages: lines like `<!-- made: commands -->` become what the code says today."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import commands
import files
import names
import routes

if TYPE_CHECKING:
    from mkdocs.structure.pages import Page

MAKERS: dict[str, Callable[..., str]] = {
    "commands": commands.reference,
    "decisions": files.decisions,
    "file": files.file,
    "names": names.listed,
    "programs": files.programs,
    "routes": routes.reference,
}
"""What may stand behind `made:`, with its arguments after it."""

MARK = re.compile(r"^<!-- made: (\w+)(.*?) -->(?:\n\*\(.*\)\*)?$", re.MULTILINE)
"""Where something is put in, also in the place of a line that says so to who reads the page as it is."""

_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)\s#]+)")

ELSEWHERE = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "README.md": "index.md",
    "SECURITY.md": "reporting.md",
    "docs/adr": "adr/index.md",
    "examples": "examples.md",
}
"""What stands in the repository and, under another name, in the site."""


def on_page_markdown(markdown: str, *, page: Page, **_: object) -> str:
    """The page with what is made put in, and its links leading to pages of the site."""
    where = posixpath.dirname(page.file.src_uri)
    return _led(MARK.sub(made, markdown), posixpath.join("docs", where), where)


def made(mark: re.Match[str]) -> str:
    """What a mark stands for."""
    return MAKERS[mark[1]](*mark[2].split())


def _led(text: str, folder: str, page_folder: str) -> str:
    """Links that are right in the repository, as seen from a folder of it, made right in the site."""

    def led(link: re.Match[str]) -> str:
        place = posixpath.normpath(posixpath.join(folder, link[1]))
        return posixpath.relpath(ELSEWHERE[place], page_folder or ".") if place in ELSEWHERE else link[1]

    return _LINK.sub(led, text)
