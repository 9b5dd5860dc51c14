"""The tree: folded, looked through, about others, and through time, with what changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from playwright.async_api import Locator, Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import House

Show = Callable[[Page, str], Awaitable[None]]


def claim_of(page: Page, text: str) -> Locator:
    return page.get_by_role("article", name=text, exact=True)


def where_of(page: Page) -> Locator:
    return page.get_by_role("region", name="Time").get_by_role("status")


async def test_branches_stay_folded_and_words_find_what_is_in_them(page: Page, house: House, show: Show) -> None:
    await show(page, house.at("person", "ana", "tree"))
    lisbon, asthma = claim_of(page, "lives in Lisbon"), claim_of(page, "has asthma")
    await expect(lisbon.get_by_role("meter", name="Confidence")).to_have_attribute("value", "0.8")
    await expect(lisbon).to_contain_text("since 5 Mar 2024")
    await page.get_by_role("heading", name="home", exact=True).click()
    await expect(lisbon).to_be_hidden()
    await page.reload()
    await expect(asthma).to_be_visible()
    await expect(lisbon).to_be_hidden()

    await page.get_by_role("button", name="Fold all", exact=True).click()
    await expect(asthma).to_be_hidden()
    await page.get_by_label("Find").fill("LIVES home")
    await expect(lisbon).to_be_visible()
    await expect(page.get_by_text("1 of 6 claims")).to_be_visible()
    assert page.url.endswith("tree?words=LIVES+home")
    await page.get_by_label("Find").fill("nothing at all")
    await expect(page.get_by_text("No claim has these words.")).to_be_visible()
    await page.get_by_label("Find").fill("")
    await expect(lisbon).to_be_hidden()
    await page.get_by_role("button", name="Unfold all").click()
    await expect(lisbon).to_be_visible()

    empty = page.get_by_role("region", name="preferences.books")
    await expect(empty).to_have_count(0)
    await page.get_by_label("empty slots").check()
    await expect(empty).to_be_visible()


async def test_a_person_who_was_spoken_of_has_a_tree_too(page: Page, house: House, show: Show) -> None:
    await show(page, house.at("person", "ana", "tree"))
    await page.get_by_label("Whose").select_option("person:Bo")
    await expect(claim_of(page, "works as a nurse")).to_be_visible()
    await expect(claim_of(page, "lives in Lisbon")).to_have_count(0)
    assert page.url.endswith("tree?subject=person%3ABo")


async def test_a_day_shows_the_tree_of_then_with_signs_at_what_changed(page: Page, house: House, show: Show) -> None:
    await show(page, house.at("person", "ana", "tree", as_of="2024-03-05"))
    await expect(where_of(page)).to_have_text("On 2024-03-05 · 2024-03-05: + 1 new, ~ 1 changed")
    await expect(claim_of(page, "loves grilled sardines").locator(".sign")).to_have_text("+new:")
    await expect(claim_of(page, "lives in Lisbon").locator(".sign")).to_have_text("~changed:")
    await expect(claim_of(page, "lives in Porto").locator(".sign")).to_have_text("−gone:")  # noqa: RUF001 - the sign itself
    await expect(claim_of(page, "lives in Porto").locator("del")).to_have_text("lives in Porto")
    await expect(claim_of(page, "has asthma").locator(".sign")).to_have_count(0)
    await expect(claim_of(page, "listens to fado")).to_have_count(0)
    await expect(page.get_by_text("Put right", exact=True)).to_have_count(0)

    await page.get_by_label("Day", exact=True).fill("2024-02-01")
    await expect(claim_of(page, "lives in Lisbon")).to_have_count(0)
    await expect(claim_of(page, "lives in Porto")).to_be_visible()
    assert page.url.endswith("tree?as_of=2024-02-01")
    await page.get_by_role("button", name="Today").click()
    await expect(claim_of(page, "lives in Lisbon").get_by_text("Put right")).to_be_visible()
    assert page.url.endswith("/tree")


async def test_keys_and_buttons_go_from_change_to_change(page: Page, house: House, show: Show) -> None:
    await show(page, house.at("person", "ana", "tree", as_of="2024-03-05"))
    await expect(where_of(page)).to_contain_text("~ 1 changed")  # the marks are there
    slider = page.get_by_role("slider", name="Time")
    await slider.focus()
    for key, day, what in (
        ("ArrowRight", "2024-06-21", "+ 1 new"),
        ("ArrowLeft", "2024-03-05", "+ 1 new, ~ 1 changed"),
        ("ArrowLeft", "2024-01-10", "+ 2 new"),
        ("ArrowLeft", "2024-01-09", ""),
    ):
        await page.keyboard.press(key)
        await expect(where_of(page)).to_contain_text(what)
        await expect(slider).to_have_attribute("aria-valuetext", f"On {day}")
        assert page.url.endswith(f"tree?as_of={day}")
    await expect(page.get_by_text("Nothing was known by then.")).to_be_visible()
    await expect(page.get_by_role("button", name="Change before")).to_be_disabled()
    await page.get_by_role("button", name="Next change").click()
    await expect(slider).to_have_attribute("aria-valuetext", "On 2024-01-10")
    await slider.press("Shift+ArrowRight")
    await expect(slider).to_have_attribute("aria-valuetext", "On 2024-01-11")
    await expect(where_of(page)).to_contain_text("2024-01-10: + 2 new")


async def test_the_tree_is_shown_as_it_was_known_at_a_version(page: Page, house: House, show: Show) -> None:
    await show(page, house.at("person", "ana", "tree", version=3))
    await expect(where_of(page)).to_contain_text("Version 3 of 12")
    await expect(where_of(page)).to_contain_text("by ears/1: ~ 1 changed")
    await expect(claim_of(page, "lives in Porto").locator("del")).to_be_visible()
    await page.get_by_role("slider", name="Time").press("ArrowRight")
    await expect(where_of(page)).to_contain_text("Version 4 of 12")
    await expect(claim_of(page, "loves grilled sardines").locator(".sign")).to_have_text("+new:")
    assert page.url.endswith("tree?version=4")
    await page.get_by_label("as it was", exact=True).check()
    await expect(where_of(page)).to_have_text("Today")
    await page.get_by_label("as it was known").check()
    await expect(where_of(page)).to_contain_text("Version 12 of 12")
    await expect(claim_of(page, "plays chess at night").locator("del")).to_be_visible()
