"""The small parts of handlers: settings, fingerprints, ids, diffs, waits."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from typing import Any

import pytest

from pulumi_railway.api.client import RailwayClient
from pulumi_railway.api.deployments import Deployment
from pulumi_railway.api.place import Place
from pulumi_railway.api.rate_limit import RESERVE
from pulumi_railway.api.tokens import Credentials
from pulumi_railway.errors import Cancelled, ResourceError
from pulumi_railway.handlers import fingerprints, identity, settings
from pulumi_railway.handlers.base import UNKNOWN, Context, State
from pulumi_railway.handlers.comparing import diff
from pulumi_railway.handlers.deployment_follow import _Crashes
from pulumi_railway.handlers.waiting import Clock, Pace, pause
from pulumi_railway.secret_manager import SecretManager

COST = fingerprints.COST
"""As users have it: it is lower while the tests run."""

pytestmark = pytest.mark.unit


class TestSettings:
    def test_what_the_user_took_away_is_cleared_and_nothing_else(self) -> None:
        before = {"startCommand": "x", "healthcheckPath": "/h", "name": "web"}
        assert settings.wanted({"healthcheckPath": "/h", "name": "web"}, before) == {
            "startCommand": None,
            "healthcheckPath": "/h",
        }

    @pytest.mark.parametrize(
        ("name", "one", "other", "same"),
        [
            ("rootDirectory", "services/web", "/services/web/", True),
            ("rootDirectory", "services/web", "services/api", False),
            ("preDeployCommand", ["a"], "a", True),
            ("preDeployCommand", ["a"], ["a", "b"], False),
            ("startCommand", "/a", "a", False),
            ("healthcheckTimeout", 300, 300.0, True),
        ],
    )
    def test_what_means_the_same(self, name: str, one: Any, other: Any, same: bool) -> None:
        assert settings.same(name, one, other) is same

    @pytest.mark.parametrize(
        ("name", "value", "default"),
        [
            ("builder", "RAILPACK", True),
            ("builder", "HEROKU", False),
            ("watchPatterns", [], True),
            ("restartPolicyMaxRetries", 10, True),
            ("startCommand", None, True),
            ("drainingSeconds", 0, True),
            ("drainingSeconds", 10, False),
        ],
    )
    def test_defaults(self, name: str, value: Any, default: bool) -> None:
        assert settings.is_default(name, value) is default


class TestFingerprints:
    def test_they_tell_the_secret_they_were_made_of(self) -> None:
        found = fingerprints.of("sk-one")
        assert fingerprints.matches(found, "sk-one")
        assert not fingerprints.matches(found, "sk-two")

    def test_no_two_are_alike_and_none_holds_the_secret(self) -> None:
        assert fingerprints.of("sk-one") != fingerprints.of("sk-one")
        assert "sk-one" not in fingerprints.of("sk-one")

    def test_to_guess_takes_long(self) -> None:
        assert COST >= 14

    def test_those_of_another_cost_are_known(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(fingerprints, "COST", 3)
        found = fingerprints.of("sk-one")
        monkeypatch.undo()
        assert found.startswith("scrypt:3:")
        assert fingerprints.matches(found, "sk-one")
        assert not fingerprints.matches(found, "sk-two")

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "sk-one",
            "scrypt:a",
            "md5:YQ==:YQ==",
            "scrypt:0:YQ==:YQ==",
            "scrypt:99:YQ==:YQ==",
            "scrypt:3:YQ:YQ==",
            "scrypt:3:YQ_=:YQ==",
        ],
    )
    def test_what_is_none_matches_nothing(self, text: str) -> None:
        assert not fingerprints.matches(text, "sk-one")


class TestIdentity:
    def test_ids_round_trip(self) -> None:
        place = Place("p", "e", "s")
        assert identity.place_of(identity.of_place(place)) == place
        assert identity.domain_of("p/e/s/d") == (place, "d")
        assert identity.from_inputs(identity.as_inputs(place)) == place

    @pytest.mark.parametrize("text", ["", "p/e", "p/e/", "p//s", "p/e/s/d"])
    def test_other_forms_are_told(self, text: str) -> None:
        with pytest.raises(ResourceError, match="project/environment/service"):
            identity.place_of(text)

    @pytest.mark.parametrize("text", ["", "p/e/s", "p/e/s/", "p/e/s/d/x", "/e/s/d"])
    def test_other_forms_of_domains_are_told(self, text: str) -> None:
        with pytest.raises(ResourceError, match="service/domain"):
            identity.domain_of(text)


def test_a_diff_names_what_differs_and_what_replaces() -> None:
    old = State("id", {"a": 1, "b": 2, "c": 3, "place": "x"}, {})
    found = diff(old, {"a": 1, "b": 3, "c": UNKNOWN, "place": "y"}, compared=("a", "b", "c"), replaced=("place",))
    assert list(found.changes) == ["place", "b", "c"]
    assert list(found.replaces) == ["place"]


class TestWaiting:
    @staticmethod
    def context(said: list[str], remaining: Callable[[], int] = lambda: 10_000) -> tuple[Context, list[float]]:
        """A context whose pauses take no time but move its clock; it hears what is left before each of them."""
        api = RailwayClient(Credentials("t", "project"))
        waits: list[float] = []

        def hear() -> None:
            api.rate_limit.hear({"x-ratelimit-remaining": str(remaining())})

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            hear()

        hear()
        made = Context(api, SecretManager(), lambda _, line: said.append(line), threading.Event(), sleep=sleep)
        return made, waits

    def test_polls_begin_at_once_grow_slower_and_end(self) -> None:
        context, waits = self.context([])
        pace = Pace(first=1.0, growth=2.0, longest=4.0)
        polled = list(Clock(context, pace, lambda: sum(waits)).polls(12.0))
        assert polled == [0.0, 1.0, 3.0, 7.0, 11.0, 15.0]
        assert waits == [1.0, 2.0, 4.0, 4.0, 4.0]

    def test_few_requests_left_are_spread_over_the_time_and_told_once(self) -> None:
        said: list[str] = []
        left = itertools.count(RESERVE + 100, -1)
        context, waits = self.context(said, lambda: next(left))
        list(Clock(context, now=lambda: sum(waits)).polls(1000.0))
        assert {round(wait, 6) for wait in waits} == {10.0}
        assert said == [f"{RESERVE + 100} requests are left in this hour: looking every 10 s."]

    def test_no_interval_is_longer_than_the_slowest(self) -> None:
        context, waits = self.context([], lambda: 0)
        list(Clock(context, now=lambda: sum(waits)).polls(1000.0))
        assert max(waits) == 60.0

    def test_an_interrupt_ends_a_pause(self) -> None:
        context, _ = self.context([])
        context.cancelled.set()
        with pytest.raises(Cancelled):
            pause(context, 1.0)


class TestCrashes:
    @staticmethod
    def deployment(*instances: tuple[str, str]) -> Deployment:
        return Deployment("d", "DEPLOYING", "", can_rollback=False, commit=None, instances=instances)

    def test_one_fall_seen_often_is_one(self) -> None:
        crashes = _Crashes()
        assert [crashes.note(self.deployment(("a", "CRASHED"))) for _ in range(3)] == [1, 1, 1]

    def test_a_second_fall_of_the_same_process_counts(self) -> None:
        crashes = _Crashes()
        seen = [crashes.note(self.deployment(("a", status))) for status in ("CRASHED", "RUNNING", "RESTARTING")]
        assert seen == [1, 1, 2]

    def test_another_process_that_fell_counts(self) -> None:
        crashes = _Crashes()
        crashes.note(self.deployment(("a", "EXITED")))
        assert crashes.note(self.deployment(("a", "EXITED"), ("b", "CRASHED"))) == 2
