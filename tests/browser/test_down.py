"""A server that goes down, and comes up again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Page, expect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.browser.conftest import Faults, House, Housing

Show = Callable[[Page, str], Awaitable[None]]
SILENT = "The server does not answer. Is it running?"


@pytest.fixture(scope="module")
def house(housing: Housing) -> Iterator[House]:
    with housing() as house:
        memory = house.memory
        memory.remember("ana", {"content": "home.city: lives in Porto", "id": "m1"})
        memory.flush("ana")
        yield house


@asynccontextmanager
async def down(page: Page, faults: Faults) -> AsyncIterator[None]:
    """Nothing answers until the block ends, as where a server is stopped."""
    faults.expect("ERR_CONNECTION_REFUSED")
    await page.route("**/*", lambda route: route.abort("connectionrefused"))
    yield
    await page.unroute("**/*")


async def test_a_view_says_that_nothing_answers_and_is_asked_for_again(
    page: Page, house: House, show: Show, faults: Faults
) -> None:
    await show(page, house.at("person", "ana", "tree"))
    for view, shown in (("Ledger", "Version 1"), ("Tree", "lives in Porto")):  # one is not loaded yet, the other is
        async with down(page, faults):
            await page.get_by_role("link", name=view, exact=True).click()
            await expect(page.get_by_role("alert")).to_contain_text(SILENT)
        await page.get_by_role("button", name="Try again").click()
        await expect(page.get_by_role("article", name=shown)).to_be_visible()


async def test_what_was_typed_stays_until_the_server_takes_it(
    page: Page, house: House, show: Show, faults: Faults
) -> None:
    await show(page, house.at("person", "ana", "tree"))
    claim = page.get_by_role("article", name="lives in Porto")
    await claim.get_by_text("Put right").click()
    dialog = page.get_by_role("dialog")
    async with down(page, faults):
        await claim.get_by_role("button", name="Confirm").click()
        await expect(page.locator("#notices").get_by_text(SILENT)).to_be_visible()
        await claim.get_by_role("button", name="Correct …").click()
        await dialog.get_by_label("It should say").fill("lives in Braga")
        await dialog.get_by_role("button", name="Correct").click()
        await expect(dialog.get_by_role("alert")).to_have_text(SILENT)
    await dialog.get_by_role("button", name="Correct").click()
    await expect(page.get_by_role("article", name="lives in Braga")).to_be_visible()
    assert len(house.memory.versions("ana")) == 2
