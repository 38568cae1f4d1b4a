"""A REST service as a table of operations: who calls is asked, the call recorded, its fault met, the operation run."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localcloud.core.calls import CallLog, Kind
from localcloud.core.faults import Fault, Faults

Json = Any
Store = TypeVar("Store")
NO_CONTENT = 204


class ApiError(Exception):
    """A call is refused with the HTTP status `code`; `reason` is what the vendor adds: a status word, a page."""

    def __init__(self, code: int, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason


@dataclass(frozen=True)
class Request:
    """What an operation works on: names from the path, the query, the JSON body ({} without one), and the caller."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]
    identity: str


@dataclass(frozen=True)
class Operation(Generic[Store]):
    """One method of an API. `name` is what the log of calls and faults know it by; `run` raises `ApiError`."""

    name: str
    method: str
    path: str
    kind: Kind
    permission: str
    run: Callable[[Store, Request], Json]
    status: int = 200


class RestService(ABC, Generic[Store]):
    """Answers `operations` on `store`. A subclass says who may call, and what an error looks like."""

    name: ClassVar[str]

    def __init__(self, store: Store, operations: Sequence[Operation[Store]], calls: CallLog, faults: Faults) -> None:
        self.store = store
        self._calls = calls
        self._faults = faults
        self.routes = [Route(item.path, _Endpoint(self, item), methods=[item.method]) for item in operations]

    @abstractmethod
    def identify(self, request: HttpRequest) -> str:
        """The identity behind a call's token. Raises `ApiError`."""

    @abstractmethod
    def authorise(self, identity: str, operation: Operation[Store], request: HttpRequest) -> None:
        """Raise `ApiError` unless `identity` may call `operation`."""

    @abstractmethod
    def error(self, error: ApiError, headers: Mapping[str, str] | None = None) -> Response:
        """The answer for an error in the vendor's shape."""

    async def answer(self, operation: Operation[Store], request: HttpRequest) -> Response:
        """Answer one call of `operation`."""
        return await self._faults.watched(self.name, operation.name, lambda: self._answered(operation, request))

    async def _answered(self, operation: Operation[Store], request: HttpRequest) -> Response:
        identity, refusal = self._admit(operation, request)
        self._calls.record(self.name, operation.name, operation.kind, refusal is None)

        async def proceed() -> Response:
            try:
                if refusal:
                    raise refusal
                body = _object(await request.body())
                query = dict(request.query_params)
                return _response(
                    operation, operation.run(self.store, Request(request.path_params, query, body, identity))
                )
            except ApiError as error:
                return self.error(error)

        match fault := self._faults.take(self.name, operation.name):
            case Fault(action="status", body=""):
                return self.error(ApiError(fault.code, "An injected fault."), fault.headers)
        return await self._faults.meet(fault, proceed)

    def _admit(self, operation: Operation[Store], request: HttpRequest) -> tuple[str, ApiError | None]:
        identity = ""
        try:
            identity = self.identify(request)
            self.authorise(identity, operation, request)
        except ApiError as error:
            return identity, error
        return identity, None


class _Endpoint(Generic[Store]):
    """Binds an operation to its route."""

    def __init__(self, service: RestService[Store], operation: Operation[Store]) -> None:
        self._service = service
        self._operation = operation

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        response = await self._service.answer(self._operation, HttpRequest(scope, receive))
        await response(scope, receive, send)


def _response(operation: Operation[Any], answer: Json) -> Response:
    if operation.status == NO_CONTENT:
        return Response(status_code=NO_CONTENT)
    return JSONResponse(answer, operation.status)


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except ValueError as error:
        raise ApiError(400, "Problems parsing JSON") from error
    if not isinstance(value, dict):
        raise ApiError(400, "Body should be a JSON object")
    return value


def bearer(request: HttpRequest, schemes: frozenset[str] = frozenset({"bearer"})) -> str:
    """The token of the Authorization header, empty where there is none of these schemes."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() in schemes else ""
