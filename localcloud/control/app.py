"""The HTTP side of the control API."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from localcloud.control.parts import Parts
from localcloud.control.request import Body, ControlError
from localcloud.control.routes import ROUTES, ControlRoute
from localcloud.core.rest import ApiError

_NO_CONTENT, _CREATED = 204, 201


def control_app(parts: Parts) -> Starlette:
    """The control API over `parts`. Answers requests to loopback names only, and none that a web page sends."""
    routes = [
        Route("/", _describe),
        *(Route(item.path, _Endpoint(parts, item), methods=[item.method]) for item in ROUTES),
    ]
    local = Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    return Starlette(routes=routes, middleware=[local], exception_handlers={404: _unknown, 405: _unknown})


class _Endpoint:
    """Binds a route to what it does."""

    def __init__(self, parts: Parts, route: ControlRoute) -> None:
        self._parts = parts
        self._route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if "origin" in request.headers:
            return _error(403, "the control API answers no web page")
        content = await request.body()
        try:
            body = Body.parse(content)
            answer = await run_in_threadpool(self._route.run, self._parts, request.path_params, body)
        except (ControlError, ApiError) as error:
            return _error(error.code, str(error))
        except ValueError as error:
            return _error(400, str(error))
        except KeyError as error:
            return _error(404, f"not found: {error.args[0]}")
        if answer is None:
            return Response(status_code=_NO_CONTENT)
        return JSONResponse(answer, _CREATED if self._route.method == "POST" else 200)


async def _describe(_request: Request) -> Response:
    return JSONResponse(
        [{"route": f"{item.method} {item.path}", "takes": item.takes, "does": item.does} for item in ROUTES]
    )


async def _unknown(request: Request, _cause: Exception) -> Response:
    return _error(404, f"no route {request.method} {request.url.path}; GET / lists them")


def _error(code: int, message: str) -> Response:
    return JSONResponse({"error": message}, code)
