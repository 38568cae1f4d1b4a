"""The state file: read with its secrets decrypted, written atomically."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from localcloud.engine import state as states
from localcloud.engine import urn
from localcloud.engine.errors import EngineError
from localcloud.engine.secrets_provider import Crypter
from localcloud.engine.state import Deployment


class Store:
    """One state file. A missing file is an empty stack. `guard` raises `EngineError` where it must not be written."""

    def __init__(self, path: Path, passphrase: str | None, salt: str = "") -> None:
        self._path = path
        self._passphrase = passphrase
        self._crypter = Crypter(passphrase, salt)
        self.guard: Callable[[], None] = lambda: None

    def read(self, stack: str) -> Deployment:
        """The recorded deployment. Raises `EngineError` for a damaged file or one of another stack."""
        document = self._document()
        if document is None:
            return Deployment()
        try:
            self._use_recorded_salt(document)
            deployment = states.from_json(document, self._crypter.decrypt)
            states.validate(deployment, stack)
        except EngineError as error:
            raise EngineError(f"State file {self._path}: {error}") from error
        return deployment

    def packages(self) -> set[str]:
        """The packages of the recorded providers, from a glance that decrypts nothing; empty for an unreadable file."""
        try:
            document = self._document() or {}
            resources = (document.get("deployment") or {}).get("resources") or ()
            types = [str(entry.get("type")) for entry in resources]
        except (EngineError, AttributeError, TypeError):
            return set()
        return {urn.package_of(type_) for type_ in types if urn.is_provider(type_)}

    def document(self, deployment: Deployment) -> dict[str, Any]:
        """What the file holds for `deployment`. Raises `EngineError` where a secret cannot be encrypted."""
        document = states.to_json(deployment, self._crypter.encrypt)
        provider = self._crypter.provider_state()
        if provider and not deployment.secrets_provider:
            document["deployment"]["secrets_providers"] = provider
        return document

    def write(self, deployment: Deployment) -> None:
        """Replace the file by `deployment`: a reader, or a crash, sees the old or the new one, never a part."""
        self.guard()
        text = json.dumps(self.document(deployment)) + "\n"  # no indent: it is written after every step
        temporary = self._path.with_name(f".{self._path.name}.new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            _write_private(temporary, text)
            self._replace(temporary)
        except OSError as error:
            with suppress(OSError):
                temporary.unlink()
            raise EngineError(f"State file {self._path} cannot be written: {error.strerror}") from error

    def _replace(self, temporary: Path) -> None:
        """The moment from which on the new state counts."""
        temporary.replace(self._path)

    def _document(self) -> dict[str, Any] | None:
        try:
            text = self._path.read_text()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise EngineError(f"State file {self._path} cannot be read: {error}") from error
        try:
            document = json.loads(text)
        except ValueError as error:
            raise EngineError(f"State file {self._path} is no JSON: {error}") from error
        if not isinstance(document, dict):
            raise EngineError(f"State file {self._path} holds no deployment.")
        return document

    def _use_recorded_salt(self, document: dict[str, Any]) -> None:
        try:
            recorded = (document.get("deployment") or {}).get("secrets_providers")
            if not recorded:
                return
            kind, salt = recorded.get("type"), (recorded.get("state") or {}).get("salt", "")
        except AttributeError as error:
            raise EngineError(f"the state is damaged: {error}") from error
        if kind != "passphrase":
            raise EngineError(f"secrets are kept by the provider {kind!r}; the embedded engine knows passphrase only")
        self._crypter = Crypter(self._passphrase, str(salt))


def _write_private(file: Path, text: str) -> None:
    """Write `text` down to the disk. What a run that was killed left under that name is replaced."""
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
