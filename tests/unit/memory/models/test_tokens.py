"""Estimating tokens."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.models.tokens import RegexTokenCounter

count = RegexTokenCounter().count


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, 0),
        ("tea", 1, 1),
        ("I moved to Lisbon last week.", 7, 8),
        ("internationalisation", 2, 4),
        ("2024-03-01", 5, 6),
        ("1234567", 3, 3),
        ("東京に住んでいます", 7, 12),
        ("ฉันชอบแมว", 5, 12),
        ("Я живу в Берлине.", 6, 14),
        ("def f(x):\n    return x\n", 9, 14),
        ("\U0001f600\U0001f600", 2, 6),
        ("!!!", 1, 3),
    ],
)
def test_counts_what_common_tokenizers_would_about(text: str, least: int, most: int) -> None:
    assert least <= count(text) <= most


@given(st.text(), st.text())
def test_more_text_never_costs_less(left: str, right: str) -> None:
    assert max(count(left), count(right)) <= count(left + right) <= count(left) + count(right) + 1


@given(st.text(alphabet=st.characters(exclude_categories=["Zs", "Zl", "Zp", "Cc", "Cf", "Cn", "Mn", "Mc", "Me"])))
def test_visible_text_is_never_free(text: str) -> None:
    assert (count(text) > 0) == bool(text)


@given(st.text(alphabet="aZ \t\n\u00a0\x1c09_.é漢Я", max_size=20))
def test_spaces_cost_what_they_cost_by_themselves(text: str) -> None:
    """One alone is free; a run of more costs one for four."""
    gaps = [len(gap) for gap in re.findall(r"[^\S\n]+", text)]
    costs = sum(math.ceil(size / 4) for size in gaps if size > 1)
    assert count(text) == costs + sum(map(count, re.split(r"[^\S\n]+", text)))
