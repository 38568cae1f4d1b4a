"""Who may ask: whoever presents the master key, or the key of a client, with a budget, models and an end of its own."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from litellm_gateway.errors import RequestError

MASTER: Final = "master"
"""What whoever presents the gateway's own key is called."""


@dataclass(frozen=True)
class Client:
    """One key, of which nothing but a digest is kept. `budget` is in US dollars a day; None bounds nothing.

    `models` are the names it may ask for; a fallback of one of them answers in its place all the same.
    """

    name: str
    digest: bytes = field(repr=False)
    budget: Decimal | None = None
    models: frozenset[str] | None = None
    expires: dt.datetime | None = None

    @property
    def account(self) -> str:
        """Where the ledger counts what it spends."""
        return f"key:{self.name}"

    @property
    def is_master(self) -> bool:
        """Whether it may see what others spend."""
        return self.name == MASTER

    def allows(self, model: str) -> bool:
        """Whether it may ask for that model."""
        return self.models is None or model in self.models

    def has_expired(self, now: dt.datetime) -> bool:
        """Whether its end has come."""
        return self.expires is not None and self.expires <= now


class Keys:
    """The keys of one gateway."""

    def __init__(
        self,
        master_key: str,
        clients: Sequence[Client],
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self._clients = (Client(MASTER, digest(master_key)), *clients)
        self._now = now

    def find(self, presented: str) -> Client | None:
        """Whose key it is; None where it is nobody's, or has expired.

        Digests are compared, in constant time and with all keys, so neither a key's content nor its length nor its
        place can be measured.
        """
        client = self._find(presented)
        return None if client is None or client.has_expired(self._now()) else client

    def authenticate(self, presented: str, challenge: str = "Bearer") -> Client:
        """Whose key it is. Raises a 401 that says whether it has expired, and with a `challenge` how to send it."""
        client = self._find(presented)
        if client is None:
            message = "A valid key is needed: send it as `Authorization: Bearer <key>`."
            raise _unauthorized("invalid_api_key", message, challenge)
        if client.expires and client.has_expired(self._now()):
            end = client.expires.isoformat().replace("+00:00", "Z")
            message = f"The key '{client.name}' expired on {end}. Ask for a new one."
            raise _unauthorized("expired_api_key", message, challenge)
        return client

    def authenticate_master(self, presented: str, challenge: str = "Bearer") -> Client:
        """The master. Raises a 401, or a 403 for the key of a client."""
        client = self.authenticate(presented, challenge)
        if not client.is_master:
            message = "This is told to the master key alone. GET /v1/budget tells what your key has left."
            raise RequestError(403, "permission_denied", message, kind="permission_error")
        return client

    def _find(self, presented: str) -> Client | None:
        if not presented:
            return None
        own = digest(presented)
        found = [client for client in self._clients if hmac.compare_digest(client.digest, own)]
        return found[0] if found else None


def digest(key: str) -> bytes:
    """What is kept of a key, and compared. Keys are random, so no salt is needed."""
    return hashlib.sha256(key.encode(errors="replace")).digest()


def _unauthorized(code: str, message: str, challenge: str) -> RequestError:
    return RequestError(401, code, message, kind="authentication_error", headers={"www-authenticate": challenge})
