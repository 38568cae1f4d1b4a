"""The two ways of saying no: to a client (`RequestError`) and to whoever starts the gateway (`StartError`)."""

from __future__ import annotations

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
        self.headers = headers
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}

    def response(self) -> JSONResponse:
        """The refusal as an ASGI application."""
        return JSONResponse(self.body, status_code=self.status, headers=self.headers)
