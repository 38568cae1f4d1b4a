"""What a client of the local cloud needs beside its endpoints: tokens, and whom to trust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal, Self, get_args

from localcloud.core.endpoints import EndpointError, read_object, write_object
from localcloud.core.seed import Seed

Identity = Literal["deploy", "preview"]
IDENTITIES: tuple[Identity, ...] = get_args(Identity)


@dataclass(frozen=True)
class Credentials:
    """The tokens of one identity. `deploy` may do everything, `preview` reads and sees no secret's payload."""

    railway: str = field(repr=False)
    secret_manager: str = field(repr=False)
    github: str = field(repr=False)


@dataclass(frozen=True)
class Keyring:
    """The credentials of every identity, and the file of certificates that makes clients trust the local domains."""

    deploy: Credentials
    preview: Credentials
    bundle: str

    @classmethod
    def of(cls, seed: Seed, bundle: Path) -> Self:
        """Everything that `seed` lets in. Railway knows one identity only."""
        railway, manager, github = seed.railway, seed.secret_manager, seed.github
        return cls(
            Credentials(railway.project_token, manager.deploy_token, github.deploy_token),
            Credentials(railway.project_token, manager.preview_token, github.preview_token),
            str(bundle),
        )

    def get(self, identity: Identity) -> Credentials:
        """The credentials of one identity."""
        return {"deploy": self.deploy, "preview": self.preview}[identity]

    @classmethod
    def read(cls, endpoints: Path) -> Self:
        """The keyring beside the file with the endpoints. Raises `EndpointError`."""
        file = keyring_file(endpoints)
        document = read_object(file)
        try:
            tokens = {identity: Credentials(**document[identity]) for identity in IDENTITIES}
            return cls(tokens["deploy"], tokens["preview"], str(document["bundle"]))
        except (KeyError, TypeError) as error:
            raise EndpointError(f"{file} was not written by `serve`: start it again") from error

    def write(self, endpoints: Path) -> None:
        """Put the keyring beside the file with the endpoints, readable by its owner only."""
        write_object(keyring_file(endpoints), asdict(self))


def keyring_file(endpoints: Path) -> Path:
    """Where the keyring is that belongs to a file with endpoints."""
    return endpoints.with_name(f"{endpoints.name}.credentials")


def variables(urls: Mapping[str, str], credentials: Credentials, bundle: str, commit: str) -> dict[str, str]:
    """The environment variables that lead a client of the real services to the local ones.

    `urls` are those of `Endpoints`; `commit` is what Railway will build.
    """
    return {
        "RAILWAY_API_URL": urls["railway"],
        "RAILWAY_TOKEN": credentials.railway,
        "GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT": f"{urls['secret_manager']}/v1/",
        "GOOGLE_OAUTH_ACCESS_TOKEN": credentials.secret_manager,
        "GITHUB_BASE_URL": f"{urls['github']}/",
        "GITHUB_TOKEN": credentials.github,
        "GITHUB_SHA": commit,
        "SSL_CERT_FILE": bundle,
    }
