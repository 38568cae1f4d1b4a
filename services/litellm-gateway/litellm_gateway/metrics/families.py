"""What is counted, and what one request adds to it.

A sample is named as Prometheus writes it, labels included. Values are whole numbers of requests, tokens, picodollars or
microseconds; a family's `unit` is what one is worth.
"""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from litellm_gateway import routes
from litellm_gateway.budget import money

if TYPE_CHECKING:
    from litellm_gateway.record import Record

MICRO: Final = Decimal("0.000001")
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120)
"""Upper bounds in seconds."""

_ESCAPED: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


@dataclass(frozen=True)
class Family:
    """Samples of one meaning. Source: https://prometheus.io/docs/instrumenting/exposition_formats/"""

    kind: str
    text: str
    unit: Decimal = Decimal(1)


FAMILIES: Final = {
    "gateway_requests_total": Family("counter", "Requests, by path, client, model asked and status of the answer."),
    "gateway_refusals_total": Family("counter", "Requests answered with an error, by its code."),
    "gateway_fallbacks_total": Family("counter", "Models asked in the place of one that failed."),
    "gateway_failed_attempts_total": Family("counter", "Models asked in vain."),
    "gateway_tokens_total": Family("counter", "Tokens of answered requests, in and out, by the model that answered."),
    "gateway_cost_usd_total": Family(
        "counter", "Cost of answered requests in US dollars, by client and the model that answered.", money.usd(1)
    ),
    "gateway_request_duration_seconds": Family(
        "histogram", "Time from a request to the last byte of its answer, by the model that answered.", MICRO
    ),
    "gateway_overhead_seconds": Family(
        "histogram", "The part of that time in which no provider was waited for.", MICRO
    ),
}


def sample(name: str, labels: Mapping[str, str]) -> str:
    """The name of a sample; labels that are empty are left out."""
    shown = ",".join(f'{label}="{value.translate(_ESCAPED)}"' for label, value in labels.items() if value)
    return f"{name}{{{shown}}}" if shown else name


def counts(record: Record, provider: Callable[[str], str]) -> Counter[str]:
    """What a request adds to each sample. `provider` tells whom a model pays."""
    path = record.path if record.path in routes.METHODS else "other"
    found = Counter([_asked(path, record.client or "", record.model or "", record.shown)])
    if record.code:
        found[_refused(record.code)] += 1
    for hop in record.hops:
        found[sample("gateway_failed_attempts_total", _of(hop.model, provider))] += 1
        if hop.to:
            found[sample("gateway_fallbacks_total", {"from": hop.model, "to": hop.to})] += 1
    if record.served:
        found.update(_answered(record, _of(record.served, provider)))
    return found


@functools.lru_cache
def _asked(path: str, client: str, model: str, status: int) -> str:
    labels = {"path": path, "client": client, "model": model, "status": str(status)}
    return sample("gateway_requests_total", labels)


@functools.cache
def _refused(code: str) -> str:
    return sample("gateway_refusals_total", {"code": code})


def _answered(record: Record, model: Mapping[str, str]) -> Counter[str]:
    found = Counter(_histogram("gateway_request_duration_seconds", model["model"], record.latency))
    found.update(_histogram("gateway_overhead_seconds", "", record.overhead or 0.0))
    tokens = {"input": record.input_tokens, "output": record.output_tokens}
    found.update({sample("gateway_tokens_total", {**model, "kind": kind}): count for kind, count in tokens.items()})
    if record.settlement:
        spender = {"client": record.client or "", **model}
        found[sample("gateway_cost_usd_total", spender)] += record.settlement.amount
    return found


def _histogram(name: str, model: str, seconds: float) -> dict[str, int]:
    """One observation. Every bucket is named, so that none is missing and all stay in order."""
    buckets, total, count = _names(name, model)
    found = {bucket: int(seconds <= bound) for bucket, bound in zip(buckets, (*BUCKETS, math.inf), strict=True)}
    return found | {total: round(seconds * 1_000_000), count: 1}


@functools.cache
def _names(name: str, model: str) -> tuple[tuple[str, ...], str, str]:
    """The samples of a histogram: its buckets, its sum, its count. Kept, since there are as few as models."""
    bounds = (*(f"{bound:g}" for bound in BUCKETS), "+Inf")
    buckets = tuple(sample(f"{name}_bucket", {"model": model, "le": bound}) for bound in bounds)
    return buckets, sample(f"{name}_sum", {"model": model}), sample(f"{name}_count", {"model": model})


def _of(model: str, provider: Callable[[str], str]) -> dict[str, str]:
    return {"model": model, "provider": provider(model)}
