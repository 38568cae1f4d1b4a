"""A client that may spend a cent a day, and gateways of several replicas."""

from __future__ import annotations

import json
import secrets

import httpx

from localcloud.demo.engines import steps
from localcloud.demo.stage import Stage

SETTINGS = "Pulumi.production.yaml"
CLIENTS = "GATEWAY-CLIENT-KEYS"
TINY_KEY = "CLIENT-KEY"
PASSWORD = "REDIS-PASSWORD"  # noqa: S105 - the name of a secret
BUDGET_USD = "0.01"
SECRET = "    LITELLM_MASTER_KEY: LITELLM-MASTER-KEY\n"  # noqa: S105 - a line that names a secret
VOLUME = "  litellm-gateway:volumePath: /data\n"
REPLICAS = "  litellm-gateway:replicas: 2\n"
SHARED = f"  litellm-gateway:redisService: ledger\n  litellm-gateway:redisPasswordSecret: {PASSWORD}\n"
REFUSAL = "replicas is 2, but each replica would count a budget of its own"
DEAR_TOKENS = 8192


def invite(stage: Stage) -> None:
    """Give a client a key and a cent a day, so that the acceptance checks can try its budget."""
    store = stage.cloud.secret_manager.store
    key = f"sk-{secrets.token_hex(32)}"
    clients = [{"name": "demo", "key": key, "daily_budget_usd": BUDGET_USD}]
    for name, payload in ((CLIENTS, json.dumps(clients)), (TINY_KEY, key), (PASSWORD, secrets.token_hex(32))):
        store.create(name)
        store.add_version(name, payload.encode())
    named = f"{SECRET}    GATEWAY_CLIENT_KEYS: {CLIENTS}\n"
    asked = f"  litellm-gateway:budgetKeySecret: {TINY_KEY}\n"
    stage.workspace.change(SETTINGS, SECRET, named, "Invite a client")
    stage.workspace.change(SETTINGS, VOLUME, f"{VOLUME}{asked}", "Try the client's budget")


def replicas(stage: Stage) -> None:
    """Two replicas: refused while they share nothing, previewed with the Redis that they share."""
    claim = stage.claims.claim
    stage.workspace.change(SETTINGS, VOLUME, REPLICAS, "Ask for two replicas")
    result = stage.engine.preview(stage.environment(identity="preview"))
    shown = result.status != 0 and REFUSAL in result.output
    claim("replicas without a Redis that they share are refused by name", shown=shown, seen=f"exit {result.status}")
    stage.workspace.change(SETTINGS, REPLICAS, f"{REPLICAS}{SHARED}", "Give them a Redis")
    result = stage.engine.preview(stage.environment(identity="preview"))
    made = {step.type for step in steps(result) if step.op == "create"}
    shown = result.status == 0 and "gateway:index:Redis" in made
    claim("preview shows the Redis that replicas share", shown=shown, seen=f"exit {result.status}")
    stage.workspace.change(SETTINGS, f"{REPLICAS}{SHARED}", VOLUME, "Leave it at one")


def budget(stage: Stage) -> None:
    """The client gets an answer, and none that could cost more than its cent."""
    headers = {"authorization": f"Bearer {stage.secret_values()[TINY_KEY]}"}
    with stage.client() as client:
        first, second = (
            client.post(
                "/v1/chat/completions", json=stage.question("gemini-flash") | {"max_tokens": tokens}, headers=headers
            )
            for tokens in (16, DEAR_TOKENS)
        )
    claim = stage.claims.claim
    claim("a client with a cent a day is answered", shown=first.is_success, seen=f"HTTP {first.status_code}")
    shown = second.status_code == httpx.codes.TOO_MANY_REQUESTS and "budget_exceeded" in second.text
    claim("it is refused what could cost more", shown=shown, seen=f"HTTP {second.status_code}")
