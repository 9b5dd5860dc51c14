"""The ledger: read as a diff, compared, and taken back on the version that was seen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Page, expect

from treering import Memory

if TYPE_CHECKING:
    from tests.browser.conftest import Faults, House, Housing

Show = Callable[[Page, str], Awaitable[None]]


@pytest.fixture(scope="module")
def house(housing: Housing) -> Iterator[House]:
    with housing("ana", "bo", "cy") as house:
        memory = house.memory
        early = memory.add_claim("long", "home.city", "lives in Braga").after
        assert early is not None
        for number in range(25):
            memory.add_claim("long", "preferences.food", f"likes dish {number}")
        memory.reject("long", early.id)
        yield house


def texts(memory: Memory, user: str) -> set[str]:
    return {claim.text for claim in memory.tree(user).claims}


async def test_a_version_says_what_stood_there_before_and_which_words_changed_it(
    page: Page, house: House, show: Show
) -> None:
    await show(page, house.at("person", "ana", "ledger"))
    moved = page.get_by_role("article", name="Version 3", exact=True)
    await expect(moved.locator("del")).to_have_text("lives in Porto")
    await expect(moved.locator("ins")).to_have_text("lives in Lisbon")
    await expect(moved).to_contain_text("by ears/1")
    evidence = moved.get_by_role("list", name="Evidence").get_by_role("link")
    await expect(evidence).to_have_attribute("href", "#/person/ana/conversations?message=m3")


async def test_what_is_undone_is_shown_first_and_says_which_version_took_it_back(
    page: Page, house: House, show: Show
) -> None:
    await show(page, house.at("person", "bo", "ledger"))
    undo = page.get_by_role("button", name="Undo version 3")
    await undo.click()
    await expect(page.get_by_role("dialog", name="Undo version 3?")).to_contain_text("lives in Porto")
    await page.keyboard.press("Escape")
    await expect(undo).to_be_focused()
    assert "lives in Lisbon" in texts(house.memory, "bo")

    await undo.click()
    await page.get_by_role("dialog").get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("status")).to_contain_text("Version 3 is taken back: 1 gained, 1 lost.")
    taken_back = page.get_by_role("article", name="Version 3", exact=True)
    await expect(taken_back).to_contain_text("taken back by version")
    await expect(taken_back.get_by_role("button", name="Undo version 3")).to_have_count(0)
    assert "lives in Porto" in texts(house.memory, "bo")


async def test_nothing_is_taken_back_on_another_version_than_was_seen(
    page: Page, house: House, show: Show, faults: Faults
) -> None:
    await show(page, house.at("person", "cy", "ledger"))
    house.memory.add_claim("cy", "preferences.books", "loves novels")
    faults.expect("412")
    await page.get_by_role("button", name="Undo the last change").click()
    await expect(page.get_by_role("status")).to_contain_text("Somebody wrote since you looked, so nothing was done.")
    assert "loves novels" in texts(house.memory, "cy")

    await show(page, house.at("person", "cy", "ledger", version=2))
    await page.get_by_role("button", name="Rewind to version 2").click()
    await expect(page.get_by_role("dialog")).to_contain_text("loves novels")
    await page.get_by_role("dialog").get_by_role("button", name="Rewind").click()
    await expect(page.get_by_role("status")).to_contain_text("The tree is that of version 2")
    assert texts(house.memory, "cy") == {"lives in Porto", "has asthma"}


async def test_two_versions_are_compared_and_a_slot_tells_how_it_came_about(
    page: Page, house: House, show: Show, faults: Faults
) -> None:
    await show(page, house.at("person", "ana", "ledger"))
    await page.get_by_label("Compare").fill("1")
    await page.get_by_label("with", exact=True).fill("3")
    await page.get_by_role("button", name="Compare").click()
    compared = page.get_by_role("region", name="From version 1 to version 3")
    await expect(compared).to_contain_text("2 gained, 1 lost.")
    await expect(compared.locator("del")).to_have_text(["lives in Porto"])

    await page.get_by_label("Slot or branch").fill("home")
    await page.keyboard.press("Enter")
    story = page.get_by_role("list", name="History of home").locator("> li")
    await expect(story).to_have_count(2)
    await expect(story.last).to_contain_text("lives in Lisbon")

    faults.expect("404")
    await page.get_by_label("Slot or branch").fill("no.slot")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("the trunk has no such slot or branch")
    await expect(page.get_by_label("Slot or branch")).to_have_value("no.slot")


async def test_older_versions_come_when_they_are_asked_for_and_the_words_they_learned_before(
    page: Page, house: House, show: Show
) -> None:
    await show(page, house.at("person", "long", "ledger"))
    versions = page.get_by_role("article")
    await expect(versions).to_have_count(20)
    await expect(versions.first.locator("del")).to_have_text("lives in Braga")  # what was learned long before
    await page.get_by_role("button", name="Show older").click()
    await expect(versions).to_have_count(27)
    await expect(versions.last).to_contain_text("lives in Braga")
    await expect(page.get_by_role("button", name="Show older")).to_have_count(0)
