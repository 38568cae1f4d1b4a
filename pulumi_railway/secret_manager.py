"""Secrets by reference: payloads when they are applied, metadata when they are only verified."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pulumi_railway import secret_references
from pulumi_railway.errors import UserError
from pulumi_railway.redaction import Redactor
from pulumi_railway.secret_failures import Denied, Missing, Unreachable, Unusable
from pulumi_railway.secret_payloads import crc32c, flaws
from pulumi_railway.secret_references import Reference

if TYPE_CHECKING:
    from pulumi_railway.secret_api import SecretApi

TIMEOUT: Final = 15.0
"""Seconds for one request, repeats included."""

ACCESS_ROLE: Final = "roles/secretmanager.secretAccessor"
VIEW_ROLE: Final = "roles/secretmanager.viewer"

_LOGIN: Final = "Run `gcloud auth application-default login`, or check the network; then run again."


class SecretError(UserError):
    """Secrets cannot be used; the message lists each with what is wrong and never holds a value."""


@dataclass(frozen=True)
class Problem:
    """Why a reference cannot be used, and the command or change that mends it."""

    reference: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.problem}. {self.remedy}"


class SecretManager:
    """Google's Secret Manager over REST, safe to use from several threads. Close it when done.

    `endpoint` replaces Google's, e.g. `http://127.0.0.1:8085/v1/`; `access_token` replaces the default credentials.
    Every payload is registered with `redactor` as soon as it is read. Nothing is kept.
    """

    def __init__(
        self,
        *,
        endpoint: str | None = None,
        access_token: str | None = None,
        redactor: Redactor | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self.redactor = redactor or Redactor()
        self.redactor.register(access_token or "")
        self._settings = (endpoint, access_token, timeout)
        self._lock = threading.Lock()
        self._opened: SecretApi | None = None

    def close(self) -> None:
        """Close the connections."""
        if self._opened is not None:
            self._opened.close()

    def payload(self, reference: str) -> str:
        """The text of one secret version. Raises `SecretError`."""
        return self.payloads({reference: reference})[reference]

    def payloads(self, references: Mapping[str, str], prefixes: Mapping[str, str] | None = None) -> dict[str, str]:
        """The text of each secret version, by the name it is wanted under. Raises one `SecretError` for all.

        `prefixes` says of some names what their text has to start with.
        """
        found: dict[str, str] = {}
        problems: list[str] = []
        for name, reference in references.items():
            payload = self._payload(reference, (prefixes or {}).get(name, ""))
            if isinstance(payload, str):
                found[name] = payload
            else:
                problems.append(f"{name}: {payload}" if name != reference else str(payload))
        if problems:
            listed = "\n".join(f"  - {problem}" for problem in problems)
            raise SecretError(f"{len(problems)} secret(s) cannot be used, nothing was written:\n{listed}")
        return found

    def verify(self, references: Iterable[str], *, pinned: bool = True) -> list[Problem]:
        """What is wrong with these references, in their order; reads metadata only, never a payload.

        With `pinned` a reference must name its version by number. Raises `SecretError` where Secret Manager itself
        cannot be asked.
        """
        problems = (self._problem(reference, pinned=pinned) for reference in dict.fromkeys(references))
        return [problem for problem in problems if problem is not None]

    def _payload(self, text: str, prefix: str) -> str | Problem:
        reference = secret_references.parse(text)
        if reference is None:
            return _malformed(text)
        try:
            data, checksum = self._api().payload(reference.name)
        except Denied:
            return _denied(text, reference, ACCESS_ROLE)
        except (Missing, Unusable):
            return self._problem(text, pinned=False) or Problem(
                text, f"{reference} cannot be read", reference.list_command()
            )
        except Unreachable as error:
            raise self._unreachable(error) from error
        self.redactor.register(data.decode(errors="ignore").strip())
        if crc32c(data) != checksum:
            return Problem(text, f"{reference} arrived damaged (checksum)", "Run again.")
        if found := flaws(data, prefix):
            remedy = f"Add a sound version: {reference.add_command()}"
            return Problem(text, f"{reference} {' and '.join(found)}", remedy)
        return data.decode()

    def _problem(self, text: str, *, pinned: bool) -> Problem | None:
        reference = secret_references.parse(text)
        if reference is None:
            return _malformed(text)
        try:
            state = self._api().state(reference.name)
        except Missing:
            return self._absence(text, reference)
        except Unusable:
            return Problem(text, f"{reference} is no version", f"Pin a number: {reference.list_command()}")
        except Denied:
            return _denied(text, reference, VIEW_ROLE)
        except Unreachable as error:
            raise self._unreachable(error) from error
        return _state_problem(text, reference, state) or (_not_pinned(text, reference) if pinned else None)

    def _absence(self, text: str, reference: Reference) -> Problem:
        try:
            exists = self._api().exists(reference.secret_name)
        except Denied:
            return _denied(text, reference, VIEW_ROLE)
        if not exists:
            remedy = f"Create it: {reference.create_command()} && {reference.add_command()}"
            return Problem(text, f"secret {reference.secret} does not exist in project {reference.project}", remedy)
        if reference.pinned:
            return Problem(text, f"{reference} does not exist", f"Pin one that does: {reference.list_command()}")
        return Problem(text, f"secret {reference.secret} has no version", f"Add one: {reference.add_command()}")

    def _unreachable(self, error: Exception) -> SecretError:
        return SecretError(f"Secret Manager cannot be asked: {self.redactor(str(error)).rstrip('.')}. {_LOGIN}")

    def _api(self) -> SecretApi:
        with self._lock:
            if self._opened is None:
                try:
                    self._opened = _connect(*self._settings)
                except Unreachable as error:
                    raise self._unreachable(error) from error
            return self._opened


def _connect(endpoint: str | None, access_token: str | None, timeout: float) -> SecretApi:
    from pulumi_railway.secret_api import SecretApi  # noqa: PLC0415 - takes half a second, which few runs need to pay

    return SecretApi(endpoint, access_token, timeout)


def _malformed(text: str) -> Problem:
    return Problem(text, f"{text!r} is no reference to a secret version", f"Write {secret_references.FORM}.")


def _denied(text: str, reference: Reference, role: str) -> Problem:
    return Problem(text, f"{reference} may not be read: {role} is missing", reference.grant_command(role))


def _state_problem(text: str, reference: Reference, state: str) -> Problem | None:
    if state == "DISABLED":
        return Problem(text, f"{reference} is disabled", f"Enable it: {reference.enable_command()}")
    if state == "DESTROYED":
        remedy = f"Add a version and pin that: {reference.add_command()}"
        return Problem(text, f"{reference} is destroyed", remedy)
    return None


def _not_pinned(text: str, reference: Reference) -> Problem | None:
    if reference.pinned:
        return None
    remedy = f"Write {secret_references.FORM} with a number: {reference.list_command()}"
    return Problem(text, f"{reference} is not pinned", remedy)
