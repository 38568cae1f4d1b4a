"""What the plugin is told from outside: the provider's configuration and, in this module alone, the environment."""

from __future__ import annotations

import os
import sys
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pulumi_railway import secret_references
from pulumi_railway.handlers.base import UNKNOWN, CheckFailure

if TYPE_CHECKING:
    from pulumi_railway.handlers.base import Properties

DEFAULT_API_URL: Final = "https://backboard.railway.com/graphql/v2"

KNOWN: Final = ("apiUrl", "tokenSecret")
_ENGINES_OWN: Final = {"version", "pluginDownloadURL", "__internal", "__defaults"}

_PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
GATE_VARIABLES: Final = (
    *("HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *_PROXIES,
    *(name.lower() for name in _PROXIES),
)
"""What a gate sees of this process's environment besides PATH: enough to reach the network, and no credential."""


@dataclass(frozen=True)
class Environment:
    """The environment variables this package reads; empty ones count as unset.

    `gate` is what a gate's process starts from.
    """

    api_url: str | None
    project_token: str | None = field(repr=False)
    api_token: str | None = field(repr=False)
    secret_manager_endpoint: str | None
    google_access_token: str | None = field(repr=False)
    gate: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class ProviderConfig:
    """The provider's inputs: another endpoint, and the reference of the secret that holds the token."""

    api_url: str | None = None
    token_secret: str | None = None


def read_environment(environ: Mapping[str, str] = os.environ) -> Environment:
    """The environment of this process, reduced to what is used."""
    return Environment(
        api_url=environ.get("RAILWAY_API_URL") or None,
        project_token=environ.get("RAILWAY_TOKEN") or None,
        api_token=environ.get("RAILWAY_API_TOKEN") or None,
        secret_manager_endpoint=environ.get("GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT") or None,
        google_access_token=environ.get("GOOGLE_OAUTH_ACCESS_TOKEN") or None,
        gate=_gate_environment(environ),
    )


def check_config(inputs: Properties) -> Sequence[CheckFailure]:
    """What is wrong with the provider's inputs; unknown values pass."""
    failures = [
        CheckFailure(name, f"is no setting of this provider; it has {', '.join(KNOWN)}")
        for name in sorted(set(inputs) - set(KNOWN) - _ENGINES_OWN)
    ]
    for name, flaw in (("apiUrl", url_flaw), ("tokenSecret", _reference_flaw)):
        value = inputs.get(name)
        if value is not None and value is not UNKNOWN and (problem := flaw(value)):
            failures.append(CheckFailure(name, problem))
    return failures


def provider_config(inputs: Properties) -> ProviderConfig:
    """Checked inputs, all of them known, as a value."""
    return ProviderConfig(api_url=inputs.get("apiUrl") or None, token_secret=inputs.get("tokenSecret") or None)


def url_flaw(value: object) -> str | None:
    """Why `value` is no endpoint to send a token to; None where it is one."""
    if isinstance(value, str) and _is_endpoint(value):
        return None
    return "must be an https:// URL (http:// is for this machine only) without user, query or fragment"


def _is_endpoint(text: str) -> bool:
    try:
        url = urllib.parse.urlsplit(text)
        bare = url.port != 0 and not (url.username or url.password or url.query or url.fragment)
    except ValueError:
        return False
    local = url.hostname in {"127.0.0.1", "::1", "localhost"}
    return bare and bool(url.hostname) and url.scheme in ({"http", "https"} if local else {"https"})


def _reference_flaw(value: object) -> str | None:
    if isinstance(value, str) and secret_references.parse(value):
        return None
    return f"must be a reference to a secret, {secret_references.FORM}, and never a value"


def _gate_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """PATH begins with this interpreter's directory, so that a gate's `python` has the same packages."""
    path = os.pathsep.join(filter(None, [str(Path(sys.executable).parent), environ.get("PATH", os.defpath)]))
    return {"PATH": path, **{name: environ[name] for name in GATE_VARIABLES if name in environ}}
