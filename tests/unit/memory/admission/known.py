"""What tests of admission find known already."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from treering.schemas.claims import Claim, Evidence

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


def claim(number: int, text: str, **changes: Any) -> Claim:  # noqa: ANN401
    fields = {
        "id": f"{number:024x}",
        "path": "taste.food",
        "text": text,
        "valid_from": NOON - timedelta(days=9),
        "recorded_at": NOON - timedelta(days=9),
        "evidence": (Evidence(message_id="old", quote=text, start=0),),
    }
    return Claim.model_validate({**fields, **changes})
