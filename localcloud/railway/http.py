"""GraphQL over HTTP: reads a request, decides whether it may go on, executes it, shapes the answer."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localcloud.core.faults import Fault
from localcloud.railway import schema
from localcloud.railway.access import Caller, identify
from localcloud.railway.context import Context
from localcloud.railway.errors import application_errors, error_entry, request_errors
from localcloud.railway.limits import RequestLimit

if TYPE_CHECKING:
    from starlette.requests import Request

    from localcloud.core.calls import CallLog
    from localcloud.core.faults import Faults
    from localcloud.railway.state.rules import Rules
    from localcloud.railway.state.world import World

SERVICE = "railway"
PATH = "/graphql/v2"

Kind = Literal["query", "mutation"]


@dataclass(frozen=True)
class Parsed:
    """A request in parts. `fields` are its root fields, `problem` is why it cannot be executed."""

    document: DocumentNode | None
    variables: Mapping[str, Any] | None
    operation_name: str | None
    fields: tuple[str, ...] = ("invalid",)
    kind: Kind = "query"
    problem: Response | None = None
    schema: GraphQLSchema | None = None


class Endpoint:
    """The one path of the API."""

    def __init__(self, world: World, rules: Rules, calls: CallLog, faults: Faults) -> None:
        self._world = world
        self._rules = rules
        self._calls = calls
        self._faults = faults
        self._limit = RequestLimit()

    @property
    def app(self) -> Starlette:
        """The application that serves it."""
        routes = [Route(PATH, self.handle, methods=["POST"])]
        return Starlette(routes=routes, exception_handlers={HTTPException: _rest_error})

    def reset(self) -> None:
        """Forget how many requests were made."""
        self._limit.clear()

    async def handle(self, request: Request) -> Response:
        """Answer one request."""
        parsed = self._parse(await request.body())
        return await self._faults.watched(SERVICE, ",".join(parsed.fields), lambda: self._answered(parsed, request))

    async def _answered(self, parsed: Parsed, request: Request) -> Response:
        caller = identify(request.headers, self._world)
        self._calls.record(SERVICE, ",".join(parsed.fields), parsed.kind, caller.is_known)
        allowance = self._limit.take(caller.token, self._world.behaviour.requests_per_hour)
        fault = self._take_fault(parsed)
        if fault is not None and fault.action == "revoke_token":
            self._world.revoked.add(caller.token)
            fault, caller = None, identify(request.headers, self._world)

        async def proceed() -> Response:
            if not allowance.granted:
                return _too_many()
            if parsed.problem is not None:
                return parsed.problem
            return await run_in_threadpool(self._execute, parsed, caller)

        response = _own_fault(fault) or await self._faults.meet(fault, proceed)
        response.headers.update(allowance.headers)
        return response

    def _take_fault(self, parsed: Parsed) -> Fault | None:
        taken = (self._faults.take(SERVICE, field) for field in parsed.fields)
        return next((fault for fault in taken if fault is not None), None)

    def _parse(self, body: bytes) -> Parsed:
        content = _content(body)
        if content is None:
            return Parsed(None, None, None, problem=_refused([GraphQLError("POST body is not a GraphQL request")]))
        name, variables = content.get("operationName"), content.get("variables")
        known = schema.load(frozenset(self._world.behaviour.schema_changes.items()))
        try:
            document, problems = _read(known, content["query"])
        except GraphQLSyntaxError as error:
            return Parsed(None, variables, name, problem=_refused([error], "GRAPHQL_PARSE_FAILED"))
        operation = get_operation_ast(document, name)
        if operation is None:
            return Parsed(document, variables, name, problem=_refused([GraphQLError("Unknown operation")]))
        problem = _refused(problems, "GRAPHQL_VALIDATION_FAILED") if problems else None
        kind: Kind = "mutation" if operation.operation.value == "mutation" else "query"
        return Parsed(document, variables, name, _root_fields(operation), kind, problem, known)

    def _execute(self, parsed: Parsed, caller: Caller) -> Response:
        assert parsed.document is not None  # noqa: S101 - without one there is a problem instead
        assert parsed.schema is not None  # noqa: S101 - likewise
        with self._world.lock:
            result = execute_sync(
                parsed.schema,
                parsed.document,
                context_value=Context(caller, self._world, self._rules),
                variable_values=dict(parsed.variables or {}),
                operation_name=parsed.operation_name,
            )
        return _answer(result)


@lru_cache(maxsize=256)  # clients ask the same few things over and over
def _read(known: GraphQLSchema, text: str) -> tuple[DocumentNode, list[GraphQLError]]:
    """The document, and what is wrong with it by the schema. Raises GraphQLSyntaxError."""
    document = parse(text)
    return document, validate(known, document)


def _answer(result: ExecutionResult) -> Response:
    if result.errors and result.data is None and all(error.path is None for error in result.errors):
        return _refused(result.errors)
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = application_errors(result.errors)
    return JSONResponse(body)


def _content(body: bytes) -> dict[str, Any] | None:
    try:
        content = json.loads(body)
    except ValueError:
        return None
    if not isinstance(content, dict) or not isinstance(content.get("query"), str):
        return None
    variables, name = content.get("variables"), content.get("operationName")
    fits = isinstance(variables, dict | None) and isinstance(name, str | None)
    return content if fits else None


def _root_fields(operation: OperationDefinitionNode) -> tuple[str, ...]:
    fields = operation.selection_set.selections
    return tuple(field.name.value for field in fields if isinstance(field, FieldNode)) or ("fragment",)


def _refused(errors: list[GraphQLError], code: str = "BAD_USER_INPUT") -> Response:
    return JSONResponse(request_errors(errors, code), HTTPStatus.BAD_REQUEST)


def _too_many() -> Response:
    return JSONResponse({"errors": [error_entry("Rate limit exceeded")]}, HTTPStatus.TOO_MANY_REQUESTS)


def _own_fault(fault: Fault | None) -> Response | None:
    match fault:
        case Fault(action="graphql_error"):
            return JSONResponse({"errors": [error_entry(fault.message)], "data": None})
        case Fault(action="null_data"):
            return JSONResponse({"data": None})
        case _:
            return None


async def _rest_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for no other
    return JSONResponse({"message": error.detail, "requestId": uuid.uuid4().hex}, error.status_code)
