"""Pin every secret to one version: from here on the program knows references and never a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pulumi
from pulumi_gcp.secretmanager import get_secret_version

LATEST = "latest"


class SecretsError(pulumi.RunError):
    """Secrets cannot be used; the message lists each with the command that mends it."""


def pin(secrets: Iterable[str], project: str, options: pulumi.InvokeOptions) -> Mapping[str, str]:
    """Secret name -> `projects/P/secrets/S/versions/N`. Reads metadata only, no payload.

    A secret whose version cannot be told keeps the version `latest`, which `require_usable` then explains.
    """
    return {secret: _reference(secret, project, options) for secret in sorted(set(secrets))}


def _reference(secret: str, project: str, options: pulumi.InvokeOptions) -> str:
    name = f"projects/{project}/secrets/{secret}"
    try:
        found = get_secret_version(secret=secret, project=project, fetch_secret_data=False, opts=options)
    except Exception as error:  # noqa: BLE001 - the SDK raises bare Exception for a failed invoke
        pulumi.log.debug(f"{name}: {error}")
        return version(name, LATEST)
    return version(name, found.version)


def version(secret: str, number: str) -> str:
    """The reference of one version of `secret` (`projects/P/secrets/S`)."""
    return f"{secret}/versions/{number}"


def require_usable(problems: Iterable[Mapping[str, str]]) -> None:
    """Raise one `SecretsError` that lists all `problems`, each with `reference`, `problem` and `remedy`."""
    listed = [f"  - {problem['reference']}: {problem['problem']}\n      {problem['remedy']}" for problem in problems]
    if listed:
        raise SecretsError(f"{len(listed)} secret(s) cannot be used, nothing was changed:\n" + "\n".join(listed))
