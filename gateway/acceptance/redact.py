"""The one place that makes text from outside fit to be shown: no secret, no control character, not endless."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 300
HIDDEN: Final = "[redacted]"

KEY_SHAPES: Final = re.compile(
    r"\b(?:sk-|AIza|ghp_|github_pat_|ya29\.)[\w\-.*]{4,}|\bBearer\s+[^\s\"',]+", re.IGNORECASE
)
UNPRINTABLE: Final = re.compile(r"[^\S ]+|[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


def clean(text: str, secret: str | None = None) -> str:
    """`text` on one line of at most 300 characters, without `secret` and without whatever looks like a key."""
    if secret:
        text = text.replace(secret, HIDDEN)
    text = KEY_SHAPES.sub(HIDDEN, text)
    text = " ".join(UNPRINTABLE.sub(" ", text).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
