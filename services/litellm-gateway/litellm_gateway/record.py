"""What is known of one request, from its first byte to its settled cost, and the line of the log it becomes.

It holds no word of a prompt, an answer or a key. Times are seconds, amounts picodollars.
"""

from __future__ import annotations

import re
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from litellm_gateway.budget import money
from litellm_gateway.budget.ledger import TOTAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.types import Message, Send

    from litellm_gateway.budget.call import Settlement

CLIENT_LEFT: Final = 499
"""The status in the log of a request whose client left before it was answered."""

_KEY: Final = re.compile(r"(?:sk-|AIza)[\w-]{6,}")
_LONGEST_PATH: Final = 200


@dataclass(frozen=True)
class Hop:
    """A model that was asked in vain, why, and the model asked in its place; None where there was none."""

    model: str
    reason: str
    to: str | None


@dataclass
class Record:
    """`model` is what the client asked for, `attempted` whom LiteLLM asked last, `served` who answered.

    `rejected` is whether the model that was asked for refused the request itself; `error` is what broke in the gateway.
    `latency` ends with the answer's last byte; `upstream` is the part of it that was spent waiting for providers.
    """

    method: str
    path: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: int = 0
    code: str | None = None
    error: str | None = None
    client: str | None = None
    model: str | None = None
    attempted: str | None = None
    served: str | None = None
    rejected: bool = False
    failures: list[tuple[str, str]] = field(default_factory=list)
    input_tokens: int = 0
    output_tokens: int = 0
    settlement: Settlement | None = None
    upstream: float | None = None
    latency: float = 0.0
    finished: bool = False
    ended: bool = False
    _began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.path = _KEY.sub("[redacted]", self.path)[:_LONGEST_PATH]

    @property
    def hops(self) -> Iterator[Hop]:
        """Every model that was asked in vain, in order."""
        asked = [*(model for model, _ in self.failures), self.served]
        for (model, reason), following in zip(self.failures, asked[1:], strict=True):
            yield Hop(model, reason, following)

    @property
    def overhead(self) -> float | None:
        """What the gateway added, where a provider was asked at all."""
        return None if self.upstream is None else max(0.0, self.latency - self.upstream)

    @property
    def costs(self) -> Iterator[tuple[str, int]]:
        """What it cost in picodollars, by the model that answered or may bill all the same."""
        if self.settlement:
            yield self.served or self.model or "", self.settlement.amount
            yield from self.settlement.unanswered.items()

    def watch(self, send: Send) -> Send:
        """A `send` that takes the time and the status, and tells the client the request's id and its model."""

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                message["headers"] = [*message.get("headers", ()), *self._headers()]
            await send(message)
            self.latency = time.monotonic() - self._began
            self.finished = message["type"] == "http.response.body" and not message.get("more_body", False)

        return watched

    @property
    def shown(self) -> int:
        """The status of the answer, for people."""
        return self.status or CLIENT_LEFT

    def end(self) -> None:
        """Nothing more is sent."""
        if not self.finished and not self.ended:
            self.latency = time.monotonic() - self._began
        self.ended = True

    def line(self, limits: Mapping[str, int]) -> tuple[str, dict[str, Any]]:
        """Message and fields for the log; what is not known or does not apply is left out."""
        shown = {
            "request_id": self.id,
            "client": self.client,
            "status": self.shown,
            "code": self.code,
            "error": self.error,
            "unfinished": not self.finished or None,
            "model": self.model,
            "served_by": self.served,
            "fallbacks": [{"from": hop.model, "to": hop.to, "reason": hop.reason} for hop in self.hops] or None,
            "latency_ms": _milliseconds(self.latency),
            "overhead_ms": _milliseconds(self.overhead),
            **self._spending(limits[TOTAL]),
        }
        fields = {name: value for name, value in shown.items() if value is not None}
        return f"{self.method} {self.path} {self.shown}", fields

    def _headers(self) -> Iterator[tuple[bytes, bytes]]:
        yield b"x-request-id", self.id.encode()
        if self.attempted is not None and self.status < 400:  # noqa: PLR2004 - HTTP's first error
            yield b"x-gateway-model", self.attempted.encode()

    def _spending(self, limit: int) -> dict[str, Any]:
        if self.settlement is None:
            return {}
        balance = self.settlement.balance
        today = balance and {
            "spent_today_usd": money.text(balance.spent),
            "left_today_usd": money.text(balance.left(limit)),
        }
        return {
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost_usd": money.text(self.settlement.amount),
            "unanswered_usd": money.text(lost) if (lost := sum(self.settlement.unanswered.values())) else None,
            **(today or {}),
        }


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)
