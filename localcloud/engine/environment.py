"""The one reader of `os.environ` in this package."""

from __future__ import annotations

import os
from pathlib import Path

from localcloud.engine.errors import EngineError


def passphrase() -> str | None:
    """The passphrase of the secrets provider, from the same variables as in the Pulumi CLI."""
    file = os.environ.get("PULUMI_CONFIG_PASSPHRASE_FILE")
    if "PULUMI_CONFIG_PASSPHRASE" in os.environ or not file:
        return os.environ.get("PULUMI_CONFIG_PASSPHRASE")
    try:
        return Path(file).read_text().strip()
    except OSError as error:
        raise EngineError(f"PULUMI_CONFIG_PASSPHRASE_FILE {file} cannot be read: {error.strerror}") from error


def search_path() -> str:
    """`PATH`."""
    return os.environ.get("PATH", "")


def pulumi_home() -> Path:
    """Where the Pulumi CLI installs plugins."""
    return Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")


def debug_providers() -> dict[str, int]:
    """Package -> port of plugins that run already, from `PULUMI_DEBUG_PROVIDERS`."""
    found = {}
    for entry in filter(None, os.environ.get("PULUMI_DEBUG_PROVIDERS", "").split(",")):
        package, _, port = entry.partition(":")
        if not port.isdigit():
            raise EngineError(f"PULUMI_DEBUG_PROVIDERS: {entry!r} is not of the form package:port")
        found[package] = int(port)
    return found


def ignores_ambient_plugins() -> bool:
    """Whether plugins on `PATH` do not count."""
    return os.environ.get("PULUMI_IGNORE_AMBIENT_PLUGINS", "").lower() in {"1", "true"}


def for_plugin(additions: dict[str, str]) -> dict[str, str]:
    """The environment of a plugin process: this one's, and `additions`."""
    return {**os.environ, **additions}
