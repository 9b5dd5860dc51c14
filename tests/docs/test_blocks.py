"""Every Python block of the documentation runs: in order, page by page, in a folder of its own."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from treering import Memory

if TYPE_CHECKING:
    from pytest_examples import CodeExample, EvalExample

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def has_blocks(page: Path) -> bool:
    return "\n```python" in page.read_text("utf-8")


def blocks(page: Path) -> list[CodeExample]:
    from pytest_examples import find_examples  # noqa: PLC0415 - with black, which most processes need not import

    return [example for example in find_examples(page) if example.prefix == "python"]


@pytest.fixture
def eval_example(tmp_path: Path, request: pytest.FixtureRequest) -> EvalExample:
    from pytest_examples import EvalExample  # noqa: PLC0415 - likewise

    return EvalExample(tmp_path=tmp_path, pytest_request=request)


@pytest.mark.parametrize("page", [page for page in PAGES if has_blocks(page)], ids=lambda page: page.name)
def test_the_blocks_of_a_page_run_in_order(
    page: Path, eval_example: EvalExample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run(blocks(page), eval_example)


def run(examples: list[CodeExample], eval_example: EvalExample) -> None:
    """Run blocks in one namespace, and close what they leave open: a reader's process would end here."""
    names: dict[str, object] = {}
    for example in examples:
        try:
            names |= eval_example.run(example, module_globals=names)
        except Exception as error:  # noqa: BLE001 - pytest stumbles over the frames of a block, and would end all tests
            raise AssertionError(f"{example}: {error!r}") from None
    for value in names.values():
        if isinstance(value, Memory):
            value.close()


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_the_first_thing_that_somebody_tries_recalls_something(
    page: str,
    tmp_path: Path,
    eval_example: EvalExample,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    run(blocks(ROOT / page)[:1], eval_example)
    assert "is allergic to peanuts (health.allergies" in capsys.readouterr().out


def test_a_block_that_needs_what_is_not_here_is_python_at_least() -> None:
    found = re.findall(r"(?<=\n```py\n).*?(?=```)", "\n".join(page.read_text("utf-8") for page in PAGES), re.DOTALL)
    assert found
    for block in found:
        compile(block, "block", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def test_there_are_pages_to_run() -> None:
    assert sum(len(blocks(page)) for page in PAGES) >= 5
    assert {page for page in PAGES if blocks(page)} == {page for page in PAGES if has_blocks(page)}
