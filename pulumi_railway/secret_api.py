"""Google's official Secret Manager client, reduced to three reads and the four ways in which they fail.

Importing this module takes half a second: `secret_manager` does so on first use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from google.api_core import exceptions
from google.auth.exceptions import GoogleAuthError
from google.cloud.secretmanager_v1 import SecretManagerServiceClient
from google.cloud.secretmanager_v1.services.secret_manager_service.transports import SecretManagerServiceRestTransport
from google.oauth2.credentials import Credentials

from pulumi_railway.secret_failures import Denied, Missing, Unreachable, Unusable

T = TypeVar("T")

GOOGLE: Final = "https://secretmanager.googleapis.com"


class SecretApi:
    """`endpoint` is a base URL, with or without `/v1/`; without an `access_token` the default credentials serve."""

    def __init__(self, endpoint: str | None, access_token: str | None, timeout: float) -> None:
        self._timeout = timeout
        host = (endpoint or GOOGLE).rstrip("/").removesuffix("/v1")
        credentials = Credentials(access_token) if access_token else None  # type: ignore[no-untyped-call]  # untyped there
        try:
            transport = SecretManagerServiceRestTransport(host=host, credentials=credentials)
        except GoogleAuthError as error:
            raise Unreachable(f"no Google credentials: {_first_line(error)}") from error
        self._client = SecretManagerServiceClient(transport=transport)

    def close(self) -> None:
        """Close the connections."""
        self._client.transport.close()  # type: ignore[no-untyped-call]  # untyped there

    def payload(self, version: str) -> tuple[bytes, int]:
        """The content of a version and its CRC32C. Raises `Missing`, `Denied`, `Unusable` or `Unreachable`."""
        found = self._call(lambda: self._client.access_secret_version(name=version, timeout=self._timeout)).payload
        return found.data, found.data_crc32c

    def state(self, version: str) -> str:
        """`ENABLED`, `DISABLED` or `DESTROYED`. Raises `Missing`, `Denied` or `Unreachable`."""
        found = self._call(lambda: self._client.get_secret_version(name=version, timeout=self._timeout))
        return str(found.state.name)

    def exists(self, secret: str) -> bool:
        """Whether there is such a secret. Raises `Denied` or `Unreachable`."""
        try:
            self._call(lambda: self._client.get_secret(name=secret, timeout=self._timeout))
        except Missing:
            return False
        return True

    def _call(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except exceptions.NotFound as error:
            raise Missing from error
        except exceptions.Forbidden as error:
            raise Denied from error
        except exceptions.BadRequest as error:
            raise Unusable from error
        except exceptions.GoogleAPIError as error:
            raise Unreachable(_first_line(error)) from error
        except GoogleAuthError as error:
            raise Unreachable(f"the Google credentials are refused: {_first_line(error)}") from error
        except OSError as error:  # connection errors of the HTTP library below
            raise Unreachable(f"no answer ({type(error).__name__})") from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
