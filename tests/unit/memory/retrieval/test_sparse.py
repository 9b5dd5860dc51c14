"""Words as hashed stems."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.retrieval.sparse import MAX_WORD_CHARS, STOP_WORDS, stem, term_of, terms, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("The WHO and of!", []),
        ("I can't recall Zoë's café.", ["recall", "zoe", "cafe"]),
        ("don\u2019t you\u2019ll O\u2019Brien", ["o'brien"]),
        ("state-of-the-art 3.14 a_b", ["state", "art", "3", "14", "b"]),
        ("Straße \uff26\uff35\uff2c\uff2c \ufb01ne", ["strasse", "full", "fine"]),
        ("Привет, мир!", ["привет", "мир"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("한국어", ["한국어"]),
        ("東京に", ["東京", "京に"]),
        ("猫", ["猫"]),
        ("NHKの東京", ["nhk", "の東", "東京"]),
        ("東京NHK大阪", ["東京", "nhk", "大阪"]),
        ("\ud800 lone", ["lone"]),
    ],
)
def test_words_of_any_script(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_forms_of_a_word_share_a_term() -> None:
    assert terms("She walks; walking, WALKED.") == {term_of("walk"): 3}


def test_a_term_is_the_same_in_every_process() -> None:
    """Terms are stored, so a release that hashes otherwise would lose every index."""
    assert term_of("allergy") == 2234898806
    program = "from treering.memory.retrieval.sparse import terms; print(terms('peanut allergies'))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(terms("peanut allergies"))


@given(st.text())
def test_any_text_gives_terms_of_32_bits(text: str) -> None:
    found = terms(text)
    assert all(0 <= term < 2**32 and count > 0 for term, count in found.items())
    assert sum(found.values()) == len(words(text))
    assert not STOP_WORDS & set(words(text))


@given(st.text(), st.text())
def test_texts_apart_have_the_terms_of_both(left: str, right: str) -> None:
    together = terms(f"{left} | {right}")
    assert together == {term: terms(left).get(term, 0) + terms(right).get(term, 0) for term in together}
    assert together.keys() == terms(left).keys() | terms(right).keys()


def test_endless_words_are_cut() -> None:
    assert words("x" * 100_000) == ["x" * MAX_WORD_CHARS]


def test_threads_do_not_mix_their_stems() -> None:
    forms = [f"{root}ings" for root in ("walk", "talk", "build", "paint", "cook")] * 200
    expected = [stem(form) for form in forms]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(stem, forms)) == expected
    finally:
        sys.setswitchinterval(interval)
