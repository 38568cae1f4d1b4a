"""What LiteLLM tells while it serves, as log lines and in the request's record: fallbacks, refusals, tokens, costs.

Method names and signatures are those of LiteLLM's `CustomLogger`, which `upstream` mixes in. No line holds a word of a
prompt, an answer or a provider's error text: all three can quote the client.
"""

from __future__ import annotations

import logging
import math
from contextvars import ContextVar
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from litellm_gateway import logs, spend
from litellm_gateway.budget.ledger import TOTAL
from litellm_gateway.budget.meter import ProviderSpentError
from litellm_gateway.failures import is_clients_mistake, may_be_billed, reason

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from litellm_gateway.budget.meter import Meter
    from litellm_gateway.journal import Journal

fallback_log: Final = logging.getLogger("gateway.fallback")
spend_log: Final = logging.getLogger("gateway.spend")

_MESSAGES: Final = "anthropic_messages"
"""LiteLLM's name for calls of Anthropic's API."""

_MOST_TOKENS: Final = 10**9
"""More than any call takes."""

_reported: Final[ContextVar[str | None]] = ContextVar("reported_fallback", default=None)
"""Call id of the fallback already told: a nested chain reports every hop, the innermost and true one first."""


class RejectedError(Exception):
    """The model that was asked refused the request as wrong, so no other is paid to answer it."""


class Hooks:
    """Writes the fallback and budget lines."""

    def __init__(self, meter: Meter, journal: Journal) -> None:
        super().__init__()
        self._meter = meter
        self._journal = journal

    async def async_pre_call_deployment_hook(
        self, kwargs: Mapping[str, Any], call_type: object
    ) -> Mapping[str, Any] | None:
        """Before a provider is asked: its own budget has to allow it. What is raised here leads to the fallback.

        Returns what LiteLLM is to use instead of `kwargs`, None where that is the same.
        """
        if _translated(kwargs, call_type):
            return None
        model, request_id = _model_group(kwargs), _request_id(kwargs)
        record = self._journal.of(request_id)
        if record.rejected:
            raise RejectedError
        broken = self._meter.failed(request_id, billed=True)
        if broken is not None:
            self._tell_failure(request_id, broken, "its stream broke off")
        record.attempted = model
        try:
            self._meter.attempt(request_id, model)
        except ProviderSpentError:
            self._tell_failure(request_id, model, "its budget is used up")
            raise
        return _without_thinking(kwargs, call_type)

    async def log_success_fallback_event(
        self, original_model_group: str, kwargs: Mapping[str, Any], original_exception: Exception
    ) -> None:
        """Tell once per request which model answered for which."""
        request_id = _request_id(kwargs)
        if _reported.get() == request_id:
            return
        _reported.set(request_id)
        asked = _metadata(kwargs).get("original_model_group") or original_model_group
        fields = {"reason": reason(original_exception), "request_id": request_id}
        fallback_log.warning("Fallback triggered: %s → %s", asked, kwargs.get("model"), extra={"fields": fields})

    async def async_post_call_failure_deployment_hook(
        self,
        request_data: Mapping[str, Any],
        exception: Exception,
        call_type: object,
        fallback_depth: int | None = None,
    ) -> None:
        """Tell which provider refused an attempt, and with which status."""
        del fallback_depth
        if _translated(request_data, call_type):
            return
        model, request_id = _model_group(request_data), _request_id(request_data)
        self._meter.failed(request_id, billed=may_be_billed(exception))
        logging_object = request_data.get("litellm_logging_obj")
        record = self._journal.of(request_id)
        record.rejected = record.rejected or (not record.failures and is_clients_mistake(exception))
        record.upstream = _waited(getattr(logging_object, "model_call_details", {}))
        self._tell_failure(request_id, model, reason(exception))

    async def async_post_call_failure_hook(
        self,
        request_data: Mapping[str, Any],
        original_exception: Exception,
        user_api_key_dict: object,
        traceback_str: str | None = None,
    ) -> None:
        """Before a client is told that nobody answered. What breaks within a stream is told here alone."""
        del user_api_key_dict, traceback_str
        request_id = _request_id(request_data)
        model = self._meter.failed(request_id, billed=may_be_billed(original_exception))
        if model is not None:
            self._tell_failure(request_id, model, reason(original_exception))

    async def async_log_success_event(
        self, kwargs: Mapping[str, Any], response_obj: object, start_time: object, end_time: object
    ) -> None:
        """Count the cost of an answered request and tell the day's total."""
        del response_obj, start_time, end_time
        told, request_id = kwargs["standard_logging_object"], _request_id(kwargs)
        model = told["model_group"]
        known = kwargs.get("response_cost")
        cost = Decimal(str(known)) if known is not None and 0 < known < math.inf else None
        if cost is None:
            spend_log.error("Budget: request cost unknown model=%s; it counts as the most it can be", model)
        balance = self._meter.settle(request_id, model, cost)
        if balance is not None:
            text = spend.line(cost, model, balance, self._meter.limits[TOTAL])
            logs.tell(spend_log, logging.INFO, text, {"request_id": request_id})
        record = self._journal.of(request_id)
        record.served = model
        record.input_tokens, record.output_tokens = _tokens(told["prompt_tokens"]), _tokens(told["completion_tokens"])
        record.upstream = _waited(kwargs, kwargs.get("end_time") if kwargs.get("stream") else None)

    def _tell_failure(self, request_id: str, model: str, why: str) -> None:
        self._journal.of(request_id).failures.append((model, why))
        fields = {"reason": why, "request_id": request_id}
        fallback_log.warning("Attempt failed: %s (%s)", model, why, extra={"fields": fields})


def _tokens(told: int) -> int:
    """What a provider says, as far as it can be counted."""
    return max(0, min(told, _MOST_TOKENS))


def _waited(details: Mapping[str, Any], until: dt.datetime | None = None) -> float:
    """Seconds spent waiting for providers by now; the last of them answered `until` then, where that was a stream.

    `details` is what LiteLLM notes of a call. It times each call of a provider up to the head of its answer.
    """
    metadata = _metadata(details.get("litellm_params") or {})
    windows: tuple[tuple[float, float], ...] = metadata.get("llm_api_timing_windows") or ()
    streaming = until.timestamp() - windows[-1][1] if until and windows else 0.0
    return sum(end - begin for begin, end in windows) + streaming


def _translated(data: Mapping[str, Any], call_type: object) -> bool:
    """Whether this is LiteLLM's own chat call for a request of Anthropic's API, which it tells of as well."""
    return "litellm_metadata" in data and _kind(call_type) != _MESSAGES


def _without_thinking(kwargs: Mapping[str, Any], call_type: object) -> Mapping[str, Any] | None:
    """OpenAI's chat thinks by other parameters; LiteLLM would leave it for another of OpenAI's APIs."""
    if _kind(call_type) == _MESSAGES and str(kwargs.get("model")).startswith("openai/") and kwargs.get("thinking"):
        return {**kwargs, "thinking": None}
    return None


def _kind(call_type: object) -> object:
    return getattr(call_type, "value", call_type)


def _metadata(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """What LiteLLM notes of a call; Anthropic's API has a `metadata` of its own."""
    return data.get("litellm_metadata") or data.get("metadata") or {}


def _model_group(data: Mapping[str, Any]) -> str:
    return str(_metadata(data).get("model_group") or "unknown")


def _request_id(kwargs: Mapping[str, Any]) -> str:
    return str(kwargs.get("litellm_call_id") or "")
