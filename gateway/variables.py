"""The environment variables a gateway runs with: plain ones, and references to secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MASTER_KEY: Final = "LITELLM_MASTER_KEY"
"""LiteLLM refuses to start without it; the acceptance checks call the gateway with it."""

PROVIDER_KEYS: Final = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY")

REQUIRED_SECRETS: Final = (*PROVIDER_KEYS, MASTER_KEY)


SECRET_PREFIXES: Final = {MASTER_KEY: "sk-"}
"""What a secret has to start with: LiteLLM takes no other key of a client."""


@dataclass(frozen=True)
class VariablePlan:
    """`plain` holds values, `secrets` holds `projects/P/secrets/S/versions/N` references and never a value.

    `secret_prefixes` says of some secrets what they have to start with.
    """

    plain: Mapping[str, str]
    secrets: Mapping[str, str]
    secret_prefixes: Mapping[str, str]


def plan(port: int, references: Mapping[str, str]) -> VariablePlan:
    """The variables of a gateway that listens on `port` and takes its secrets from `references`."""
    return VariablePlan(plain={"PORT": str(port)}, secrets=dict(references), secret_prefixes=SECRET_PREFIXES)
