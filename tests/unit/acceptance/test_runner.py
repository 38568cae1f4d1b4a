"""Order, dependencies, the three verdicts, and what a result holds."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from gateway.acceptance import runner
from gateway.acceptance.checks import Check, Context, plan
from gateway.acceptance.client import Gateway
from gateway.acceptance.expected import EXPECTED
from gateway.acceptance.settings import Limits
from gateway.acceptance.verdict import CheckFailedError, Result, UndecidedError, Verdict, overall
from tests.unit.acceptance.conftest import Clock, Handler

pytestmark = pytest.mark.unit

MakeGateway = Callable[[Handler], Gateway]
MakeContext = Callable[..., Context]


class Recorder:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def started(self, name: str) -> None:
        self.told.append(f"{name}?")

    def finished(self, result: Result) -> None:
        self.told.append(f"{result.name}: {result.verdict.value}")


@pytest.fixture
def context(gateway: MakeGateway, limits: Limits, clock: Clock) -> MakeContext:
    def make(handler: Handler = lambda request: httpx.Response(200), wanted: str | None = None) -> Context:
        return Context(gateway(handler), EXPECTED, limits, wanted, clock.sleep)

    return make


def passes(context: Context) -> str:
    return "fine"


def fails(context: Context) -> str:
    raise CheckFailedError("wrong")


def cannot(context: Context) -> str:
    raise UndecidedError("no network")


def test_checks_run_in_order_and_are_told_of(context: MakeContext) -> None:
    recorder = Recorder()
    checks = [Check("build", passes, needs=()), Check("a", fails), Check("b", cannot), Check("c", passes)]
    results = runner.run(checks, context(), recorder)
    assert [(result.name, result.verdict, result.detail) for result in results] == [
        ("build", Verdict.PASS, "fine"),
        ("a", Verdict.FAIL, "wrong"),
        ("b", Verdict.CANNOT_TELL, "no network"),
        ("c", Verdict.PASS, "fine"),
    ]
    assert recorder.told == ["build?", "build: pass", "a?", "a: fail", "b?", "b: cannot tell", "c?", "c: pass"]


@pytest.mark.parametrize("build", [fails, cannot])
def test_what_needs_a_check_that_did_not_pass_is_skipped(context: MakeContext, build: Callable[[Context], str]) -> None:
    def never(context: Context) -> str:
        pytest.fail("was run")

    skipped = runner.run([Check("build", build, needs=()), Check("a", never)], context(), Recorder())[1]
    assert (skipped.verdict, skipped.detail) == (Verdict.CANNOT_TELL, "skipped: build did not pass")


def test_every_check_but_the_first_needs_the_right_build() -> None:
    first, *others = plan(EXPECTED)
    assert first.needs == ()
    assert all("build" in check.needs for check in others)
    assert {check.name: check.needs[1:] for check in others if check.needs[1:]} == {
        "fallback": ("routing:gemini-flash",),
        "latency": ("routing:gemini-flash",),
    }
    assert [check.name for check in (first, *others)] == [
        "build",
        "health",
        "models",
        "anonymous",
        "wrong-key",
        "closed-doors",
        "routing:claude-sonnet",
        "routing:gpt-4o",
        "routing:gemini-pro",
        "routing:gemini-flash",
        "streaming",
        "fallback",
        "latency",
    ]


def test_an_interrupt_keeps_what_is_known(context: MakeContext) -> None:
    def interrupted(context: Context) -> str:
        raise KeyboardInterrupt

    recorder = Recorder()
    checks = [Check("build", passes, needs=()), Check("a", interrupted), Check("b", passes)]
    results = runner.run(checks, context(), recorder)
    assert [result.detail for result in results] == ["fine", "interrupted", "interrupted"]
    assert recorder.told[-2:] == ["a: cannot tell", "b: cannot tell"]
    assert overall(results) is Verdict.CANNOT_TELL


def test_when_time_is_up_nothing_more_is_asked(context: MakeContext, clock: Clock) -> None:
    def slow(context: Context) -> str:
        clock.sleep(1000)
        return "done"

    results = runner.run([Check("build", slow, needs=()), Check("a", passes)], context(), Recorder())
    assert [result.verdict for result in results] == [Verdict.PASS, Verdict.CANNOT_TELL]
    assert "time limit" in results[1].detail


def test_a_result_names_its_last_request_and_no_secret(context: MakeContext) -> None:
    ids = iter(["r-1", "r-2", "my-secret"])

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text="my-secret", headers={"x-request-id": next(ids)})

    def twice(context: Context) -> str:
        context.gateway.get("/a")
        return context.gateway.get("/b").body.decode()

    def once(context: Context) -> str:
        return context.gateway.get("/c").body.decode()

    checks = [Check("build", passes, needs=()), Check("a", twice), Check("b", once)]
    results = runner.run(checks, context(handler), Recorder(), "my-secret")
    assert [(result.detail, result.request_id) for result in results] == [
        ("fine", None),
        ("[redacted]", "r-2"),
        ("[redacted]", "[redacted]"),
    ]


def test_another_build_that_answers_meanwhile_is_a_failure(context: MakeContext) -> None:
    builds = iter(["new", "old", "new"])

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"x-gateway-deployment": next(builds)})

    def asks(context: Context) -> str:
        context.gateway.get("/x")
        return "fine"

    checks = [Check("build", passes, needs=()), *(Check(name, asks) for name in "abc")]
    results = runner.run(checks, context(handler, "new"), Recorder())
    assert [result.verdict.value for result in results] == ["pass", "pass", "fail", "pass"]
    assert results[2].detail == "another build answers meanwhile: old; fine"


@pytest.mark.parametrize(
    ("verdicts", "verdict", "status"),
    [
        ("pass pass", Verdict.PASS, 0),
        ("pass fail", Verdict.FAIL, 1),
        ("fail,cannot tell", Verdict.FAIL, 1),
        ("pass,cannot tell", Verdict.CANNOT_TELL, 2),
        ("", Verdict.CANNOT_TELL, 2),
    ],
)
def test_overall(verdicts: str, verdict: Verdict, status: int) -> None:
    names = verdicts.split("," if "," in verdicts else None)
    results = [Result("x", Verdict(name), "") for name in names]
    assert overall(results) is verdict
    assert verdict.exit_status == status
