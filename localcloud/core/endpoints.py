"""Where the services of a local cloud listen: base URLs, kept in a file for other processes, loopback only."""

from __future__ import annotations

import ipaddress
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from localcloud.core.errors import LocalCloudError


class EndpointError(LocalCloudError):
    """An endpoint or the file that should hold it is not usable; the message says which and why."""


@dataclass(frozen=True)
class Endpoints:
    """One URL for each service. Raises `EndpointError` for one that leads elsewhere than to this machine."""

    railway: str
    secret_manager: str
    github: str
    models: str
    control: str

    def __post_init__(self) -> None:
        for name, url in asdict(self).items():
            require_loopback(name, url)

    @classmethod
    def read(cls, file: Path) -> Self:
        """The endpoints that `write` put into `file`. Raises `EndpointError`."""
        document = read_object(file)
        names = [item.name for item in fields(cls)]
        if sorted(document) != sorted(names) or not all(isinstance(url, str) for url in document.values()):
            raise EndpointError(f"{file} must hold one URL each for {', '.join(names)}")
        return cls(**document)

    def write(self, file: Path) -> None:
        """Put the endpoints into `file`, in one step, so that nobody reads half of them."""
        write_object(file, asdict(self))


def require_loopback(name: str, url: str) -> None:
    """Raise `EndpointError` unless `url` leads to this machine: nothing of a local run goes outside."""
    host = urlsplit(url).hostname or ""
    if host != "localhost" and not _is_loopback(host):
        raise EndpointError(f"endpoint {name} is {url}, which is not on this machine: a local cloud uses loopback only")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_object(file: Path) -> dict[str, Any]:
    """The JSON object in `file`. Raises `EndpointError`."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise EndpointError(
            f"{file} cannot be read ({error.strerror}): start a local cloud with `serve --endpoints {file}` first"
        ) from error
    except ValueError as error:
        raise EndpointError(f"{file} does not hold JSON: {error}") from error
    if not isinstance(document, dict):
        raise EndpointError(f"{file} does not hold a JSON object")
    return document


def write_object(file: Path, document: Mapping[str, Any]) -> None:
    """Put a JSON object into `file`, readable by its owner only, in one step. Raises `EndpointError`."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)
        temporary.touch(mode=0o600)
        temporary.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        temporary.replace(file)
    except OSError as error:
        raise EndpointError(f"{file} cannot be written: {error.strerror}") from error
