"""The environment as a typed value. No other module reads or writes `os.environ`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from litellm_gateway.errors import StartError

PROVIDER_KEYS: Final = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY")
MASTER_KEY: Final = "LITELLM_MASTER_KEY"
DEFAULT_CONFIG: Final = Path(__file__).resolve().parent.parent / "litellm-config.yaml"
DEFAULT_DATA: Final = DEFAULT_CONFIG.parent / "data"
DATA: Final = "GATEWAY_DATA_DIR"
VOLUME: Final = "RAILWAY_VOLUME_MOUNT_PATH"
REDIS: Final = "REDIS_URL"
WORKERS: Final = "GATEWAY_WORKERS"
DRAINING: Final = "GATEWAY_DRAINING_SECONDS"
CLIENT_KEYS: Final = "GATEWAY_CLIENT_KEYS"

LITELLM_SWITCHES: Final = {
    "LITELLM_MODE": "PRODUCTION",  # reads no .env file
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # these four: prices and presets come with the package, not from the net
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_AUTOROUTER_PRESETS": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_USE_CHAT_COMPLETIONS_URL_FOR_ANTHROPIC_MESSAGES": "True",  # OpenAI is asked as for any chat
    "LITELLM_LOG": "WARNING",
    "NO_DOCS": "True",
    "NO_REDOC": "True",
    "NO_OPENAPI": "True",
    "DISABLE_ADMIN_UI": "True",
}
"""What LiteLLM has to find in the environment when it is imported. The Dockerfile sets the same."""

_HEADER_VALUE: Final = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_PLACEHOLDER: Final = re.compile(r"12345|change.?me|example|placeholder|secret|your|xxx|<|>", re.IGNORECASE)
_SHORTEST_KEY: Final = 19
_DRAINING: Final = 30
_LONGEST_DRAINING: Final = 3600
_MOST_WORKERS: Final = 32

SETTLE_SECONDS: Final = 4
"""How long the end waits for costs that LiteLLM has not told yet."""


@dataclass(frozen=True)
class Settings:
    """Where to listen, the key that clients present, where to keep data, and which deployment this is.

    `data_lasts` says whether the data outlive the deployment; `draining` is how many seconds requests may go on after
    SIGTERM, `workers` how many processes serve.
    """

    host: str
    port: int
    master_key: str = field(repr=False)
    config: Path
    data: Path
    data_lasts: bool
    redis_url: str = field(repr=False)
    draining: int
    workers: int
    deployment: str
    commit: str
    missing_provider_keys: tuple[str, ...]


def secrets() -> list[str]:
    """Every secret value in the environment, so that logs can leave them out."""
    values = [os.environ.get(name, "").strip() for name in (MASTER_KEY, *PROVIDER_KEYS, REDIS)]
    return [value for value in (*values, *_passwords(values[-1])) if value]


def load() -> Settings:
    """Settings from this process's environment. Raises `StartError`."""
    return parse(os.environ)


def data_directory() -> Path:
    """Where this environment's gateway keeps its data."""
    return _data(os.environ)


def redis_url() -> str:
    """Where the gateways of this environment share a ledger; empty where they do not. Raises `StartError`."""
    url = os.environ.get(REDIS, "")
    problem = _redis_problem(url)
    if problem:
        raise StartError([problem])
    return url


def take_client_keys() -> str:
    """The list of clients' keys, which is gone from the environment afterwards; empty where there is none."""
    return os.environ.pop(CLIENT_KEYS, "")


def master_key() -> str:
    """The master key of this environment, unchecked; empty where there is none."""
    return os.environ.get(MASTER_KEY, "")


def config_file() -> Path:
    """The configuration of this environment's gateway."""
    return _config(os.environ)


def prepare_litellm(config: Path) -> None:
    """Set LiteLLM's switches where the environment does not; needed before LiteLLM is imported.

    It would use any Redis that it finds there on every request.
    """
    for name, value in LITELLM_SWITCHES.items():
        os.environ.setdefault(name, value)
    for name in [name for name in os.environ if name.startswith("REDIS_")]:
        del os.environ[name]
    os.environ["CONFIG_FILE_PATH"] = str(config)


def parse(environ: Mapping[str, str]) -> Settings:
    """Settings from `environ`. Raises `StartError` with all problems; none of them shows a value of a key."""
    key = environ.get(MASTER_KEY, "")
    port = environ.get("PORT", "")
    draining = environ.get(DRAINING) or str(_DRAINING)
    redis = environ.get(REDIS, "")
    workers = environ.get(WORKERS) or "1"
    found = (
        _key_problem(key),
        _port_problem(port),
        _draining_problem(draining),
        _redis_problem(redis),
        _workers_problem(workers),
    )
    problems = [problem for problem in found if problem]
    if problems:
        raise StartError(problems)
    return Settings(
        host=environ.get("HOST") or "0.0.0.0",  # noqa: S104 - a container is reached from outside itself
        port=int(port),
        master_key=key,
        config=_config(environ),
        data=_data(environ),
        data_lasts=any(environ.get(name) for name in (DATA, VOLUME, REDIS)),
        redis_url=redis,
        draining=max(0, int(draining) - SETTLE_SECONDS - 1),
        workers=int(workers),
        deployment=_header_value(environ.get("RAILWAY_DEPLOYMENT_ID", "")),
        commit=_header_value(environ.get("RAILWAY_GIT_COMMIT_SHA", "")),
        missing_provider_keys=tuple(name for name in PROVIDER_KEYS if not environ.get(name, "").strip()),
    )


def _config(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("CONFIG_FILE_PATH") or DEFAULT_CONFIG)


def _data(environ: Mapping[str, str]) -> Path:
    return Path(environ.get(DATA) or environ.get(VOLUME) or DEFAULT_DATA)


def key_flaw(key: str) -> str | None:
    """What makes a key unusable, such as "is not set: …"; it never shows the key."""
    advice = "set it to sk- and 64 random hexadecimal digits"
    if not key.strip():
        return f"is not set: {advice}"
    if re.search(r"[^\x21-\x7e]", key):
        return f"holds white space or a character that cannot be in a header: {advice}"
    if not key.startswith("sk-"):
        return f"does not start with sk-: {advice}"
    if len(key) < _SHORTEST_KEY or _PLACEHOLDER.search(key):
        return f"is a placeholder or too short to be random: {advice}"
    return None


def _key_problem(key: str) -> str | None:
    flaw = key_flaw(key)
    return flaw and f"{MASTER_KEY} {flaw}"


def _port_problem(port: str) -> str | None:
    if not port:
        return "PORT is not set: set it to the port to listen on, such as 4000"
    if not _is_number(port, 1, 65535):
        return "PORT has to be a whole number from 1 to 65535, such as 4000"
    return None


def _draining_problem(seconds: str) -> str | None:
    if not _is_number(seconds, 0, _LONGEST_DRAINING):
        return f"{DRAINING} has to be a whole number of seconds from 0 to {_LONGEST_DRAINING}, such as {_DRAINING}"
    return None


def _workers_problem(number: str) -> str | None:
    if not _is_number(number, 1, _MOST_WORKERS):
        return f"{WORKERS} has to be a whole number from 1 to {_MOST_WORKERS}, such as the number of cores"
    return None


def _redis_problem(url: str) -> str | None:
    parts = _split(url)
    if url and not (parts and parts.scheme in {"redis", "rediss"} and parts.hostname):
        return f"{REDIS} has to be redis:// or rediss:// and a host, such as redis://default:PASSWORD@redis:6379"
    return None


def _passwords(url: str) -> list[str]:
    """The password in an address, as it is written there and as it is sent."""
    parts = _split(url)
    return [parts.password, unquote(parts.password)] if parts and parts.password else []


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return None
    return parts


def _is_number(text: str, low: int, high: int) -> bool:
    return re.fullmatch(r"[0-9]{1,9}", text) is not None and low <= int(text) <= high


def _header_value(text: str) -> str:
    return text if _HEADER_VALUE.fullmatch(text) else "unknown"
