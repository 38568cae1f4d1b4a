"""Secret payloads of realistic shape, different at every start, and worth nothing anywhere else."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Mapping

SHAPES: Mapping[str, Callable[[], str]] = {
    "anthropic": lambda: f"sk-ant-api03-{secrets.token_urlsafe(69)}",
    "openai": lambda: f"sk-proj-{secrets.token_urlsafe(60)}",
    "gemini": lambda: f"AIzaSy{secrets.token_urlsafe(24)}a",
    "litellm": lambda: f"sk-{secrets.token_hex(32)}",
    "railway": lambda: str(uuid.uuid4()),
    "google": lambda: f"ya29.{secrets.token_urlsafe(96)}",
    "github": lambda: f"ghp_{secrets.token_hex(18)}",
}


def generate(shape: str) -> str:
    """A new payload of a shape. Raises `KeyError` for a shape that is not in `SHAPES`."""
    return SHAPES[shape]()
