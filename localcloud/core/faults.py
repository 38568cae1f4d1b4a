"""Faults to inject: each is used once, by the next call of its service and operation."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, Protocol, Self, get_args

from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from localcloud.core.holds import Holds
from localcloud.core.server import close_connection

Action = Literal[
    "status",
    "graphql_error",
    "null_data",
    "html",
    "drop_before",
    "drop_after",
    "delay",
    "hold",
    "observe",
    "revoke_token",
]
DOES: Mapping[Action, str] = {
    "status": "answers with `code`, `body` and `headers`",
    "graphql_error": "answers 200 with an error of this `message`; Railway only",
    "null_data": "answers 200 with `data: null`; Railway only",
    "html": "answers with a page and `code`",
    "drop_before": "closes the connection unanswered",
    "drop_after": "applies the call, then closes the connection",
    "delay": "waits `seconds` and goes on",
    "hold": "waits until it is released and goes on; noted in `Faults.holds`",
    "observe": "goes on at once; noted in `Faults.holds`",
    "revoke_token": "the token of the call is none any more; Railway only",
}
"""What each action does with the call that meets it."""
ANY = "*"
Moment = Literal["before", "after"]

_PAGE = "<!doctype html><html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>"

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("service", "operation", "action", "body", "message"), str),
    **dict.fromkeys(("code", "skip"), int),
    "seconds": (int, float),
    "headers": dict,
}


class FaultError(ValueError):
    """The description of a fault is not usable; the message says which part of it."""


@dataclass(frozen=True)
class Fault:
    """What the next call of `operation` ("*": of any operation) at `service` meets.

    `DOES` says what each action does. `skip` lets that many matching calls pass first.
    """

    service: str
    operation: str
    action: Action
    code: int = 502
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    seconds: float = 0.0
    skip: int = 0

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The fault that a JSON object describes. Raises `FaultError`."""
        known = {item.name for item in fields(cls)}
        if unknown := sorted(value.keys() - known):
            raise FaultError(f"a fault has no field {', '.join(unknown)}; it has {', '.join(sorted(known))}")
        if missing := sorted({"service", "operation", "action"} - value.keys()):
            raise FaultError(f"a fault needs {', '.join(missing)}")
        if value["action"] not in get_args(Action):
            raise FaultError(f"no action {value['action']!r}; there are {', '.join(get_args(Action))}")
        for item in fields(cls):
            if item.name in value and not isinstance(value[item.name], _TYPES[item.name]):
                raise FaultError(f"a fault's {item.name} cannot be {value[item.name]!r}")
        return cls(**value)


class Watch(Protocol):
    """Follows the calls of every service, from the thread of its server; it may hold a call as long as it likes."""

    async def __call__(self, service: str, operation: str, moment: Moment) -> bool:
        """Told before a call is applied and before its answer leaves. False closes its connection there."""


class Faults:
    """The faults still to come, in order. Safe to use from several threads.

    `watch` is told of each call; `holds` are the calls that met a `hold` or an `observe`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: list[_Queued] = []
        self.watch: Watch | None = None
        self.holds = Holds()

    def add(self, fault: Fault) -> None:
        """Queue `fault`."""
        with self._lock:
            self._queue.append(_Queued(fault, fault.skip))

    def take(self, service: str, operation: str) -> Fault | None:
        """The fault that a call of `operation` at `service` has to meet now, which is then used up, or None."""
        with self._lock:
            for queued in self._queue:
                if queued.fault.service != service or queued.fault.operation not in {operation, ANY}:
                    continue
                if queued.skip == 0:
                    self._queue.remove(queued)
                    return queued.fault
                queued.skip -= 1
        return None

    async def meet(self, fault: Fault | None, proceed: Callable[[], Awaitable[Response]]) -> Response:
        """The answer to a call that meets `fault`; `proceed` gives the undisturbed one.

        Handles the faults of the transport. Those that mean something to one service only are the service's own.
        """
        if fault is None or fault.action not in {"hold", "observe"}:
            return await _meet(fault, proceed)
        await self.holds.note(fault.service, fault.operation, wait=fault.action == "hold")
        return await proceed()

    async def watched(self, service: str, operation: str, answer: Callable[[], Awaitable[Response]]) -> Response:
        """What `answer` gives, with `watch` told before it is asked and before its answer leaves."""
        watch = self.watch
        if watch is None:
            return await answer()
        if not await watch(service, operation, "before"):
            return ClosedConnection()
        response = await answer()
        return response if await watch(service, operation, "after") else ClosedConnection()

    def list(self) -> list[Fault]:
        """The faults that no call has met yet."""
        with self._lock:
            return [queued.fault for queued in self._queue]

    def clear(self) -> None:
        """Forget all faults; calls that are held go on."""
        with self._lock:
            self._queue.clear()
        self.holds.clear()


@dataclass(eq=False)
class _Queued:
    fault: Fault
    skip: int


async def _meet(fault: Fault | None, proceed: Callable[[], Awaitable[Response]]) -> Response:
    match fault:
        case None:
            return await proceed()
        case Fault(action="status"):
            return Response(fault.body, fault.code, dict(fault.headers))
        case Fault(action="html"):
            return HTMLResponse(fault.body or _PAGE, fault.code, dict(fault.headers))
        case Fault(action="drop_before"):
            return ClosedConnection()
        case Fault(action="drop_after"):
            await proceed()
            return ClosedConnection()
        case Fault(action="delay"):
            await asyncio.sleep(fault.seconds)
            return await proceed()
        case _:
            raise FaultError(f"{fault.service} knows no fault {fault.action}")


class ClosedConnection(Response):
    """No answer: the connection is closed; with `reset` by a TCP reset."""

    def __init__(self, *, reset: bool = False) -> None:
        super().__init__()
        self._reset = reset

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - sends nothing
        """Answer the ASGI call by closing its connection."""
        await close_connection(scope, receive, reset=self._reset)
