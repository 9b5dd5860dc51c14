"""Forgetting: looked at first, asked for, proved, and allowed again."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Page, expect

from treering import ErasureReceipt

if TYPE_CHECKING:
    from tests.browser.conftest import House, Housing

Show = Callable[[Page, str], Awaitable[None]]


@pytest.fixture(scope="module")
def house(housing: Housing) -> Iterator[House]:
    with housing("ana", "bo") as house:
        yield house


async def test_what_would_go_is_seen_before_it_goes_and_its_receipt_can_be_kept(
    page: Page, house: House, show: Show
) -> None:
    await show(page, house.at("person", "ana", "forgotten"))
    await page.get_by_label("Which").fill("asthma")
    await page.keyboard.press("Enter")
    seen = page.get_by_role("region", name="What would go")
    await expect(seen).to_contain_text("health.conditions: has asthma")
    assert "has asthma" in {claim.text for claim in house.memory.tree("ana").claims}

    await page.get_by_role("button", name="Forget this for good").click()
    asked = page.get_by_role("dialog", name="Forget this for good?")
    await expect(asked.get_by_role("button", name="No")).to_be_focused()
    await asked.get_by_role("button", name="Forget for good").click()
    await expect(seen).to_contain_text("Forgotten")
    await expect(seen).not_to_contain_text("asthma")
    first, proof = house.memory.receipts("ana")
    await expect(seen).to_contain_text(f"Receipt {proof.id}")
    assert "has asthma" not in {claim.text for claim in house.memory.tree("ana").claims}

    async with page.expect_download() as downloading:
        await seen.get_by_role("button", name="Download as JSON").click()
    download = await downloading.value
    assert download.suggested_filename == f"receipt-ana-{proof.id}.json"
    kept = ErasureReceipt.model_validate(json.loads(Path(await download.path()).read_bytes()))  # noqa: ASYNC240 - it is there
    assert kept == proof
    await expect(page.locator("summary", has_text=f"Receipt {first.id} ")).to_be_visible()

    await page.get_by_label("Words").fill("has asthma")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("1 mark is gone")).to_be_visible()


async def test_everything_goes_only_when_the_name_was_typed(page: Page, house: House, show: Show) -> None:
    await show(page, house.at("person", "bo", "forgotten"))
    await page.get_by_label("Everything").check()
    await page.get_by_role("button", name="Look what would go").click()
    await page.get_by_role("button", name="Forget this for good").click()
    asked = page.get_by_role("dialog", name="Forget everything about bo?")
    erase = asked.get_by_role("button", name="Forget for good")
    await expect(erase).to_be_disabled()
    await asked.get_by_role("textbox").fill("Bo")
    await expect(erase).to_be_disabled()
    await asked.get_by_role("textbox").fill("bo")
    await erase.click()
    await expect(page.get_by_text("It is forgotten; the receipt proves it.")).to_be_visible()
    assert house.memory.tree("bo").claims == ()


async def test_a_claim_that_the_address_names_is_looked_at_at_once(page: Page, house: House, show: Show) -> None:
    [city] = house.memory.tree("ana")["home.city"]
    await show(page, house.at("person", "ana", "forgotten", claim=city.id))
    await expect(page.get_by_role("region", name="What would go")).to_contain_text("lives in Lisbon")
    await expect(page.get_by_label("Claims", exact=True)).to_be_checked()
