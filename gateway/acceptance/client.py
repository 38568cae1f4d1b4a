"""The one HTTP client: it bounds time and size, and tells our own trouble from the gateway's."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from gateway.acceptance import connection
from gateway.acceptance.settings import Limits
from gateway.acceptance.verdict import CheckFailedError, UndecidedError

CONNECT_SECONDS: Final = 10.0
LARGEST_BODY: Final = 1024 * 1024
DEPLOYMENT_HEADER: Final = "x-gateway-deployment"
REQUEST_ID_HEADERS: Final = ("x-litellm-call-id", "x-request-id", "x-railway-request-id")
CUT_OFF: Final = (httpx.ReadError, httpx.WriteError, httpx.CloseError, httpx.RemoteProtocolError)


@dataclass(frozen=True)
class Answer:
    """One answer, read to its end. `seconds` counts from sending the request to the last byte."""

    status: int
    headers: httpx.Headers
    body: bytes
    seconds: float

    @property
    def deployment(self) -> str | None:
        """The deployment that answered, by its own header; None where it was no gateway, e.g. Railway's edge."""
        name: str | None = self.headers.get(DEPLOYMENT_HEADER)
        return name

    @property
    def request_id(self) -> str | None:
        """The id by which this request is found in the logs."""
        return next((self.headers[name] for name in REQUEST_ID_HEADERS if name in self.headers), None)

    def json(self) -> Any:
        """The body as JSON, or None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class Gateway:
    """A gateway at `url`. Every request is bounded by `limits`, and every answer lands in `journal`.

    Raises UndecidedError where the gateway was not reached, CheckFailedError where it was and did not answer properly.
    """

    def __init__(
        self,
        url: str,
        key: str | None,
        limits: Limits,
        *,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.journal: list[Answer] = []
        self._url = url
        self._key = key
        self._limits = limits
        self._clock = clock
        self._ends = clock() + limits.deadline
        self._http = connection.open_http(url, transport)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    @property
    def key(self) -> str:
        """The gateway's key. Raises UndecidedError where none was given."""
        if self._key is None:
            raise UndecidedError("GATEWAY_API_KEY is not set; set it to the gateway's key")
        return self._key

    def remaining(self) -> float:
        """Seconds left of the whole run. Raises UndecidedError when there are none."""
        left = self._ends - self._clock()
        if left <= 0:
            raise UndecidedError(f"the time limit of {self._limits.deadline:g} s for all checks is used up")
        return left

    def get(self, path: str) -> Answer:
        """GET without a key."""
        return self.send("GET", path)

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None, key: str | None = None) -> Answer:
        """Send one request; once more where the connection broke, since an idle one may have been closed meanwhile."""
        headers = {"authorization": f"Bearer {key}"} if key else {}
        request = self._http.build_request(method, path, json=body, headers=headers)
        try:
            return self._exchange(request)
        except CUT_OFF:
            pass
        try:
            return self._exchange(request)
        except CUT_OFF as error:
            raise CheckFailedError(f"{_name(request)}: the connection broke before the answer was complete") from error

    def _exchange(self, request: httpx.Request) -> Answer:
        patience = min(self._limits.answer, self.remaining())
        request.extensions["timeout"] = httpx.Timeout(patience, connect=min(patience, CONNECT_SECONDS)).as_dict()
        started = self._clock()
        try:
            response = self._http.send(request, stream=True)
            content = self._read(response, ends=started + patience)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            raise UndecidedError(f"{self._url} is not reached: {connection.trouble(error)}") from error
        except (httpx.TimeoutException, _TooSlowError) as error:
            self.remaining()
            raise CheckFailedError(f"{_name(request)}: no complete answer within {patience:.3g} s") from error
        except httpx.DecodingError as error:
            raise CheckFailedError(f"{_name(request)}: the body is not encoded as its header says") from error
        answer = Answer(response.status_code, response.headers, content, self._clock() - started)
        self.journal.append(answer)
        return answer

    def _read(self, response: httpx.Response, ends: float) -> bytes:
        content = bytearray()
        try:
            for piece in response.iter_bytes():
                content += piece
                if len(content) > LARGEST_BODY:
                    raise CheckFailedError(f"{_name(response.request)}: an answer of more than {LARGEST_BODY} bytes")
                if self._clock() > ends:
                    raise _TooSlowError
        finally:
            response.close()
        return bytes(content)


class _TooSlowError(Exception):
    """The answer trickles in and does not end in time."""


def _name(request: httpx.Request) -> str:
    return f"{request.method} {request.url.path}"
