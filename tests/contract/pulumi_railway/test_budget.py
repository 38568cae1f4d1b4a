"""A build of ten minutes on the Free plan: how many calls a first deployment takes, and how soon its end is seen.

The handlers' clock is moved by their own waits, so the minutes take none.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from pulumi_railway.api.rate_limit import RESERVE
from pulumi_railway.handlers.deployment import DeploymentHandler

pytestmark = pytest.mark.contract

BUILD = 600.0
FREE = 100


class Minutes:
    """Time that passes only while the handler waits; after `BUILD` seconds of it the build ends, and is served."""

    def __init__(self, cloud: Any) -> None:
        self.cloud = cloud
        self.seconds = 0.0
        self.served_at = 0.0

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        if self.seconds >= BUILD and not self.served_at:
            self.served_at = self.seconds
            self.finish_build()

    def finish_build(self) -> None:
        [deployment] = self.cloud.railway.world.deployments.values()
        self.cloud.railway.release(deployment.id)
        deadline = time.monotonic() + 20
        while deployment.status.value != "SUCCESS":
            assert time.monotonic() < deadline, deployment.status
            time.sleep(0.02)


def test_a_first_deployment_fits_the_hour_of_the_free_plan_and_its_end_is_seen_soon(stack: Any, cloud: Any) -> None:
    cloud.railway.seed({"behaviour": {"requests_per_hour": FREE, "holds": ["BUILDING"]}})
    for name in ("Service", "Variables", "ServiceDomain"):
        stack.up(name)
    minutes = Minutes(cloud)
    handler = DeploymentHandler(now=lambda: minutes.seconds)
    state = handler.create(cloud.context(sleep=minutes.sleep), stack.inputs("Deployment"))
    assert state.outputs["acceptedAt"]
    assert len([call for call in cloud.calls.list() if call.service == "railway"]) < FREE - RESERVE
    assert minutes.served_at - BUILD <= 30.0
    assert "requests are left in this hour: looking every 2" in cloud.messages.text
