"""The two ways of saying no: to a client (`RequestError`) and to whoever starts the gateway (`StartError`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from starlette.responses import JSONResponse


class StartError(Exception):
    """The gateway cannot work as it is set up; each problem says what is wrong and how to mend it."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))


class RequestError(Exception):
    """A request that is answered without asking LiteLLM, in the shape of OpenAI's errors."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        kind: str = "invalid_request_error",
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.kind = kind
        self.headers = headers
        self.body = {
            "error": {"message": _encodable(message), "type": kind, "param": param and _encodable(param), "code": code}
        }

    def response(self) -> JSONResponse:
        """The refusal as an ASGI application."""
        return JSONResponse(self.body, status_code=self.status, headers=self.headers)

    def add(self, sentence: str) -> None:
        """Say more."""
        self.body["error"]["message"] = f"{self.body['error']['message']} {_encodable(sentence)}"

    def event(self) -> bytes:
        """The refusal as the last event of a stream."""
        return b"data: " + json.dumps(self.body).encode() + b"\n\n"


def invalid(code: str, message: str, param: str | None = None) -> RequestError:
    """A 400: the client has to change the request; `param` names the part at fault."""
    return RequestError(400, code, message, param=param)


def _encodable(text: str) -> str:
    """The text without half characters, which JSON can hold and UTF-8 cannot."""
    return text.encode(errors="replace").decode()
