"""Conversations: words that a claim rests on lead to them, and what was said can be taken back or amended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Locator, Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import House, Housing

Show = Callable[[Page, str], Awaitable[None]]
GONE = "Taken back or forgotten: no words are left."


@pytest.fixture(scope="module")
def house(housing: Housing) -> Iterator[House]:
    with housing("ana") as house:
        for number in range(130):
            house.memory.remember("long", {"content": f"Number {number}.", "id": f"n{number}"})
        yield house


def turn_of(page: Page, message: str) -> Locator:
    code = page.locator("code").get_by_text(message, exact=True)
    return page.get_by_role("list", name="Messages").locator("> li").filter(has=code)


async def test_words_that_a_claim_rests_on_lead_to_the_message_among_its_neighbours(
    page: Page, house: House, show: Show
) -> None:
    await show(page, house.at("person", "ana", "tree"))
    await page.get_by_role("article", name="lives in Lisbon").get_by_role("link", name="lives in Lisbon").click()
    meant = turn_of(page, "m3")
    await expect(meant).to_be_focused()
    await expect(meant).to_have_attribute("aria-current", "true")
    await expect(meant.locator("mark")).to_have_text("lives in Lisbon")
    await expect(meant.get_by_role("article", name="lives in Lisbon")).to_be_visible()
    await expect(turn_of(page, "m3-answer")).to_contain_text("I see.")
    await expect(page.locator("[aria-current=true]")).to_have_count(1)
    await expect(turn_of(page, "m5").locator("mark")).to_have_text("works as a nurse")  # about another person
    await page.get_by_role("link", name="All conversations").click()
    await page.get_by_role("link", name="s1").click()
    await expect(turn_of(page, "m1")).to_be_visible()
    await expect(turn_of(page, "m1").locator("mark")).to_have_count(0)  # it moved on since


async def test_a_message_is_amended_and_what_rested_on_it_goes(page: Page, house: House, show: Show) -> None:
    await show(page, house.at("person", "ana", "conversations", message="m7"))
    await turn_of(page, "m7").get_by_role("button", name="Amend …").click()
    dialog = page.get_by_role("dialog", name="Amend this message")
    await expect(dialog.get_by_label("It should say")).to_have_value("preferences.music: listens to fado")
    await dialog.get_by_label("It should say").fill("preferences.music: listens to jazz")
    await dialog.get_by_role("button", name="Amend").click()
    await expect(page.get_by_text("Amended: 1 claim went.")).to_be_visible()
    await expect(turn_of(page, "m7")).to_contain_text("listens to jazz")
    await expect(turn_of(page, "m7").locator("mark")).to_have_count(0)
    house.memory.flush("ana")
    assert "listens to jazz" in {claim.text for claim in house.memory.tree("ana").claims}


async def test_a_message_is_taken_back_as_if_it_had_never_been_said(page: Page, house: House, show: Show) -> None:
    await show(page, house.at("person", "ana", "conversations", session="s2"))
    await turn_of(page, "m3").get_by_role("button", name="Take back …").click()
    dialog = page.get_by_role("dialog", name="Take this message back?")
    await expect(dialog).to_contain_text("1 claim cites it")
    await dialog.get_by_role("button", name="Take back").click()
    await expect(page.get_by_text("Taken back: 1 claim went, 1 claim holds again.")).to_be_visible()
    await expect(turn_of(page, "m3")).to_contain_text(GONE)
    assert [claim.text for claim in house.memory.tree("ana")["home.city"]] == ["lives in Porto"]


async def test_what_was_forgotten_has_no_words_and_a_long_conversation_comes_in_pages(
    page: Page, house: House, show: Show
) -> None:
    await show(page, house.at("person", "ana", "conversations", session="s4"))
    await expect(turn_of(page, "m10")).to_contain_text(GONE)
    await expect(turn_of(page, "m10").get_by_role("button", name="Take back …")).to_have_count(0)
    await expect(turn_of(page, "m11")).to_contain_text("plays chess at night")
    await show(page, house.at("person", "long", "conversations", session="default"))
    turns = page.get_by_role("list", name="Messages").locator("> li")
    await expect(turns).to_have_count(100)
    await page.get_by_role("button", name="Show more").click()
    await expect(turns).to_have_count(130)
    await expect(page.get_by_role("button", name="Show more")).to_have_count(0)
