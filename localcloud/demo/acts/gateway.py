"""What the deployed gateway answers, asked through the URL that was published."""

from __future__ import annotations

from typing import Any

import httpx

from localcloud.demo.stage import Stage

MODELS = {"claude-sonnet": "anthropic", "gpt-4o": "openai", "gemini-pro": "google", "gemini-flash": "google"}
HEALTH = {"status": "healthy", "models": list(MODELS)}
FALLBACK_LINE = "Fallback triggered: claude-sonnet → gpt-4o"


def contract(stage: Stage) -> None:
    """The bodies of the plan, each model, the closed door, the published variable."""
    claim = stage.claims.claim
    published = stage.repository_variable()
    claim(
        "the repository variable LITELLM_GATEWAY_URL holds the URL",
        shown=published.startswith("https://"),
        seen=published,
    )
    with stage.client() as client:
        health = client.get("/health")
        claim("/health has the plan's body", shown=_json(health) == HEALTH, seen=health.text[:120])
        models = client.get("/v1/models")
        claim("/v1/models has the plan's body", shown=_is_model_list(_json(models)), seen=f"{len(models.text)} bytes")
        for model in MODELS:
            answer = stage.chat(client, model)
            said = _content(answer)
            claim(f"{model} answers", shown=bool(said) and not _fell_back(answer), seen=said or answer.text[:120])
        refused = client.post("/v1/chat/completions", json=stage.question("gpt-4o"))
        shown = refused.status_code == httpx.codes.UNAUTHORIZED and "error" in (_json(refused) or {})
        claim("an anonymous call is refused", shown=shown, seen=f"HTTP {refused.status_code}")


def fallback(stage: Stage) -> None:
    """Anthropic refuses the key: gpt-4o answers instead, and the log says so."""
    stage.provider("anthropic", status=401)
    with stage.client() as client:
        answer = stage.chat(client, "claude-sonnet")
    stage.provider("anthropic", status=200)
    served_by = answer.headers.get("x-litellm-model-group", "")
    shown = bool(_content(answer)) and _fell_back(answer) and served_by == "gpt-4o"
    stage.claims.claim("gpt-4o answers in place of claude-sonnet", shown=shown, seen=f"served by {served_by}")
    lines = [line for line in stage.gateway_log() if FALLBACK_LINE in line]
    stage.claims.claim(f"the log says “{FALLBACK_LINE}”", shown=bool(lines), seen=f"{len(lines)} line(s)")


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _is_model_list(body: Any) -> bool:
    if not isinstance(body, dict) or list(body) != ["data"]:
        return False
    wanted = [{"id": name, "object": "model", "owned_by": owner} for name, owner in MODELS.items()]
    created = all(isinstance(entry.get("created"), int) for entry in body["data"])
    return (
        created
        and [{key: value for key, value in entry.items() if key != "created"} for entry in body["data"]] == wanted
    )


def _content(response: httpx.Response) -> str:
    body = _json(response)
    try:
        return str(body["choices"][0]["message"]["content"])
    except (KeyError, IndexError, TypeError):
        return ""


def _fell_back(response: httpx.Response) -> bool:
    return str(response.headers.get("x-litellm-attempted-fallbacks", "0")) != "0"
