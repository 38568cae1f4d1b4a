"""The secrets and their versions, with the rules that the service has for them. Knows nothing of HTTP."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import IntEnum

from localcloud.core.payloads import generate
from localcloud.core.seed import SecretManagerSeed
from localcloud.secret_manager.errors import GoogleError

LATEST = "latest"
MAX_PAYLOAD = 65_536
_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")


class State(IntEnum):
    """States of a version, with the numbers of the API's enumeration."""

    ENABLED = 1
    DISABLED = 2
    DESTROYED = 3


@dataclass(frozen=True)
class Version:
    """One version; `payload` is gone once it is destroyed. `name` is its full resource name."""

    name: str
    number: int
    created: datetime
    state: State = State.ENABLED
    destroyed: datetime | None = None
    payload: bytes = field(default=b"", repr=False)
    with_checksum: bool = False


@dataclass
class Secret:
    """A secret and its versions by number, ascending. `shape` says what a generated payload looks like."""

    name: str
    created: datetime
    shape: str = "litellm"
    versions: dict[int, Version] = field(default_factory=dict)


class SecretStore:
    """All secrets of the project. Safe to use from several threads. Every method raises `GoogleError`."""

    def __init__(self, seed: SecretManagerSeed) -> None:
        self._lock = threading.RLock()
        self._seed = seed
        self._secrets: dict[str, Secret] = {}
        self._payloads: dict[str, set[str]] = {}
        self.reset()

    def reset(self) -> None:
        """Back to the seed: each secret with its one version."""
        with self._lock:
            self._secrets.clear()
            for secret in self._seed.secrets:
                self.create(secret.name, secret.shape)
                self.add_version(secret.name, secret.payload.encode())

    def create(self, name: str, shape: str = "litellm") -> Secret:
        """A new secret without a version."""
        if not _NAME.fullmatch(name):
            raise GoogleError("INVALID_ARGUMENT", f"Resource ID [{self._resource(name)}] is not in a valid format.")
        with self._lock:
            if name in self._secrets:
                raise GoogleError("ALREADY_EXISTS", f"Secret [{self._resource(name)}] already exists.")
            self._secrets[name] = Secret(self._resource(name), datetime.now(UTC), shape)
            return self._secrets[name]

    def delete(self, name: str) -> None:
        """Remove a secret with all its versions."""
        with self._lock:
            self.get(name)
            del self._secrets[name]

    def get(self, name: str) -> Secret:
        """The secret of that short name."""
        with self._lock:
            if name not in self._secrets:
                raise GoogleError("NOT_FOUND", f"Secret [{self._resource(name)}] not found.")
            return self._secrets[name]

    def names(self) -> list[str]:
        """The short names of all secrets, oldest first."""
        with self._lock:
            return list(self._secrets)

    def payloads(self, name: str) -> frozenset[str]:
        """Every payload that a secret ever had, also of destroyed versions and before a reset."""
        with self._lock:
            return frozenset(self._payloads.get(name, ()))

    def every_payload(self) -> frozenset[str]:
        """Every payload that any secret ever had, but the empty one: for searches of leaks."""
        with self._lock:
            return frozenset().union(*self._payloads.values()) - {""}

    def secrets(self) -> list[Secret]:
        """All secrets, newest first."""
        with self._lock:
            return list(reversed(self._secrets.values()))

    def versions(self, name: str) -> list[Version]:
        """All versions of a secret, newest first."""
        with self._lock:
            return list(reversed(self.get(name).versions.values()))

    def version(self, name: str, version: str) -> Version:
        """The version of that number; `latest` is the newest one, whatever its state."""
        with self._lock:
            versions = self._secrets[name].versions if name in self._secrets else {}
            if not versions:
                raise GoogleError("NOT_FOUND", f"Secret [{self._resource(name)}] not found or has no versions.")
            number = max(versions) if version == LATEST else int(version) if version.isdecimal() else 0
            if number not in versions:
                raise GoogleError("NOT_FOUND", f"Secret Version [{self._resource(name)}/versions/{version}] not found.")
            return versions[number]

    def access(self, name: str, version: str) -> Version:
        """The version with its payload; only an enabled one gives it."""
        found = self.version(name, version)
        if found.state is not State.ENABLED:
            raise GoogleError("FAILED_PRECONDITION", f"Secret Version [{found.name}] is in {found.state.name} state.")
        return found

    def add_version(self, name: str, payload: bytes, *, with_checksum: bool = False) -> Version:
        """A new enabled version."""
        with self._lock:
            secret = self.get(name)
            number = max(secret.versions, default=0) + 1
            version = Version(
                f"{secret.name}/versions/{number}",
                number,
                datetime.now(UTC),
                payload=payload,
                with_checksum=with_checksum,
            )
            secret.versions[number] = version
            self._payloads.setdefault(name, set()).add(payload.decode(errors="replace"))
            return version

    def add_generated_version(self, name: str) -> Version:
        """A new enabled version with a random payload of the secret's shape."""
        with self._lock:
            return self.add_version(name, generate(self.get(name).shape).encode())

    def set_state(self, name: str, version: str, state: State) -> Version:
        """Enable, disable or destroy a version; a destroyed one stays destroyed."""
        with self._lock:
            found = self.version(name, version)
            if found.state is State.DESTROYED:
                raise GoogleError("FAILED_PRECONDITION", f"Secret Version [{found.name}] is in DESTROYED state.")
            changed = replace(found, state=state)
            if state is State.DESTROYED:
                changed = replace(changed, payload=b"", destroyed=datetime.now(UTC))
            self._secrets[name].versions[found.number] = changed
            return changed

    def _resource(self, name: str) -> str:
        return f"projects/{self._seed.project_number}/secrets/{name}"
