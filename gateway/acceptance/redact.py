"""The one place that makes text from outside fit to be shown: no secret, no control character, not endless."""

from __future__ import annotations

import base64
import json
import re
import urllib.parse
from typing import Final

LONGEST: Final = 300
HIDDEN: Final = "[redacted]"

HINT: Final = 8
"""So many leading characters of a secret already give it away."""

KEY_SHAPES: Final = re.compile(
    r"\b(?:sk-|AIza|ghp_|github_pat_|ya29\.)[\w\-.*]{4,}|\bBearer\s+[^\s\"',]+", re.IGNORECASE
)
URL_SAFE: Final = str.maketrans("+/", "-_")
UNPRINTABLE: Final = re.compile(r"[^\S ]+|[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


def clean(text: str, *secrets: str | None) -> str:
    """`text` on one line of at most 300 characters, without `secrets` in any form and without what looks like a key.

    A secret is found plain, as in JSON or a URL, in base64 also of a text around it, and by its first 8 characters.
    """
    for secret in filter(None, secrets):
        text = _forms(secret).sub(HIDDEN, text)
    text = KEY_SHAPES.sub(HIDDEN, text)
    text = " ".join(UNPRINTABLE.sub(" ", text).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _forms(secret: str) -> re.Pattern[str]:
    """The longest form comes first, so that no part of it is left."""
    forms = {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    forms |= {quote(secret, safe="") for quote in (urllib.parse.quote, urllib.parse.quote_plus)}
    for before in range(3):  # bytes that share the secret's first group of base64
        whole = base64.b64encode(bytes(before) + secret.encode()).decode()
        inner = whole[-(-before * 4 // 3) : (before + len(secret.encode())) * 4 // 3]
        forms |= {inner, inner.translate(URL_SAFE)} if len(inner) >= HINT else set()
    patterns = [re.escape(form) for form in sorted(forms, key=len, reverse=True)]
    hint = [re.escape(secret[:HINT]) + r"[\w\-]*"] if len(secret) > HINT else []
    return re.compile(re.sub(r"%([0-9A-F]{2})", r"(?i:%\1)", "|".join([*patterns, *hint])))
