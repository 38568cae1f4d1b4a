"""Railway's health check: one path, 200 and nothing else, until the time is up."""

from __future__ import annotations

import ssl
from http import HTTPStatus

import httpx

from localcloud.core.server import LOOPBACK

DEFAULT_TIMEOUT = 300
_HEADERS = {"host": "healthcheck.railway.app", "user-agent": "RailwayHealthCheck/1.0"}
_REQUEST_SECONDS = 10.0
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # plain HTTP only: load no authorities


def probe(port: int, path: str) -> str | None:
    """None where the process on `port` answers `path` with 200, else what it did instead."""
    try:
        with httpx.Client(trust_env=False, timeout=_REQUEST_SECONDS, verify=_NO_TLS) as client:
            status = client.get(f"http://{LOOPBACK}:{port}{path}", headers=_HEADERS).status_code
    except httpx.TransportError:
        return "service unavailable"
    except httpx.InvalidURL as error:
        return f"not a path: {error}"
    return None if status == HTTPStatus.OK else f"status {status}"
