"""The environment variables a gateway runs with: plain ones, and references to secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MASTER_KEY: Final = "LITELLM_MASTER_KEY"
"""LiteLLM refuses to start without it; the acceptance checks call the gateway with it."""

PROVIDER_KEYS: Final = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY")

CLIENT_KEYS: Final = "GATEWAY_CLIENT_KEYS"
"""The list of the clients' keys, where there are any."""

REQUIRED_SECRETS: Final = (*PROVIDER_KEYS, MASTER_KEY)

SECRET_PREFIXES: Final = {MASTER_KEY: "sk-", CLIENT_KEYS: "["}
"""What a secret has to start with: LiteLLM takes no other key of a client, and the gateway nothing but a list."""


@dataclass(frozen=True)
class VariablePlan:
    """`plain` holds values, `secrets` holds `projects/P/secrets/S/versions/N` references and never a value.

    `secret_prefixes` says of some secrets what they have to start with.
    """

    plain: Mapping[str, str]
    secrets: Mapping[str, str]
    secret_prefixes: Mapping[str, str]


def plan(
    port: int,
    references: Mapping[str, str],
    *,
    draining_seconds: int,
    workers: int = 1,
    volume: bool = False,
    redis_service: str = "",
) -> VariablePlan:
    """The variables of a gateway that listens on `port` and takes its secrets from `references`.

    The gateway is told Railway's `draining_seconds`, to be done within them. Railway mounts volumes for root alone.
    `REDIS_URL` refers to the variable of that name of `redis_service`.
    """
    plain = {"PORT": str(port), "GATEWAY_WORKERS": str(workers), "GATEWAY_DRAINING_SECONDS": str(draining_seconds)}
    if volume:
        plain["RAILWAY_RUN_UID"] = "0"
    if redis_service:
        plain["REDIS_URL"] = f"${{{{{redis_service}.REDIS_URL}}}}"
    prefixes = {name: prefix for name, prefix in SECRET_PREFIXES.items() if name in references}
    return VariablePlan(plain=plain, secrets=dict(references), secret_prefixes=prefixes)
