"""JSON over HTTP to the local cloud, with the standard library: a plugin starts several times in each run.

Only loopback endpoints are taken.
"""

from __future__ import annotations

import ipaddress
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from localcloud.plugins.errors import PluginError

TIMEOUT_SECONDS: Final = 30.0


class HttpError(PluginError):
    """The service refused a call: `status` is its HTTP status, `message` what it said."""

    def __init__(self, status: int, message: str, where: str) -> None:
        super().__init__(f"{where}: {status} {message}")
        self.status = status
        self.message = message


@dataclass(frozen=True)
class Client:
    """A client of one service. `base` ends with a slash; `headers` go with every request."""

    base: str
    headers: dict[str, str]

    def call(self, method: str, path: str, body: object = None) -> Any:
        """The decoded answer, `None` where it is empty. Raises `HttpError`, or `PluginError` where nobody answers."""
        data = None if body is None else json.dumps(body).encode()
        headers = {**self.headers, **({"Content-Type": "application/json"} if data else {})}
        request = urllib.request.Request(self.base + path, data, headers, method=method)  # noqa: S310 - see loopback
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        where = f"{method} {self.base}{path}"
        try:
            with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise HttpError(error.code, _message(error.read()), where) from error
        except (OSError, ValueError) as error:
            raise PluginError(f"{where}: no answer: {error}", "UNAVAILABLE") from error
        try:
            return json.loads(text) if text else None
        except ValueError as error:
            raise PluginError(f"{where}: the answer is no JSON", "DATA_LOSS") from error


def loopback(url: str, variable: str, package: str) -> str:
    """`url` with a slash at its end. Raises `PluginError` where it does not point at this machine."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not _is_loopback(parts.hostname or ""):
        shown = url or "the vendor's public endpoint"
        raise PluginError(
            f"The stand-in for {package} talks to the local cloud only, not to {shown}: set {variable} to an http "
            "address of this machine, or install the vendor's plugin."
        )
    return url.rstrip("/") + "/"


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _message(body: bytes) -> str:
    try:
        document = json.loads(body)
    except ValueError:
        return body.decode(errors="replace").strip()
    error = document.get("error") if isinstance(document, dict) else None
    return str((error if isinstance(error, dict) else document).get("message", "")) or str(document)
