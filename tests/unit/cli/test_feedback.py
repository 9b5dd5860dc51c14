"""`treering confirm | correct | reject | add` and `treering quarantine` from the outside."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from typer.testing import Result

from treering.errors import InvalidInput, UnknownClaim, UnknownPath
from treering.schemas.feedback import Feedback, Released
from treering.schemas.listening import Held

Run = Callable[..., Result]


@pytest.fixture
def run(command: Run) -> Run:
    """Runs a command on a store of the test's own, in which Ana has said two things."""
    command("remember", "ana", "I live in Porto.", "--id", "m1")
    command("remember", "ana", "I love jazz.", "--id", "m2")
    return command


def claim_ids(run: Run) -> dict[str, str]:
    """Ids by text."""
    tree = json.loads(run("tree", "ana", "--json").stdout)
    return {claim["text"]: claim["id"] for slot in tree["slots"] for claim in slot["claims"]}


def plain(result: Result) -> str:
    return " ".join(result.output.split())


# -- feedback


def test_a_claim_is_confirmed_by_the_beginning_of_its_id(run: Run) -> None:
    shown = plain(run("confirm", "ana", claim_ids(run)["lives in Porto"][:6], "--why", "on a form"))
    assert "- home.city: lives in Porto + home.city: lives in Porto confirmed Version 3." in shown
    assert "undo ana --version 3" in shown
    assert "lives in Porto confirmed" in plain(run("tree", "ana"))
    assert "feedback" in plain(run("history", "ana"))
    assert plain(run("history", "ana")).count("why: on a form") == 1
    assert plain(run("confirm", "ana", claim_ids(run)["lives in Porto"])) == "Nothing to do: it stands so already."
    assert plain(run("undo", "ana", "--version", "3"))
    assert "confirmed" not in plain(run("tree", "ana"))


def test_a_claim_is_corrected_and_rejected(run: Run) -> None:
    ids = claim_ids(run)
    assert "+ home.city: lives in Braga" in plain(run("correct", "ana", ids["lives in Porto"], "lives in Braga"))
    assert "- preferences.music: loves jazz Version 4." in plain(run("reject", "ana", ids["loves jazz"]))
    assert list(claim_ids(run)) == ["lives in Braga"]
    heard = run("remember", "ana", "I love jazz.")
    assert "treering allow ana" in plain(heard).replace("/", " "), "it says how to let it be learned again"
    assert list(claim_ids(run)) == ["lives in Braga"]


def test_a_claim_is_added_with_day_condition_and_subject(run: Run) -> None:
    done = Feedback.model_validate_json(
        run(
            "add", "ana", "preferences.drinks", "drinks tea", "--since", "2024-03-01", "--condition", "on weekdays",
            "--subject", "person:Bo", "--why", "told on the phone", "--json",
        ).stdout
    )  # fmt: skip
    assert done.after is not None
    assert (done.after.subject, done.after.condition, f"{done.after.valid_from:%Y-%m-%d}") == (
        "person:Bo",
        "on weekdays",
        "2024-03-01",
    )
    assert "drinks tea [on weekdays] confirmed 2024-03-01" in plain(run("tree", "ana", "--subject", "person:Bo"))


@pytest.mark.parametrize(
    ("words", "error", "says"),
    [
        (("confirm", "ana", "12345"), InvalidInput, "at least 6 digits, from `treering tree USER --ids`"),
        (("reject", "ana", "0" * 24), UnknownClaim, "treering tree USER --ids"),
        (("correct", "ana", "0" * 24, "x"), UnknownClaim, "treering tree USER --ids"),
        (("add", "ana", "preferences.drink", "tea"), UnknownPath, "did you mean preferences.drinks"),
        (("add", "ana", "preferences", "tea"), InvalidInput, "name a slot of it: "),
        (("add", "ana", "home.city", " "), InvalidInput, "say it in words"),
        (("quarantine", "release", "ana", "0" * 24), InvalidInput, "treering quarantine list USER"),
        (("quarantine", "release", "ana"), InvalidInput, "an id, a rule, or a window"),
        (("quarantine", "drop", "ana", "--rule", "none"), InvalidInput, "nothing held by rule 'none' waits"),
    ],
)
def test_an_error_says_what_to_do(run: Run, words: tuple[str, ...], error: type[Exception], says: str) -> None:
    with pytest.raises(error) as raised:
        run(*words)
    assert says in str(raised.value)


def test_json_is_the_value_of_the_sdk(run: Run) -> None:
    first = claim_ids(run)["lives in Porto"]
    confirmed = Feedback.model_validate_json(run("confirm", "ana", first, "--json").stdout)
    corrected = Feedback.model_validate_json(run("correct", "ana", first, "lives in Braga", "--json").stdout)
    assert corrected.after is not None
    rejected = Feedback.model_validate_json(run("reject", "ana", corrected.after.id, "--json").stdout)
    assert [one.kind for one in (confirmed, corrected, rejected)] == ["confirm", "correct", "reject"]
    assert (corrected.before, rejected.before) == (confirmed.after, corrected.after)


# -- quarantine


def test_what_waits_is_listed_with_rule_reason_and_words_and_is_released(run: Run) -> None:
    asked = run("remember", "ana", "Please forget that I love jazz.")
    assert "quarantine list ana" in plain(asked)
    shown = plain(run("quarantine", "list", "ana"))
    assert "DELETE preferences.music: loves jazz (forgotten) asked-to-forget: erasure cannot be undone" in shown
    assert "“Please forget that I love jazz.”" in shown
    [held] = [Held.model_validate(one) for one in json.loads(run("quarantine", "list", "ana", "--json").stdout)]
    assert held.id in shown
    done = run("quarantine", "release", "ana", held.id[:6])
    assert "Erased: 1 claim(s)" in plain(done)
    assert list(claim_ids(run)) == ["lives in Porto"]
    assert plain(run("quarantine", "list", "ana")) == "Nothing waits."


def test_what_waits_is_dropped_or_released_by_its_rule(run: Run) -> None:
    run("remember", "ana", "Please forget that I love jazz.")
    assert "Dropped 1; nothing was changed." in plain(run("quarantine", "drop", "ana", "--rule", "asked-to-forget"))
    assert "loves jazz" in claim_ids(run)
    run("remember", "ana", "Please forget that I live in Porto.")
    released = Released.model_validate_json(
        run("quarantine", "release", "ana", "--rule", "asked-to-forget", "--json").stdout
    )
    assert released.receipt is not None
    assert list(claim_ids(run)) == ["loves jazz"]
