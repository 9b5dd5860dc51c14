"""What waits in quarantine: seen with what it would change, and released or dropped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Page, expect

from treering import Memory

if TYPE_CHECKING:
    from tests.browser.conftest import House, Housing

Show = Callable[[Page, str], Awaitable[None]]


@pytest.fixture(scope="module")
def house(housing: Housing) -> Iterator[House]:
    with housing("ana", "bo", "cy", consent="beliefs.religion=ask") as house:
        yield house


def waiting(memory: Memory, user: str) -> list[str | None]:
    return [held.verdict.draft.text for held in memory.quarantine(user)]


async def test_one_is_released_and_the_other_dropped_with_keys_alone(page: Page, house: House, show: Show) -> None:
    await show(page, house.at("person", "ana", "waiting"))
    held = page.get_by_role("list", name="Proposals").locator("> li")
    await expect(held).to_have_count(2)
    await expect(held.first).to_contain_text("ask-first")
    await expect(held.first.get_by_role("list", name="What would change")).to_contain_text("is a Buddhist")

    await held.first.get_by_role("button", name="Release").focus()
    await page.keyboard.press("Enter")
    await expect(held).to_have_count(1)
    await expect(held.first).to_be_focused()
    assert "is a Buddhist" in {claim.text for claim in house.memory.tree("ana").claims}

    await held.first.get_by_role("button", name="Drop").focus()
    await page.keyboard.press("Space")
    await expect(page.get_by_text("Nothing waits.")).to_be_focused()
    assert waiting(house.memory, "ana") == []
    assert "prays every morning" not in {claim.text for claim in house.memory.tree("ana").claims}


async def test_several_are_decided_after_a_question(page: Page, house: House, show: Show) -> None:
    await show(page, house.at("person", "bo", "waiting"))
    dropping = page.get_by_role("button", name="Drop selected")
    await expect(dropping).to_be_disabled()
    await page.get_by_label("All of these").check()
    await dropping.click()
    await page.get_by_role("dialog", name="Drop 2 proposals?").get_by_role("button", name="No").click()
    assert len(waiting(house.memory, "bo")) == 2
    await dropping.click()
    await page.get_by_role("dialog").get_by_role("button", name="Drop").click()
    await expect(page.get_by_text("2 proposals were dropped.")).to_be_visible()
    assert waiting(house.memory, "bo") == []


async def test_all_that_a_rule_holds_is_released_in_one_version(page: Page, house: House, show: Show) -> None:
    await show(page, house.at("person", "cy", "waiting"))
    [last] = house.memory.versions("cy", 1)
    await page.get_by_role("button", name="Release all of this rule").click()
    await page.get_by_role("dialog").get_by_role("button", name="Release all").click()
    await expect(page.get_by_text("Nothing waits.")).to_be_visible()
    assert {"is a Buddhist", "prays every morning"} <= {claim.text for claim in house.memory.tree("cy").claims}
    assert house.memory.versions("cy", 1)[0].version == last.version + 1
