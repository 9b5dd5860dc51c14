"""Everybody of whom something is stored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import House, Housing

Show = Callable[[Page, str], Awaitable[None]]


@pytest.fixture(scope="module")
def house(housing: Housing) -> Iterator[House]:
    with housing() as house:
        for user in ("ana", "bo", "Anabel", *(f"person-{number:03}" for number in range(150))):
            house.memory.remember(user, "Hello.")
        yield house


async def test_people_come_in_pages_and_a_search_asks_the_server(page: Page, house: House, show: Show) -> None:
    await show(page, house.at("people"))
    people = page.get_by_role("list", name="People").get_by_role("link")
    await expect(people).to_have_count(100)
    await page.get_by_role("button", name="Show more").click()
    await expect(people).to_have_count(153)
    await page.get_by_label("Search").fill("aNa")
    await expect(people).to_have_text(["Anabel", "ana"])
    await expect(page).to_have_url(house.at("people", search="aNa"))
    await page.get_by_label("Search").fill("nobody")
    await expect(page.get_by_role("main")).to_contain_text("Nobody has this in their name.")


async def test_a_search_can_be_sent_to_somebody(page: Page, house: House, show: Show) -> None:
    await show(page, house.at("people", search="person-00"))
    await expect(page.get_by_label("Search")).to_have_value("person-00")
    people = page.get_by_role("list", name="People").get_by_role("link")
    await expect(people).to_have_count(10)
    await people.first.click()
    await expect(page).to_have_url(house.at("person", "person-000", "tree"))
    await expect(page.get_by_role("heading", name="person-000", level=1)).to_be_visible()
    await page.go_back()
    await expect(page.get_by_label("Search")).to_have_value("person-00")
    await page.go_forward()
    await expect(page.get_by_role("heading", name="person-000", level=1)).to_be_visible()
