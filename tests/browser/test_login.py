"""Who has no key, the wrong key, or one that does not go so far."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Page, expect

from treering.schemas.access import Right

if TYPE_CHECKING:
    from tests.browser.conftest import Faults, House, Housing

Show = Callable[[Page, str], Awaitable[None]]


@pytest.fixture(scope="module")
def house(housing: Housing) -> Iterator[House]:
    with housing(auth="keys") as house:
        memory = house.memory
        memory.remember("ana", {"content": "home.city: lives in Porto", "id": "m1"}, tenant="acme")
        memory.flush("ana", tenant="acme")
        yield house


def key_of(house: House, right: Right) -> str:
    return house.memory.create_key(tenant="acme", right=right, label="test").secret


async def log_in(page: Page, key: str) -> None:
    await page.get_by_label("Key", exact=True).fill(key)
    await page.keyboard.press("Enter")


async def test_a_key_opens_what_was_asked_for_and_is_kept_by_the_tab_alone(
    page: Page, house: House, show: Show, faults: Faults
) -> None:
    faults.expect("status of 401")
    await show(page, house.at("person", "ana", "tree"))
    await expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    assert "Porto" not in await page.content()
    await log_in(page, "tr_0000_wrong")
    await expect(page.get_by_role("status").first).to_contain_text("key")
    await expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    key = key_of(house, "admin")
    await log_in(page, key)
    await expect(page.get_by_role("article", name="lives in Porto")).to_be_visible()
    assert key not in page.url
    assert await page.evaluate("[localStorage.length, document.cookie]") == [0, ""]
    other = await page.context.new_page()
    faults.watch(other)
    await show(other, house.at("person", "ana", "tree"))
    await expect(other.get_by_role("heading", name="Log in")).to_be_visible()
    await other.close()
    await page.get_by_role("link", name="Key").click()
    await page.get_by_role("button", name="Log out").click()
    await expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    assert await page.evaluate("sessionStorage.length") == 0


async def test_who_may_only_read_is_told_so_and_nothing_is_changed(
    page: Page, house: House, show: Show, faults: Faults
) -> None:
    faults.expect(r"status of 40[13]")
    await show(page, house.at("people"))
    await log_in(page, key_of(house, "read"))
    await expect(page.get_by_role("main")).to_contain_text("Your key may not list people.")
    await page.get_by_label("Person").fill("ana")
    await page.keyboard.press("Enter")
    claim = page.get_by_role("article", name="lives in Porto")
    await claim.get_by_text("Put right").click()
    await claim.get_by_role("button", name="Confirm").click()
    await expect(page.locator("#notices")).to_contain_text("write")
    await claim.get_by_role("button", name="Correct …").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Correct").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("write")
    await page.keyboard.press("Escape")
    await claim.get_by_role("button", name="Reject …").click()
    await dialog.get_by_role("button", name="Reject").click()
    await expect(page.locator("#notices .error")).to_have_count(2)
    await expect(claim).to_be_visible()
    await page.get_by_role("link", name="Jobs").click()
    await expect(page.get_by_role("alert")).to_contain_text("Your key does not go so far")
    assert len(house.memory.versions("ana", tenant="acme")) == 1


async def test_a_key_that_ends_meanwhile_leads_to_the_login_and_back(
    page: Page, house: House, show: Show, faults: Faults
) -> None:
    faults.expect("status of 401")
    await show(page, house.at("people"))
    await log_in(page, key_of(house, "admin"))
    await expect(page.get_by_role("link", name="ana")).to_be_visible()
    await page.evaluate("sessionStorage.setItem('treering-key', 'tr_0000_over')")
    await page.get_by_role("link", name="ana").click()
    await expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    await log_in(page, key_of(house, "admin"))
    await expect(page.get_by_role("article", name="lives in Porto")).to_be_visible()
