"""`exec --endpoints FILE`: run a command against the local cloud that another process serves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import httpx

from localcloud.cli.process import run
from localcloud.core import client, environment
from localcloud.core.credentials import Identity, Keyring
from localcloud.core.endpoints import EndpointError, Endpoints


def joined(file: Path, identity: Identity, command: Sequence[str]) -> int:
    """The exit status of `command`. Raises `EndpointError` where the cloud cannot be used; then nothing was run."""
    endpoints, keyring = Endpoints.read(file), Keyring.read(file)
    base = environment.current()
    added = client.additions(endpoints, keyring, identity, _commit(endpoints, file), base)
    return run(command, client.merged(base, added))


def _commit(endpoints: Endpoints, file: Path) -> str:
    commit = deployed_commit(endpoints)
    if commit is None:
        raise EndpointError(
            f"no local cloud answers at {endpoints.control}, which {file} names: start it again with `serve`"
        )
    return commit


def deployed_commit(endpoints: Endpoints) -> str | None:
    """The commit that the cloud at `endpoints` deploys, None where no cloud answers there."""
    try:
        answer = httpx.get(f"{endpoints.control}/commit", trust_env=False).raise_for_status()
        return str(answer.json()["commit"])
    except (httpx.HTTPError, ValueError, KeyError):
        return None
