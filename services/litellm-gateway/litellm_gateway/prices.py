"""Checks against LiteLLM's price map: a model without a price costs money that nobody counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

WARNING_DAYS: Final = 30
"""How long before a model's shutdown the gateway starts to warn."""

PriceMap = Mapping[str, Mapping[str, Any]]


def problems(upstreams: Mapping[str, str], price_map: PriceMap, today: dt.date) -> list[str]:
    """What makes a start pointless: models without a price, and models whose provider has shut them down."""
    found = []
    for name, upstream in upstreams.items():
        entry = find(upstream, price_map)
        if not entry.get("input_cost_per_token") or not entry.get("output_cost_per_token"):
            found.append(f"the model '{name}' ({upstream}) has no price in LiteLLM's price map: choose one that has")
        end = shutdown(entry)
        if end and end <= today:
            found.append(f"the model '{name}' ({upstream}) was shut down on {end}: choose one that lives")
    return found


def warnings(upstreams: Mapping[str, str], price_map: PriceMap, today: dt.date) -> list[str]:
    """Models that are shut down within `WARNING_DAYS`."""
    ends = {name: shutdown(find(upstream, price_map)) for name, upstream in upstreams.items()}
    horizon = today + dt.timedelta(days=WARNING_DAYS)
    return [
        f"the model '{name}' ({upstreams[name]}) is shut down on {end}: choose its successor before"
        for name, end in ends.items()
        if end and today < end <= horizon
    ]


def find(upstream: str, price_map: PriceMap) -> Mapping[str, Any]:
    """The entry of a LiteLLM id such as `anthropic/claude-sonnet-4-6`; empty where there is none.

    Some providers' models are listed under the bare name, then the entry names the provider.
    """
    provider, _, bare = upstream.partition("/")
    if upstream in price_map:
        return price_map[upstream]
    entry = price_map.get(bare, {})
    return entry if entry.get("litellm_provider") == provider else {}


def shutdown(entry: Mapping[str, Any]) -> dt.date | None:
    """The day from which the provider refuses the model, where the price map knows one."""
    text = entry.get("deprecation_date")
    return dt.date.fromisoformat(text) if text else None
