"""What LiteLLM tells while it serves, as log lines: fallbacks, refusals of providers, costs.

Method names and signatures are those of LiteLLM's `CustomLogger`, which `upstream` mixes in. No line holds a word of a
prompt, an answer or a provider's error text: all three can quote the client.
"""

from __future__ import annotations

import logging
from contextvars import ContextVar
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from litellm_gateway import spend
from litellm_gateway.budget.ledger import TOTAL
from litellm_gateway.budget.meter import ProviderSpentError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litellm_gateway.budget.meter import Meter

fallback_log: Final = logging.getLogger("gateway.fallback")
spend_log: Final = logging.getLogger("gateway.spend")

_reported: Final[ContextVar[str | None]] = ContextVar("reported_fallback", default=None)
"""Call id of the fallback already told: a nested chain reports every hop, the innermost and true one first."""


class Hooks:
    """Writes the fallback and budget lines."""

    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self._meter = meter

    async def async_pre_call_deployment_hook(self, kwargs: Mapping[str, Any], call_type: object) -> None:
        """Before a provider is asked: its own budget has to allow it. What is raised here leads to the fallback."""
        del call_type
        model = _model_group(kwargs)
        try:
            self._meter.attempt(_call_id(kwargs), model)
        except ProviderSpentError:
            fields = {"reason": "its budget is used up", "call": _call_id(kwargs)}
            fallback_log.warning("Attempt failed: %s (%s)", model, fields["reason"], extra={"fields": fields})
            raise

    async def log_success_fallback_event(
        self, original_model_group: str, kwargs: Mapping[str, Any], original_exception: Exception
    ) -> None:
        """Tell once per request which model answered for which."""
        call = _call_id(kwargs)
        if _reported.get() == call:
            return
        _reported.set(call)
        asked = (kwargs.get("metadata") or {}).get("original_model_group") or original_model_group
        fields = {"reason": reason(original_exception), "call": call}
        fallback_log.warning("Fallback triggered: %s → %s", asked, kwargs.get("model"), extra={"fields": fields})

    async def async_post_call_failure_deployment_hook(
        self,
        request_data: Mapping[str, Any],
        exception: Exception,
        call_type: object,
        fallback_depth: int | None = None,
    ) -> None:
        """Tell which provider refused an attempt, and with which status."""
        del call_type, fallback_depth
        model = _model_group(request_data)
        self._meter.failed(_call_id(request_data), model)
        fields = {"reason": reason(exception), "call": _call_id(request_data)}
        fallback_log.warning("Attempt failed: %s (%s)", model, fields["reason"], extra={"fields": fields})

    async def async_log_success_event(
        self, kwargs: Mapping[str, Any], response_obj: object, start_time: object, end_time: object
    ) -> None:
        """Count the cost of an answered request and tell the day's total."""
        del response_obj, start_time, end_time
        model = kwargs["standard_logging_object"]["model_group"]
        known = kwargs.get("response_cost")
        if known is None:
            spend_log.error("Budget: request cost unknown model=%s; it counts as the most it can be", model)
        cost = None if known is None else Decimal(str(known))
        balance = self._meter.settle(_call_id(kwargs), model, cost)
        if balance is not None:
            text = spend.line(cost, model, balance, self._meter.limits[TOTAL])
            spend_log.info("%s", text, extra={"fields": {"call": _call_id(kwargs)}})


def reason(error: Exception) -> str:
    """An upstream error without its text: the type and, where there is one, the HTTP status."""
    status = getattr(error, "status_code", None)
    name = type(error).__name__
    return name if status is None else f"{name}, status {status}"


def _model_group(data: Mapping[str, Any]) -> str:
    return str((data.get("metadata") or {}).get("model_group") or "unknown")


def _call_id(kwargs: Mapping[str, Any]) -> str:
    return str(kwargs.get("litellm_call_id") or "")
