"""The numbers and the page about them, with the real LiteLLM; the page in a real browser where there is one."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from localcloud.models.behaviour import Behaviour

from .conftest import CLIENT_HEADERS

if TYPE_CHECKING:
    from localcloud.models.app import ModelProviders

    from .conftest import Gateway

pytestmark = pytest.mark.services

NO_PLAYWRIGHT = "the Python package playwright is not installed (uv pip install playwright; it uses Debian's chromium)"
SIZES = [(390, 844), (1280, 800)]
FALLBACK = 'gateway_fallbacks_total{from="claude-sonnet",to="gpt-4o"}'
REQUESTS = 'gateway_requests_total{path="/v1/chat/completions",client="counted",model="claude-sonnet",status="200"}'
COST = 'gateway_cost_usd_total{client="counted",model="gpt-4o",provider="openai"}'
TOKENS = 'gateway_tokens_total{model="gpt-4o",provider="openai",kind="input"}'
ANSWERED = 'gateway_request_duration_seconds_count{model="gpt-4o"}'


def numbers(gateway: Gateway) -> dict[str, Decimal]:
    """Every sample of `/metrics`."""
    text = gateway.get("/metrics", headers=gateway.headers).text
    pairs = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: Decimal(value) for name, _, value in pairs}


def fall_back(gateway: Gateway, providers: ModelProviders) -> httpx.Response:
    """One call that gpt-4o answers in the place of claude-sonnet, told to the end."""
    providers.behave("anthropic", Behaviour(kind="status", status=401))
    response = gateway.chat("claude-sonnet", headers=CLIENT_HEADERS["counted"])
    gateway.wait_for("POST /v1/chat/completions 200", response)
    return response


def test_the_numbers_say_what_happened(gateway: Gateway, providers: ModelProviders) -> None:
    before = numbers(gateway)
    fall_back(gateway, providers)
    after = numbers(gateway)
    added = {name: after[name] - before.get(name, 0) for name in (REQUESTS, COST, FALLBACK, TOKENS, ANSWERED)}
    assert added[REQUESTS] == 1
    assert added[COST] == Decimal("0.00005")
    # Calls of earlier tests, by other clients, may be settled in between.
    assert added[FALLBACK] >= 1
    assert added[TOKENS] >= 12
    assert added[ANSWERED] >= 1
    budget = [after[f'gateway_budget_{name}_usd{{account="total"}}'] for name in ("spent", "reserved", "left")]
    assert budget[0] >= before['gateway_budget_spent_usd{account="total"}'] + Decimal("0.00005")
    assert sum(budget) == after['gateway_budget_limit_usd{account="total"}'] == 10


def test_the_page_says_what_happened(gateway: Gateway, providers: ModelProviders) -> None:
    request_id = fall_back(gateway, providers).headers["x-request-id"]
    assert gateway.get("/status").status_code == 401
    page = gateway.get("/status", auth=("anybody", gateway.key))
    assert page.status_code == 200
    assert request_id in page.text
    assert "claude-sonnet → gpt-4o" in page.text
    assert "AuthenticationError, status 401" in page.text
    assert re.search(r"\$0\.\d+ of \$10\.00", page.text)
    assert gateway.key not in page.text


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's chromium."""
    playwright = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT)
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed (Debian: apt-get install chromium)")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_browser_shows_the_page(
    browser: Any, gateway: Gateway, providers: ModelProviders, size: tuple[int, int], scheme: str
) -> None:
    fall_back(gateway, providers)
    credentials = {"username": "anybody", "password": gateway.key}
    viewport = {"width": size[0], "height": size[1]}
    context = browser.new_context(viewport=viewport, http_credentials=credentials, color_scheme=scheme)
    page = context.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{gateway.url}/status")
    assert page.get_by_role("heading", level=1).inner_text() == "litellm-gateway"
    assert page.get_by_text("claude-sonnet → gpt-4o").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert page.locator("svg > rect").count() == 2 * page.locator("svg").count() > 0
    back = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert back == {"light": "rgb(246, 247, 249)", "dark": "rgb(18, 22, 28)"}[scheme]  # so the style is in force
    assert complaints == []
    assert asked == [f"{gateway.url}/status"]
    context.close()
