"""What somebody asked to have forgotten: still in the tree, marked, and in no answer until it was decided."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Page, expect

from treering import Memory

if TYPE_CHECKING:
    from tests.browser.conftest import House, Serving

Show = Callable[[Page, str], Awaitable[None]]


@pytest.fixture
def house(serving: Serving, tmp_path: Path) -> Iterator[House]:
    with Memory(tmp_path, embedder="hash", background=False) as memory:
        memory.remember("ana", ["I'm allergic to peanuts.", "I live in Porto.", "Please forget that I live in Porto."])
        memory.end_session("ana")
        memory.flush("ana")
        with serving(memory) as house:
            yield house


async def test_it_says_so_until_somebody_decides(page: Page, house: House, show: Show) -> None:
    await show(page, house.at("person", "ana", "ask", q="Where do I live?"))
    await expect(page.get_by_text("1 line is held back")).to_be_visible()
    await expect(page.locator(".answer")).not_to_contain_text("Porto")

    await show(page, house.at("person", "ana", "tree"))
    porto, peanuts = (
        page.get_by_role("article", name=text, exact=True) for text in ("lives in Porto", "is allergic to peanuts")
    )
    await expect(peanuts).not_to_contain_text("asked to be forgotten")
    await porto.get_by_role("link", name="asked to be forgotten").click()

    await page.get_by_role("list", name="Proposals").get_by_role("button", name="Drop").click()
    await expect(page.get_by_text("Nothing waits.")).to_be_visible()
    await show(page, house.at("person", "ana", "tree"))
    await expect(porto).to_be_visible()
    await expect(porto).not_to_contain_text("asked to be forgotten")
    await show(page, house.at("person", "ana", "ask", q="Where do I live?"))
    await expect(page.get_by_role("region", name="What would be injected")).to_contain_text("lives in Porto")
    await expect(page.get_by_text("held back")).to_have_count(0)
