"""Pure judgements: an answer in, what is worth noting out; CheckFailedError says what was wanted and what was seen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from gateway.acceptance.client import Answer
from gateway.acceptance.expected import Expected, Model
from gateway.acceptance.shape import at, body_of, error_of, is_count, shown, status_of, want_same, want_status
from gateway.acceptance.verdict import CheckFailedError, UndecidedError

GROUP_HEADER: Final = "x-litellm-model-group"
FALLBACKS_HEADER: Final = "x-litellm-attempted-fallbacks"
OVERHEAD_HEADER: Final = "x-litellm-overhead-duration-ms"
SHUT: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND)

PROVIDER_TROUBLE: Final = (408, 429, 503, 504, 529)
"""What a gateway passes on when a provider is overloaded, out of quota or down: any build would, so it judges none."""


def health(answer: Answer, expected: Expected) -> str:
    """The body of /health is the plan's, exactly."""
    want_same(body_of(answer), {"status": "healthy", "models": expected.names})
    return f"healthy, {len(expected.models)} models"


def model_list(answer: Answer, expected: Expected) -> str:
    """The body of /v1/models is the plan's, exactly, with any time in `created`."""
    seen = body_of(answer)
    entries = at(seen, "data")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise CheckFailedError(f"no list of models, but {shown(seen)}")
    _want_names([entry.get("id") for entry in entries], expected.names)
    if not all(is_count(entry.get("created")) for entry in entries):
        raise CheckFailedError("`created` is not a time in whole seconds for every model")
    undated = [{name: value for name, value in entry.items() if name != "created"} for entry in entries]
    wanted = [{"id": model.name, "object": "model", "owned_by": model.owner} for model in expected.models]
    want_same({**seen, "data": undated}, {"data": wanted})
    return ", ".join(expected.names)


def completion(answer: Answer) -> str:
    """A chat completion in OpenAI's shape with something said; returns what was said."""
    want_no_provider_trouble(answer)
    seen = body_of(answer)
    if at(seen, "object") != "chat.completion" or not isinstance(at(seen, "id"), str):
        raise CheckFailedError(f"no chat.completion with an id, but {shown(seen)}")
    said = at(seen, "choices", 0, "message", "content")
    if not isinstance(said, str) or not said.strip() or at(seen, "choices", 0, "message", "role") != "assistant":
        raise CheckFailedError(f"no message of the assistant, or an empty one: {shown(at(seen, 'choices'))}")
    if not all(is_count(at(seen, "usage", f"{kind}_tokens")) for kind in ("prompt", "completion", "total")):
        raise CheckFailedError(f"usage does not count prompt, completion and total tokens: {shown(at(seen, 'usage'))}")
    return said


def answered_by(answer: Answer, model: Model) -> None:
    """The named model itself answered: no fallback stood in, and no other route."""
    group = answer.headers.get(GROUP_HEADER, model.name)
    if fallbacks(answer):
        raise CheckFailedError(
            f"{model.owner} did not answer, {group} stood in for {model.name}; see the gateway's log"
        )
    if group != model.name:
        raise CheckFailedError(f"{group} answered, not {model.name}")


def fallbacks(answer: Answer) -> int:
    """How many fallbacks it took, by header; the body does not tell reliably."""
    text = answer.headers.get(FALLBACKS_HEADER, "0")
    if not text.isdecimal():
        raise CheckFailedError(f"{FALLBACKS_HEADER} is {text!r}, no number")
    return int(text)


def fallback(answer: Answer, probe: Model) -> str:
    """The probe route answered, and not from its first upstream, which is dead."""
    completion(answer)
    count, group = fallbacks(answer), answer.headers.get(GROUP_HEADER)
    if count < 1 or group == probe.name:
        raise CheckFailedError(f"{probe.name} answered by itself ({FALLBACKS_HEADER}: {count}); nothing fell back")
    return f"{group or 'another model'} stood in for {probe.name}"


def stream(answer: Answer) -> str:
    """Server-sent events in OpenAI's shape: chunks with something said, then [DONE]."""
    want_no_provider_trouble(answer)
    want_status(answer, HTTPStatus.OK)
    kind = answer.headers.get("content-type", "no content-type")
    if not kind.startswith("text/event-stream"):
        raise CheckFailedError(f"{kind} instead of text/event-stream")
    lines = answer.body.splitlines()
    events = [line[len(b"data:") :].strip().decode(errors="replace") for line in lines if line.startswith(b"data:")]
    pieces = [_piece(event) for event in events if event != "[DONE]"]
    if not events or events[-1] != "[DONE]":
        raise CheckFailedError(f"a stream of {len(events)} events that does not end with [DONE]")
    if not "".join(pieces).strip():
        raise CheckFailedError(f"a stream of {len(events)} events that says nothing")
    return f"{len(pieces)} chunks and [DONE]"


def refused(answer: Answer, who: str) -> str:
    """401 with an error in OpenAI's shape."""
    if answer.status in range(200, 300):
        raise CheckFailedError(f"critical: {who} was served ({answer.status}); anybody can spend the providers' money")
    want_status(answer, HTTPStatus.UNAUTHORIZED)
    if error_of(answer) is None:
        raise CheckFailedError(f"401, but no error in OpenAI's shape: {answer.body.decode(errors='replace')}")
    return "401"


def shut(answer: Answer) -> str | None:
    """None where a path without a key gets 401 or 404, else what it gets."""
    return None if answer.status in SHUT else status_of(answer)


def overhead(answer: Answer) -> float | None:
    """The gateway's own part of the time in milliseconds, where it tells."""
    try:
        return float(answer.headers[OVERHEAD_HEADER])
    except (KeyError, ValueError):
        return None


def want_no_provider_trouble(answer: Answer) -> None:
    """Raises UndecidedError where a provider is overloaded, out of quota or down."""
    error = error_of(answer)
    if answer.status in PROVIDER_TROUBLE and error is not None:
        raise UndecidedError(f"{answer.status}, a provider's trouble and no verdict on the gateway: {error['message']}")


def _piece(event: str) -> str:
    try:
        chunk = json.loads(event)
    except (ValueError, RecursionError) as error:
        raise CheckFailedError(f"an event is no JSON: {event}") from error
    if at(chunk, "object") != "chat.completion.chunk":
        raise CheckFailedError(f"an event is no chat.completion.chunk: {shown(chunk)}")
    said = at(chunk, "choices", 0, "delta", "content")
    return said if isinstance(said, str) else ""


def _want_names(seen: Sequence[Any], wanted: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in seen]
    extra = [str(name) for name in seen if name not in wanted]
    if missing or extra:
        raise CheckFailedError(f"missing: {', '.join(missing) or 'none'}; not declared: {', '.join(extra) or 'none'}")
