"""What a deployment left behind: those that were started, and the one that serves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx


def started(cloud: Any) -> list[dict[str, Any]]:
    return list(cloud.railway.deployments())


def serving(stack: Any) -> httpx.Response:
    """The answer of the build that serves now, once the edge has swapped."""
    url = stack.states["ServiceDomain"].outputs["url"]
    assert eventually(lambda: httpx.get(url).status_code == 200)
    return httpx.get(url)


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not (found := holds()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def serve_before_the_cancellation(cloud: Any) -> None:
    """The deployment that was started last serves when it is to be cancelled."""

    async def finish(service: str, operation: str, moment: str) -> bool:
        if (service, operation, moment) == ("railway", "deploymentCancel", "before"):
            cloud.railway.release(started(cloud)[-1]["id"])
            await asyncio.to_thread(eventually, lambda: started(cloud)[-1]["status"] == "SUCCESS")
        return True

    cloud.faults.watch = finish
