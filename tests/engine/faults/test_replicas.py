"""Several replicas: refused without a Redis that they share, deployed after it where the stack makes one."""

from __future__ import annotations

import secrets
import shutil
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from tests.engine.faults.conftest import FaultStage

pytestmark = pytest.mark.engine

PASSWORD = secrets.token_hex(16)
VOLUME = "  litellm-gateway:volumePath: /data\n"


def test_replicas_that_share_nothing_are_refused_before_anything_is_made(stage: FaultStage) -> None:
    stage.set("replicas", "2")
    result = stage.preview()
    stage.require_refused(
        result,
        "litellm-gateway:replicas is 2, but each replica would count a budget of its own; name the service with the "
        "Redis that they share in redisService, or set it to 1",
    )
    assert stage.calls("railway") == []


def test_a_redis_is_deployed_before_the_gateway_that_refers_to_it(stage: FaultStage) -> None:
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed (Debian: apt-get install redis-server)")
    stage.cloud.secret_manager.store.create("REDIS-PASSWORD")
    stage.cloud.secret_manager.add_version("REDIS-PASSWORD", PASSWORD)
    stage.workspace.change("Pulumi.production.yaml", VOLUME, "", "No volume")
    for key, value in {"replicas": "2", "redisService": "ledger", "redisPasswordSecret": "REDIS-PASSWORD"}.items():
        stage.set(key, value)
    stage.deployed()
    redis, gateway = stage.cloud.railway.deployments()
    services = {each["name"]: each["id"] for each in stage.cloud.railway.state()["services"]}
    assert [redis["serviceId"], gateway["serviceId"]] == [services["ledger"], services["litellm-gateway"]]
    environment = stage.cloud.railway.world.deployments[gateway["id"]].captured.environment
    assert ping(environment["REDIS_URL"]) == b"+OK\r\n+PONG\r\n"
    stage.require_nothing_to_do()
    assert stage.destroy().status == 0
    assert stage.leftovers() == []


def ping(url: str) -> bytes:
    """What the Redis says to its password and a PING."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), 5) as connection:
        connection.sendall(f"AUTH {parts.password}\r\nPING\r\nQUIT\r\n".encode())
        answer = b""
        while piece := connection.recv(100):
            answer += piece
    return answer.removesuffix(b"+OK\r\n")
