"""What is counted, and what one request adds to it.

A sample is named as Prometheus writes it, labels included. Values are whole numbers of requests, tokens, picodollars or
microseconds; a family's `unit` is what one is worth.
"""

from __future__ import annotations

import bisect
import functools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from litellm_gateway import routes
from litellm_gateway.budget import money

if TYPE_CHECKING:
    from litellm_gateway.record import Record

MICRO: Final = Decimal("0.000001")
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120)
"""Upper bounds in seconds."""

_BOUNDS: Final = (*(f"{bound:g}" for bound in BUCKETS), "+Inf")

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
        "counter", "Cost in US dollars, by client and the model that answered, or may bill all the same.", money.usd(1)
    ),
    "gateway_request_duration_seconds": Family(
        "histogram", "Time from a request to the last byte of its answer, by the model that answered.", MICRO
    ),
    "gateway_overhead_seconds": Family(
        "histogram", "The part of that time in which no provider was waited for.", MICRO
    ),
}


class Bucket(NamedTuple):
    """The bucket of a histogram that an observation falls into, by its place among `BUCKETS`; the last has no bound."""

    name: str
    model: str
    place: int


@functools.lru_cache(maxsize=1024)
def sample(name: str, **labels: str) -> str:
    """The name of a sample; labels that are empty are left out. There are few, each needed often, so they are kept."""
    shown = ",".join(f'{label}="{value.translate(_ESCAPED)}"' for label, value in labels.items() if value)
    return f"{name}{{{shown}}}" if shown else name


def counts(record: Record, provider: Callable[[str], str]) -> Iterator[tuple[str | Bucket, int]]:
    """What a request adds to each sample, and the buckets it falls into. `provider` tells whom a model pays."""
    path = record.path if record.path in routes.METHODS else "other"
    asked = {"path": path, "client": record.client or "", "model": record.model or "", "status": str(record.shown)}
    yield sample("gateway_requests_total", **asked), 1
    if record.code:
        yield sample("gateway_refusals_total", code=record.code), 1
    for hop in record.hops:
        yield sample("gateway_failed_attempts_total", model=hop.model, provider=provider(hop.model)), 1
        if hop.to:
            yield sample("gateway_fallbacks_total", **{"from": hop.model, "to": hop.to}), 1
    if record.served:
        yield from _answered(record, record.served, provider(record.served))
    for model, amount in record.costs:
        yield (
            sample("gateway_cost_usd_total", client=record.client or "", model=model, provider=provider(model)),
            amount,
        )


def samples(counted: Mapping[str | Bucket, int]) -> Counter[str]:
    """As Prometheus names and counts them: a bucket holds what the smaller ones hold, and none is left out."""
    found: Counter[str] = Counter()
    for one, value in counted.items():
        if isinstance(one, str):
            found[one] += value
            continue
        for place, bound in enumerate(_BOUNDS):
            name = sample(f"{one.name}_bucket", model=one.model, le=bound)
            found[name] += value if place >= one.place else 0
    return found


def _answered(record: Record, model: str, provider: str) -> Iterator[tuple[str | Bucket, int]]:
    yield from _observation("gateway_request_duration_seconds", model, record.latency)
    yield from _observation("gateway_overhead_seconds", "", record.overhead or 0.0)
    for kind, tokens in (("input", record.input_tokens), ("output", record.output_tokens)):
        yield sample("gateway_tokens_total", model=model, provider=provider, kind=kind), tokens


def _observation(name: str, model: str, seconds: float) -> Iterator[tuple[str | Bucket, int]]:
    yield Bucket(name, model, bisect.bisect_left(BUCKETS, seconds)), 1
    yield sample(f"{name}_sum", model=model), round(seconds * 1_000_000)
    yield sample(f"{name}_count", model=model), 1
