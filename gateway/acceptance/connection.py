"""Connecting: trust and proxies from the environment, and in words why a connection did not come about."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import httpx

from gateway.acceptance.settings import is_loopback
from gateway.acceptance.verdict import UndecidedError


def open_http(url: str, transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """A client for `url` that follows no redirect. This machine itself is never asked for through a proxy.

    Certificates are those of SSL_CERT_FILE or SSL_CERT_DIR, else the bundled ones. Raises UndecidedError where the
    certificates or the proxy of the environment cannot be used.
    """
    try:
        return httpx.Client(base_url=url, transport=transport, mounts=_past_the_proxy(url), follow_redirects=False)
    except OSError as error:
        raise UndecidedError(f"the certificates of SSL_CERT_FILE or SSL_CERT_DIR cannot be read: {error}") from error
    except (ValueError, httpx.InvalidURL, ImportError) as error:
        raise UndecidedError(f"the proxy of HTTPS_PROXY, HTTP_PROXY or ALL_PROXY cannot be used: {error}") from error


def trouble(error: BaseException) -> str:
    """Why no connection came about. httpx keeps the reason as a chain of causes."""
    for cause in _causes(error):
        match cause:
            case socket.gaierror():
                return f"its name is not resolved (DNS): {cause.strerror}"
            case ssl.SSLCertVerificationError():
                return f"its certificate is not trusted (TLS): {cause.verify_message}"
            case ssl.SSLError():
                return f"no secure connection (TLS): {cause}"
            case ConnectionRefusedError():
                return "the connection is refused"
            case TimeoutError() | httpx.ConnectTimeout():
                return "no connection in time"
    return str(error) or type(error).__name__


def _past_the_proxy(url: str) -> dict[str, httpx.BaseTransport | None]:
    host = httpx.URL(url).host
    pattern = f"all://[{host}]" if ":" in host else f"all://{host}"
    return {pattern: None} if is_loopback(host) else {}


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
