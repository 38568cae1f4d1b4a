"""The named checks in their order. Each takes a `Context` and returns what is worth noting, or raises."""

from __future__ import annotations

import secrets
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from gateway.acceptance import judge, spending
from gateway.acceptance.client import Answer, Gateway
from gateway.acceptance.expected import Expected, Model
from gateway.acceptance.settings import Limits
from gateway.acceptance.settle import right_build
from gateway.acceptance.verdict import CheckFailedError

CHAT: Final = "/v1/chat/completions"
BUDGET: Final = "/v1/budget"
TIMED_CALLS: Final = 5


@dataclass(frozen=True)
class Context:
    """What a check works with."""

    gateway: Gateway
    expected: Expected
    limits: Limits
    expected_deployment: str | None = None
    sleep: Callable[[float], None] = time.sleep
    budget_key: str | None = None


@dataclass(frozen=True)
class Check:
    """A named check. It is skipped unless every check it `needs` passed."""

    name: str
    run: Callable[[Context], str]
    needs: tuple[str, ...] = ("build",)


def plan(expected: Expected, *, tiny_budget: bool = False) -> tuple[Check, ...]:
    """All checks for the declared gateway, the free ones first; that of the budget needs a key with a tiny one."""
    return (
        Check("build", build, needs=()),
        Check("health", health),
        Check("models", models),
        Check("anonymous", anonymous),
        Check("wrong-key", wrong_key),
        Check("closed-doors", closed_doors),
        *(Check(_route(model), partial(routing, model=model)) for model in expected.models),
        Check("streaming", streaming),
        Check("fallback", fallback, needs=("build", _route(expected.stand_in))),
        Check("latency", latency, needs=("build", _route(expected.timed))),
        *((Check("budget", budget, needs=("build", _route(expected.timed))),) if tiny_budget else ()),
    )


def build(context: Context) -> str:
    """The deployment that was asked for answers, within the time the edge may take to switch to it."""
    return right_build(context.gateway, context.expected_deployment, context.limits.settle, context.sleep)


def health(context: Context) -> str:
    """The plan's first test: /health has exactly its body."""
    return judge.health(context.gateway.get("/health"), context.expected)


def models(context: Context) -> str:
    """The plan's second test: /v1/models lists the declared models, no more and no fewer."""
    return judge.model_list(context.gateway.get("/v1/models"), context.expected)


def routing(context: Context, model: Model) -> str:
    """The plan's third test, once per model: it answers, and it is not a fallback that does."""
    answer = _ask(context, model)
    judge.completion(answer)
    judge.answered_by(answer, model)
    return f"{model.owner} answered in {answer.seconds:.2f} s"


def streaming(context: Context) -> str:
    """The answer also comes as a stream."""
    return judge.stream(_ask(context, context.expected.streamed, stream=True))


def anonymous(context: Context) -> str:
    """Without a key no model answers."""
    return judge.refused(context.gateway.send("POST", CHAT, _question(context.expected.timed)), "a call without a key")


def wrong_key(context: Context) -> str:
    """With a key that nobody was given no model answers."""
    key = f"sk-{secrets.token_hex(32)}"
    return judge.refused(
        context.gateway.send("POST", CHAT, _question(context.expected.timed), key), "a call with a wrong key"
    )


def closed_doors(context: Context) -> str:
    """None of LiteLLM's other paths answers without a key."""
    doors = context.expected.closed_doors
    open_doors = []
    for door in doors:
        got = judge.shut(context.gateway.send(door.method, door.path, {} if door.method == "POST" else None))
        if got:
            open_doors.append(f"{door.method} {door.path} {got}")
    if open_doors:
        raise CheckFailedError(f"{len(open_doors)} of {len(doors)} paths are not shut: {', '.join(open_doors)}")
    return f"{len(doors)} paths shut"


def fallback(context: Context) -> str:
    """The plan's fourth test, no key revoked: a route with a dead first upstream is answered by another model."""
    probe = context.expected.fallback_probe
    return judge.fallback(_ask(context, probe), probe)


def latency(context: Context) -> str:
    """After a first call to warm up, the median call is fast enough."""
    answers = [_ask(context, context.expected.timed) for _ in range(1 + TIMED_CALLS)]
    for answer in answers:
        judge.completion(answer)
    median = statistics.median(answer.seconds for answer in answers[1:])
    own = [ms for answer in answers[1:] if (ms := judge.overhead(answer)) is not None]
    noted = f", of it the gateway's own {statistics.median(own):.0f} ms" if own else ""
    seen = f"median of {TIMED_CALLS} calls {median:.2f} s{noted}"
    if median > context.limits.latency:
        raise CheckFailedError(f"{seen}; the limit is {context.limits.latency:g} s")
    return seen


def budget(context: Context) -> str:
    """A client with a tiny budget gets a short answer, unless today's calls left too little, and no long one."""
    model, key = context.expected.timed, context.budget_key
    had = spending.allowance(context.gateway.send("GET", BUDGET, key=key))
    cheap, dear = (
        context.gateway.send("POST", CHAT, _question(model) | {"max_tokens": tokens}, key)
        for tokens in (model.max_tokens, spending.DEAR_TOKENS)
    )
    return spending.held(had, cheap, dear)


def _route(model: Model) -> str:
    return f"routing:{model.name}"


def _ask(context: Context, model: Model, *, stream: bool = False) -> Answer:
    body = _question(model) | ({"stream": True} if stream else {})
    return context.gateway.send("POST", CHAT, body, context.gateway.key)


def _question(model: Model) -> dict[str, Any]:
    messages = [{"role": "user", "content": "Say hello in one word"}]
    return {"model": model.name, "messages": messages, "max_tokens": model.max_tokens}
