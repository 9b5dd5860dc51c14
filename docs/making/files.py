"""Pages that show files of the repository: the changelog, the small programs, the list of decisions."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def file(name: str) -> str:
    """A page of the repository without its title, with its links as seen from `docs/`."""
    text = (ROOT / name).read_text("utf-8").partition("\n")[2]
    return re.sub(r"\]\((?![a-z]+:|#)", "](../", text).replace("](../docs/", "](")


def decisions() -> str:
    """Every decision by its title."""
    pages = sorted(page for page in (ROOT / "docs/adr").glob("[0-9]*.md"))
    return "\n".join(f"- [{page.read_text('utf-8').splitlines()[0].lstrip('# ')}]({page.name})" for page in pages)


def programs() -> str:
    """Every program of `examples/`, with what it says of itself."""
    return "\n".join(_program(one) for one in sorted((ROOT / "examples").glob("*.py")))


def _program(one: Path) -> str:
    text = one.read_text("utf-8")
    said = (ast.get_docstring(ast.parse(text)) or "").splitlines()[0]
    return f"## {one.name}\n\n{said}\n\n```python\n{text.rstrip()}\n```\n"
