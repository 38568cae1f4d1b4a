"""The first state of the local cloud: names and ids from a YAML file, credentials and payloads made at the start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from localcloud.core.errors import LocalCloudError
from localcloud.core.payloads import SHAPES, generate

DEFAULT = Path(__file__).parent.parent / "seed.yaml"


class SeedError(LocalCloudError):
    """The seed file is not usable; the message says which part of it."""


@dataclass(frozen=True)
class RailwaySeed:
    """One project with one environment, and the tokens that are accepted.

    `project_token` belongs to that environment (header Project-Access-Token), `account_token` to its owner (Bearer).
    """

    project_id: str
    project_name: str
    environment_id: str
    environment_name: str
    repository: str
    branch: str
    project_token: str = field(repr=False)
    account_token: str = field(repr=False)


@dataclass(frozen=True)
class SecretSeed:
    """A secret with one enabled version; `shape` is that of its payload and of those generated later."""

    name: str
    shape: str
    payload: str = field(repr=False)


@dataclass(frozen=True)
class SecretManagerSeed:
    """One project with its secrets. The deploy token may read payloads, the preview token metadata only."""

    project_id: str
    project_number: str
    secrets: tuple[SecretSeed, ...]
    deploy_token: str = field(repr=False)
    preview_token: str = field(repr=False)


@dataclass(frozen=True)
class GithubSeed:
    """One repository. The deploy token may write variables, the preview token may only read."""

    repository: str
    branch: str
    variables: Mapping[str, str]
    deploy_token: str = field(repr=False)
    preview_token: str = field(repr=False)


@dataclass(frozen=True)
class ModelsSeed:
    """Provider -> the secret that holds a key it has issued, and provider -> the ids of its models."""

    secrets: Mapping[str, str]
    models: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Seed:
    """The first state of every service."""

    railway: RailwaySeed
    secret_manager: SecretManagerSeed
    github: GithubSeed
    models: ModelsSeed


def load(file: Path = DEFAULT) -> Seed:
    """The seed that `file` describes, with credentials and payloads that are new at each call. Raises `SeedError`."""
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        return _seed(document)
    except (KeyError, TypeError, AttributeError) as error:
        raise SeedError(f"{file}: {error} is missing or has the wrong form") from error
    except (OSError, yaml.YAMLError) as error:
        raise SeedError(f"{file}: {error}") from error


def _seed(document: Mapping[str, Any]) -> Seed:
    repository = {key: document["github"][key] for key in ("repository", "branch")}
    railway = RailwaySeed(
        **document["railway"],
        **repository,
        project_token=generate("railway"),
        account_token=generate("railway"),
    )
    manager = document["secret_manager"]
    return Seed(
        railway=railway,
        secret_manager=SecretManagerSeed(
            project_id=manager["project_id"],
            project_number=str(manager["project_number"]),
            secrets=tuple(_secret(name, value["shape"], railway) for name, value in manager["secrets"].items()),
            deploy_token=generate("google"),
            preview_token=generate("google"),
        ),
        github=GithubSeed(
            **repository,
            variables=dict(document["github"].get("variables") or {}),
            deploy_token=generate("github"),
            preview_token=generate("github"),
        ),
        models=ModelsSeed(
            secrets={name: provider["secret"] for name, provider in document["models"].items()},
            models={name: tuple(provider["models"]) for name, provider in document["models"].items()},
        ),
    )


def _secret(name: str, shape: str, railway: RailwaySeed) -> SecretSeed:
    if shape not in SHAPES:
        raise SeedError(f"secret {name}: no shape {shape!r}; there are {', '.join(SHAPES)}")
    return SecretSeed(name, shape, railway.project_token if shape == "railway" else generate(shape))
