"""Following a deployment: every way it can end, told precisely. Railway is a script in memory, time takes none."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from typing import Any

import httpx
import pytest

from pulumi_railway.api.client import RailwayClient
from pulumi_railway.api.deployments import Deployment
from pulumi_railway.api.place import Place
from pulumi_railway.api.rate_limit import RESERVE
from pulumi_railway.api.tokens import Credentials
from pulumi_railway.handlers.base import Context
from pulumi_railway.handlers.deployment_follow import (
    LOG_LINES,
    DeploymentFailedError,
    DeploymentHeldError,
    DeploymentStuckError,
    Limits,
    follow,
)
from pulumi_railway.handlers.waiting import Clock, Pace
from pulumi_railway.redaction import MASK
from pulumi_railway.secret_manager import SecretManager

pytestmark = pytest.mark.unit

SECRET = "sk-from-railway-0001"
REDIS = "redis://default:s3cret%2Fpass@redis.railway.internal:6379"
SERVICE = "litellm-gateway"
HOOK = "https://hooks.example.org/T0/B1/x9"
Instances = Sequence[tuple[str, str]]


class Script:
    """A deployment that goes through `statuses`, one a look, and stays at the last."""

    def __init__(self, statuses: Iterable[str | tuple[str, Instances]], events: Sequence[dict[str, Any]] = ()) -> None:
        self.statuses = [(each, ()) if isinstance(each, str) else each for each in statuses]
        self.events = events
        self.newer: list[str] = []
        self.said: list[str] = []
        self.waits: list[float] = []
        self.asked: list[str] = []
        self.requests_left = 10_000

    def follow(self, limits: Limits | None = None) -> Deployment:
        api = RailwayClient(Credentials("t", "project"), transport=httpx.MockTransport(self.answer))
        context = Context(
            api, SecretManager(), lambda _, line: self.said.append(line), threading.Event(), sleep=self.waits.append
        )
        clock = Clock(context, Pace(first=1.0), lambda: sum(self.waits))
        return follow(context, clock, Place("p", "e", "s"), "d-1", limits or Limits())

    def answer(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        self.asked.append(body["operationName"])
        value = getattr(self, body["operationName"])(body["variables"])
        self.requests_left -= 1
        headers = {"x-ratelimit-remaining": str(self.requests_left)}
        return httpx.Response(200, json={"data": {body["operationName"]: value}}, headers=headers)

    def deployment(self, _variables: Any) -> Any:
        status, instances = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return self.shown("d-1", status, instances)

    def deployments(self, _variables: Any) -> Any:
        nodes = [self.shown(each, "SUCCESS", created="2026-01-02") for each in self.newer]
        return self.connection([*nodes, self.shown("d-1", "REMOVED")])

    def deploymentEvents(self, _variables: Any) -> Any:  # noqa: N802 - Railway's name
        empty = {"error": None, "reason": None, "detail": None, "attempt": None}
        return self.connection(
            [{"step": event["step"], "completedAt": None, "payload": {**empty, **event}} for event in self.events]
        )

    def variables(self, variables: Any) -> Any:
        written = {"API_KEY": SECRET, "PORT": "4000", "BASE": "https://example.org", "HOOK": HOOK, "SEALED": None}
        if variables["unrendered"]:
            return {**written, "REDIS_URL": "${{redis.REDIS_URL}}", "NAME": "${{RAILWAY_SERVICE_NAME}}"}
        return {**written, "REDIS_URL": REDIS, "NAME": SERVICE, "RAILWAY_SERVICE_NAME": SERVICE}

    def buildLogs(self, variables: Any) -> Any:  # noqa: N802 - Railway's name
        return [{"message": f"build {n}"} for n in range(variables["limit"] + 1)]

    def deploymentLogs(self, _variables: Any) -> Any:  # noqa: N802 - Railway's name
        said = (
            f"https://example.org port 4000 key {SECRET} hook {HOOK} ledger {REDIS} refuses s3cret/pass; I am {SERVICE}"
        )
        return [{"message": said}]

    @staticmethod
    def shown(identity: str, status: str, instances: Instances = (), created: str = "2026-01-01") -> dict[str, Any]:
        return {
            "id": identity,
            "status": status,
            "createdAt": created,
            "canRollback": False,
            "meta": {"commitHash": "c" * 40},
            "instances": [{"id": name, "status": state} for name, state in instances],
        }

    @staticmethod
    def connection(nodes: list[Any]) -> dict[str, Any]:
        page = {"hasNextPage": False, "endCursor": None}
        return {"edges": [{"node": node} for node in nodes], "pageInfo": page}


@pytest.mark.parametrize("last", ["SUCCESS", "SLEEPING"])
def test_it_ends_with_what_serves_and_tells_each_status_once(last: str) -> None:
    script = Script(["QUEUED", "QUEUED", "WAITING", "BUILDING", "DEPLOYING", last])
    assert script.follow().status == last
    assert [line.split(": ")[1].split(" ")[0] for line in script.said] == [
        "QUEUED",
        "WAITING",
        "BUILDING",
        "DEPLOYING",
        last,
    ]
    assert script.said[1] == "Deployment d-1: WAITING (2 s)"


def test_a_long_status_is_told_again() -> None:
    script = Script([*["BUILDING"] * 12, "SUCCESS"])
    script.follow()
    assert len([line for line in script.said if "BUILDING" in line]) > 1


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("SKIPPED", "no file under the watch patterns changed"),
        ("REMOVED", "somebody removed it"),
        ("REMOVING", "somebody removed it"),
    ],
)
def test_each_other_end_has_its_message(status: str, told: str) -> None:
    with pytest.raises(DeploymentFailedError, match=f"Deployment d-1 is {status}") as caught:
        Script(["BUILDING", status]).follow()
    assert told in str(caught.value)


def test_one_that_is_held_back_is_no_failure() -> None:
    with pytest.raises(DeploymentHeldError, match=r"d-1 is NEEDS_APPROVAL.*approve it there, then run again"):
        Script(["BUILDING", "NEEDS_APPROVAL"]).follow()


def test_a_newer_one_that_replaced_it_is_named() -> None:
    script = Script(["BUILDING", "REMOVED"])
    script.newer = ["d-2"]
    with pytest.raises(DeploymentFailedError, match=r"deployment d-2 of commit c{12} \(SUCCESS\) was started"):
        script.follow()


def test_a_failed_build_shows_its_step_its_reason_and_its_last_lines() -> None:
    events = [{"step": "SNAPSHOT_CODE"}, {"step": "BUILD_IMAGE", "error": "exit code 1", "reason": "pip"}]
    with pytest.raises(DeploymentFailedError) as caught:
        Script(["BUILDING", "FAILED"], events).follow()
    lines = str(caught.value).splitlines()
    assert lines[0].startswith(
        "Deployment d-1: it FAILED in step BUILD_IMAGE: exit code 1: pip. Check that rootDirectory"
    )
    assert lines[0].endswith(f"The last {LOG_LINES} log lines:")
    assert lines[1:] == [f"  build {n}" for n in range(1, LOG_LINES + 1)]


def test_a_failed_health_check_names_the_port_and_no_secret() -> None:
    events = [{"step": "BUILD_IMAGE"}, {"step": "HEALTHCHECK", "reason": "503 after 30 s"}]
    with pytest.raises(DeploymentFailedError) as caught:
        Script(["DEPLOYING", "FAILED"], events).follow()
    assert "in step HEALTHCHECK: 503 after 30 s. Check that the process listens on the port" in str(caught.value)
    masked = f"https://example.org port 4000 key {MASK} hook {MASK} ledger {MASK} refuses {MASK}; I am {SERVICE}"
    assert masked in str(caught.value)


def test_a_crash_loop_ends_at_the_second_crash() -> None:
    looks: list[Any] = [("DEPLOYING", [("i", state)]) for state in ("RUNNING", "CRASHED", "CRASHED", "RUNNING")]
    script = Script([*looks, ("DEPLOYING", [("i", "RESTARTING")]), "SUCCESS"])
    with pytest.raises(DeploymentFailedError, match="its process crashed twice"):
        script.follow()
    assert script.asked.count("deployment") == 5


@pytest.mark.parametrize(
    ("starts", "fell"),
    [
        ([{"attempt": 1}], False),
        ([{"attempt": 1, "error": "it ended"}], False),
        ([{"attempt": 1, "error": "it ended"}, {"attempt": 2}], False),
        ([{"attempt": 1, "error": "it ended"}, {"attempt": 2, "error": "it ended"}], True),
        ([{"attempt": 3}], True),
    ],
)
def test_a_crash_loop_that_no_poll_sees_is_known_by_its_starts(starts: list[dict[str, Any]], fell: bool) -> None:
    events = [{"step": "CREATE_CONTAINER", **start} for start in starts]
    script = Script([*[("DEPLOYING", [("i", "RUNNING")])] * 60, "SUCCESS"], events)
    if fell:
        with pytest.raises(DeploymentFailedError, match="its process crashed twice"):
            script.follow()
        assert sum(script.waits) <= 30
    else:
        assert script.follow().status == "SUCCESS"


def test_a_crashed_one_is_a_failure() -> None:
    with pytest.raises(DeploymentFailedError, match="it CRASHED"):
        Script(["DEPLOYING", "CRASHED"]).follow()


@pytest.mark.parametrize("status", ["QUEUED", "INITIALIZING"])
def test_one_that_does_not_begin_is_stuck(status: str) -> None:
    script = Script([status])
    with pytest.raises(DeploymentStuckError, match=f"d-1 is {status} for 300 s"):
        script.follow()
    assert 300 <= sum(script.waits) <= 320


def test_one_that_began_is_not_stuck_when_it_waits_again_for_less() -> None:
    script = Script([*["BUILDING"] * 80, *["QUEUED"] * 5, "SUCCESS"])
    assert script.follow().status == "SUCCESS"
    assert sum(script.waits) > 300


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("DEPLOYING", "Check that the process"),
        ("WAITING", "Railway waits for the checks of its commit on GitHub"),
        ("BUILDING", "$"),
    ],
)
def test_the_whole_time_is_limited(status: str, told: str) -> None:
    script = Script([status])
    with pytest.raises(DeploymentFailedError, match=rf"not ready after 60 s; its status is {status}\. ?{told}"):
        script.follow(Limits(total=60.0))
    assert sum(script.waits) >= 60


def test_the_longest_build_leaves_a_reserve_of_the_smallest_plans_hour() -> None:
    script = Script(["BUILDING"])
    script.requests_left = 85
    with pytest.raises(DeploymentFailedError):
        script.follow(Limits())
    assert RESERVE <= script.requests_left < 2 * RESERVE


def test_a_large_plan_sees_the_end_of_a_long_build_soon() -> None:
    script = Script([*["BUILDING"] * 125, "SUCCESS"])
    script.follow()
    assert sum(script.waits) > 600
    assert max(script.waits) == 5.0


def test_logs_that_cannot_be_read_do_not_hide_the_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(["DEPLOYING", "FAILED"])
    monkeypatch.setattr(script, "deploymentEvents", lambda _variables: None, raising=True)
    with pytest.raises(
        DeploymentFailedError, match=r"Deployment d-1: it FAILED\. Its steps and logs could not be read"
    ):
        script.follow()
