"""The command against a good gateway and against each bad one, over real sockets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from tests.contract.acceptance.conftest import Run
from tests.contract.acceptance.played_gateway import (
    KEY,
    OWNERS,
    Play,
    PlayedGateway,
    always,
    completion,
    error,
    fell_back,
    html,
    model,
    stream,
)

pytestmark = pytest.mark.contract

Judge = Callable[..., Run]
CHAT = "POST /v1/chat/completions"
EVERY_MODEL = [f"routing:{name}" for name in OWNERS]


def test_a_good_gateway_passes(url: str, judge: Judge) -> None:
    run = judge(url)
    assert (run.status, run.evidence["verdict"], run.other_than("pass")) == (0, "pass", [])
    assert run.evidence["seen_deployment"] == run.evidence["expected_deployment"] == "d-1"
    assert len(run.evidence["checks"]) == 13
    assert run.check("routing:gpt-4o")["request_id"] == "call-gpt-4o"
    assert "gateway's own 12 ms" in run.check("latency")["detail"]
    assert run.lines[0].startswith("pass         build ")
    assert run.lines[-1].startswith("verdict: pass (13 pass) in ")


def replies(body: Any, status: int = 200) -> Play:
    return always(lambda: JSONResponse(body, status))


async def asks_no_key(request: Request) -> Response:
    asked = await request.json()
    if asked.get("stream"):
        return stream("Hello!")
    return fell_back("gemini-flash") if asked["model"] == "fallback-probe" else completion(asked["model"])


def refuses(status: int, body: Any) -> Play:
    """Refuses a wrong key with an answer of its own."""

    async def play(request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return JSONResponse(body, status)
        return await asks_no_key(request)

    return play


async def streams_without_end(request: Request) -> Response:
    asked = await request.json()
    return stream("Hello!", done=False) if asked.get("stream") else completion(asked["model"])


async def falls_back_to_gpt(request: Request) -> Response:
    asked = await request.json()
    return stream("Hello!") if asked.get("stream") else fell_back("gpt-4o")


NO_DB = {"error": {"message": "No connected db.", "type": "no_db_connection", "param": None, "code": "400"}}
READINESS = {"status": "healthy", "db": "Not connected"}


@dataclass(frozen=True)
class Fault:
    """What is spoilt, by what, which checks fail for it, and what the first of them says."""

    what: str
    play: Play
    failing: tuple[str, ...]
    says: str


def listed(*names: str) -> Play:
    return replies({"data": [model(name) for name in names]})


REFUSAL = ("anonymous", "wrong-key")
KEY_REFUSED = "Incorrect API key provided: sk-abcdefgh***wxyz"

FAULTS = {
    "captive page": Fault("GET /health", html(), ("health",), "200, but no JSON (text/html"),
    "redirect": Fault(
        "GET /health", always(lambda: RedirectResponse("/x", 308)), ("health",), "308 (redirect to /x, not f"
    ),
    "readiness body": Fault("GET /health", replies(READINESS), ("health",), "Not connected"),
    "extra model": Fault("GET /v1/models", listed(*OWNERS, "gpt-5"), ("models",), "not declared: gpt-5"),
    "missing model": Fault("GET /v1/models", listed(*list(OWNERS)[1:]), ("models",), "missing: claude-sonnet"),
    "models refused": Fault("GET /v1/models", replies(NO_DB, 401), ("models",), "401"),
    "routed by fallback": Fault(
        "model claude-sonnet",
        falls_back_to_gpt,
        ("routing:claude-sonnet",),
        "anthropic did not answer, gpt-4o stood in for claude-sonnet",
    ),
    "another model": Fault(
        "model gpt-4o", always(lambda: completion("gpt-3")), ("routing:gpt-4o",), "gpt-3 answered, not"
    ),
    "bad key": Fault(
        "model gpt-4o", always(lambda: error(401, KEY_REFUSED)), ("routing:gpt-4o",), "provided: [redacted]"
    ),
    "silence": Fault(
        "model gemini-pro", always(lambda: completion("gemini-pro", "")), ("routing:gemini-pro",), "empty"
    ),
    "anonymous served": Fault(CHAT, asks_no_key, REFUSAL, "critical: a call without a key was served (200)"),
    "400 instead of 401": Fault(CHAT, refuses(400, NO_DB), REFUSAL, "400 instead of 401: No connected db."),
    "401 of another shape": Fault(CHAT, refuses(401, {"detail": "no"}), REFUSAL, "OpenAI's shape"),
    "open door": Fault("GET /openapi.json", replies({}), ("closed-doors",), "GET /openapi.json 200"),
    "open admin": Fault("POST /key/generate", replies(NO_DB, 500), ("closed-doors",), "POST /key/generate 500"),
    "no fallback": Fault("model fallback-probe", always(lambda: error(500, "refused")), ("fallback",), "500"),
    "probe alive": Fault("model fallback-probe", always(lambda: completion("x")), ("fallback",), "nothing fell back"),
    "stream without end": Fault("model claude-sonnet", streams_without_end, ("streaming",), "does not end with [DONE]"),
    "no stream": Fault(
        "model claude-sonnet", always(lambda: completion("claude-sonnet")), ("streaming",), "text/event-"
    ),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_each_fault_fails_its_own_check_alone(played: PlayedGateway, url: str, judge: Judge, fault: Fault) -> None:
    played.plays[fault.what] = fault.play
    run = judge(url)
    assert (run.status, run.evidence["verdict"]) == (1, "fail")
    assert tuple(run.other_than("pass")) == fault.failing
    assert fault.says in run.check(fault.failing[0])["detail"]
    assert {run.check(name)["verdict"] for name in fault.failing} == {"fail"}


def test_an_old_build_that_keeps_answering_stops_everything(played: PlayedGateway, url: str, judge: Judge) -> None:
    played.deployment = "d-0"
    run = judge(url)
    assert run.status == 1
    assert run.check("build")["detail"] == "old build answers: deployment d-0, wanted d-1"
    assert set(played.asked) == {"GET /health"}
    assert {run.check(name)["detail"] for name in run.other_than("fail")} == {"skipped: build did not pass"}
    assert run.evidence["seen_deployment"] == "d-0"


@pytest.mark.parametrize("status", [404, 502])
def test_the_edge_alone_is_no_gateway(played: PlayedGateway, url: str, judge: Judge, status: int) -> None:
    played.deployment = None
    played.plays["GET /health"] = html(status)
    run = judge(url)
    assert run.status == 1
    assert run.check("build")["detail"].startswith(f"{status}, not from a gateway")


def test_the_switch_of_the_edge_is_waited_out(played: PlayedGateway, url: str, judge: Judge) -> None:
    async def switching(request: Request) -> Response:
        moment = played.asked.count("GET /health")
        if moment == 1:
            return Response("Application not found", 404, headers={"x-gateway-deployment": ""})
        played.plays.pop("GET /health")
        return JSONResponse({}, headers={"x-gateway-deployment": "d-0"})

    played.plays["GET /health"] = switching
    assert judge(url, "--settle", "30").status == 0


def test_a_build_that_comes_back_is_seen(played: PlayedGateway, url: str, judge: Judge) -> None:
    async def from_the_old_one(request: Request) -> Response:
        response = completion("gpt-4o")
        response.headers["x-gateway-deployment"] = "d-0"
        return response

    played.plays["model gpt-4o"] = from_the_old_one
    run = judge(url)
    assert (run.status, run.other_than("pass")) == (1, ["routing:gpt-4o"])
    assert run.check("routing:gpt-4o")["detail"].startswith("another build answers meanwhile: d-0")


def test_without_a_wanted_deployment_the_one_that_answers_is_reported(
    url: str, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GATEWAY_DEPLOYMENT_ID")
    run = judge(url)
    assert run.status == 0
    assert run.check("build")["detail"] == "deployment d-1 answers; none was asked for"
    assert (run.evidence["expected_deployment"], run.evidence["seen_deployment"]) == (None, "d-1")


def test_without_a_key_what_needs_one_cannot_be_told(url: str, judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEWAY_API_KEY")
    run = judge(url)
    assert (run.status, run.evidence["verdict"]) == (2, "cannot tell")
    assert run.other_than("pass") == [*EVERY_MODEL, "streaming", "fallback", "latency"]
    assert "GATEWAY_API_KEY is not set" in run.check("routing:gpt-4o")["detail"]
    assert run.check("fallback")["detail"] == "skipped: routing:gemini-flash did not pass"


def test_what_needs_a_route_that_is_down_is_not_blamed(played: PlayedGateway, url: str, judge: Judge) -> None:
    played.plays["model gemini-flash"] = always(lambda: error(429, "Rate limit reached"))
    played.plays["model fallback-probe"] = always(lambda: error(502, "The provider failed."))
    run = judge(url)
    assert (run.status, run.other_than("pass")) == (2, ["routing:gemini-flash", "fallback", "latency"])


@pytest.mark.parametrize("status", [429, 503])
def test_a_provider_that_is_overloaded_is_no_verdict(
    played: PlayedGateway, url: str, judge: Judge, status: int
) -> None:
    played.plays["model gpt-4o"] = always(
        lambda: error(status, "Rate limit reached", "requests", "rate_limit_exceeded")
    )
    run = judge(url)
    assert (run.status, run.other_than("pass")) == (2, ["routing:gpt-4o"])
    assert "Rate limit reached" in run.check("routing:gpt-4o")["detail"]


def test_a_slow_gateway_fails(played: PlayedGateway, url: str, judge: Judge) -> None:
    run = judge(url, "--latency", "0.000001")
    assert (run.status, run.other_than("pass")) == (1, ["latency"])
    assert "the limit is 1e-06 s" in run.check("latency")["detail"]


def test_an_answer_that_never_comes_fails(played: PlayedGateway, url: str, judge: Judge) -> None:
    played.plays["model claude-sonnet"] = always(lambda: stream("Hello", pause=30))
    run = judge(url, "--timeout", "0.5")
    assert (run.status, run.other_than("pass")) == (1, ["routing:claude-sonnet", "streaming"])
    assert "no complete answer within 0.5 s" in run.check("streaming")["detail"]


def test_a_run_without_time_ends_undecided(played: PlayedGateway, url: str, judge: Judge) -> None:
    played.plays["GET /v1/models"] = always(lambda: stream("Hello", pause=30))
    run = judge(url, "--deadline", "1")
    assert run.status == 2
    assert run.other_than("cannot tell") == ["build", "health"]
    assert "time limit of 1 s" in run.check("models")["detail"]
    assert "time limit of 1 s" in run.check("streaming")["detail"]


def test_a_connection_that_is_cut_fails(played: PlayedGateway, url: str, judge: Judge) -> None:
    played.cut.add("GET /v1/models")
    run = judge(url)
    assert (run.status, run.other_than("pass")) == (1, ["models"])
    assert run.check("models")["detail"] == "GET /v1/models: the connection broke before the answer was complete"
    assert played.asked.count("GET /v1/models") == 2


def test_a_secret_that_comes_back_is_not_kept(played: PlayedGateway, url: str, judge: Judge) -> None:
    played.plays["model gpt-4o"] = always(lambda: error(500, f"you said {KEY}\n\x1b[31mred"))
    run = judge(url)
    assert run.check("routing:gpt-4o")["detail"] == "500 instead of 200: you said [redacted] [31mred"
    assert KEY not in str(run)
