"""The HTTP side: who calls, may they, which fault do they meet, and what is answered."""

from __future__ import annotations

import json
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from localcloud.core.calls import CallLog
from localcloud.core.faults import Faults, meet
from localcloud.core.seed import SecretManagerSeed
from localcloud.secret_manager import errors
from localcloud.secret_manager.operations import OPERATIONS, Operation, Request
from localcloud.secret_manager.store import SecretStore, State

SERVICE = "secret_manager"

# What the preview identity may do: see that secrets and versions are there, and never read a payload.
METADATA_PERMISSIONS = frozenset(
    f"secretmanager.{permission}" for permission in ("secrets.get", "secrets.list", "versions.get", "versions.list")
)


class SecretManager:
    """The service: `app` answers its API, `store` is what it holds."""

    def __init__(self, seed: SecretManagerSeed, calls: CallLog, faults: Faults) -> None:
        self._seed = seed
        self._calls = calls
        self._faults = faults
        self.store = SecretStore(seed)
        routes = [
            Route(operation.path, _Endpoint(self, operation), methods=[operation.method]) for operation in OPERATIONS
        ]
        self.app = Starlette(routes=routes, exception_handlers={404: _unknown_route, 405: _unknown_route})

    def reset(self) -> None:
        """Back to the seed."""
        self.store.reset()

    def add_version(self, name: str, payload: str | None = None) -> int:
        """Add a version to a secret, with a generated payload where none is given; returns its number.

        Payloads that the API would refuse, such as an empty one, are taken. Raises `ApiError` for no such secret.
        """
        if payload is None:
            return self.store.add_generated_version(name).number
        return self.store.add_version(name, payload.encode()).number

    def values(self) -> dict[str, str]:
        """Secret name -> payload of its newest version, for those whose newest version is enabled."""
        newest = {name: versions[0] for name in self.store.names() if (versions := self.store.versions(name))}
        return {name: found.payload.decode() for name, found in newest.items() if found.state is State.ENABLED}

    async def answer(self, operation: Operation, request: HttpRequest) -> Response:
        """Answer one call of `operation`."""
        refusal = self._refusal(operation, request)
        self._calls.record(SERVICE, operation.name, operation.kind, refusal is None)
        fault = self._faults.take(SERVICE, operation.name)
        if fault and fault.action == "status" and not fault.body:
            return errors.response(fault.code, "An injected fault.", headers=fault.headers)

        async def proceed() -> Response:
            try:
                if refusal:
                    raise refusal
                body = _object(await request.body())
                return JSONResponse(
                    operation.run(self.store, Request(request.path_params, dict(request.query_params), body))
                )
            except errors.ApiError as error:
                return errors.response(error.code, str(error), error.status)

        return await meet(fault, proceed)

    def _refusal(self, operation: Operation, request: HttpRequest) -> errors.ApiError | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or token not in {self._seed.deploy_token, self._seed.preview_token}:
            return errors.unauthenticated()
        resource = request.url.path.removeprefix("/v1/").partition(":")[0]
        permitted = token == self._seed.deploy_token or operation.permission in METADATA_PERMISSIONS
        if not permitted or request.path_params["project"] not in {self._seed.project_id, self._seed.project_number}:
            return errors.denied(operation.permission, resource)
        return None


class _Endpoint:
    """Binds an operation to its route."""

    def __init__(self, service: SecretManager, operation: Operation) -> None:
        self._service = service
        self._operation = operation

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        response = await self._service.answer(self._operation, HttpRequest(scope, receive))
        await response(scope, receive, send)


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except ValueError as error:
        raise errors.ApiError("INVALID_ARGUMENT", "Invalid JSON payload received.") from error
    if not isinstance(value, dict):
        raise errors.ApiError("INVALID_ARGUMENT", "Invalid JSON payload received. Expected an object.")
    return value


async def _unknown_route(request: HttpRequest, _error: Exception) -> Response:
    return HTMLResponse(f"<title>Error 404 (Not Found)</title><p>{request.method} is not known here.", 404)
