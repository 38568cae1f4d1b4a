"""The status page: escaped, without scripts, with nothing from elsewhere."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
from html.parser import HTMLParser

import pytest
from litellm_gateway.budget.ledger import TOTAL, Balance
from litellm_gateway.headers import Identity
from litellm_gateway.metrics.store import Told
from litellm_gateway.status.html import Html, tag
from litellm_gateway.status.overview import ModelState, Overview, Percentiles, Result
from litellm_gateway.status.page import HEADERS, page

pytestmark = pytest.mark.unit

NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
DOLLAR = 10**12
EVIL = "<script>alert('x')</script>\"&"


class Reader(HTMLParser):
    """Collects tags and attributes, and checks that what is opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag != "meta":
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += f"{data} "


def shown(**changes: object) -> Overview:
    line = {"request_id": "1", "fallbacks": [{"from": EVIL, "to": "gpt-4o", "reason": EVIL}]}
    given = {
        "now": NOW,
        "accounts": [
            Balance(TOTAL, 3 * DOLLAR, DOLLAR, 4),
            Balance(f"key:{EVIL}", DOLLAR),
            Balance("provider:openai", DOLLAR),
            Balance("provider:unlimited", DOLLAR),
        ],
        "limits": {TOTAL: 10 * DOLLAR, f"key:{EVIL}": 2 * DOLLAR, "provider:openai": 4 * DOLLAR},
        "models": [
            ModelState("claude-sonnet", "anthropic", Result(NOW.timestamp() - 90, "Timeout"), 0, 0),
            ModelState("gpt-4o", "openai", Result(NOW.timestamp() - 5, ""), 3 * DOLLAR, 4),
            ModelState("gemini-pro", "google", None, 0, 1),
        ],
        "clients": {EVIL: DOLLAR},
        "percentiles": Percentiles(4, (820.0, 2310.0), (11.2, 20.9)),
        "fallbacks": [Told(NOW.timestamp() - 90, line)],
    }
    return Overview(**{**given, **changes})  # type: ignore[arg-type]


def read(overview: Overview) -> Reader:
    reader = Reader()
    reader.feed(page(overview, Identity(EVIL, EVIL)))
    return reader


def test_everything_is_escaped_and_nothing_comes_from_elsewhere() -> None:
    reader = read(shown())
    assert not {"script", "img", "link", "iframe", "form", "a"} & set(reader.tags)
    assert not {name for name, _ in reader.attributes if name.startswith("on") or name in {"src", "href", "style"}}
    assert EVIL in reader.text


def test_it_says_what_there_is_to_know() -> None:
    text = " ".join(read(shown()).text.split())
    for said in (
        "$3.00 of $10.00 $6.00 left, anew in 12 h",
        "820 ms / 2.31 s last 4 answered",
        "11 ms / 21 ms",
        "claude-sonnet anthropic, 0 requests today failed Timeout 1 min ago",
        "gpt-4o openai, 4 requests today answered 5 s ago $3.00 of $10.00",
        "gemini-pro google, 1 request today not asked yet",
        "everything $3.00 of $10.00 provider openai $1.00 of $4.00",
    ):
        assert said in text, text
    assert "unlimited" not in text


def test_bars_are_as_long_as_what_was_spent() -> None:
    widths = [value for name, value in read(shown()).attributes if name == "width" and value != "100%"]
    models, accounts, clients = ["0", "0", "30", "30", "0", "0"], ["40", "30", "25", "25"], ["50", "50"]
    assert widths == [f"{width}.00%" for width in (*models, *accounts, *clients)]


def test_an_empty_day_says_so() -> None:
    empty = shown(accounts=[Balance(TOTAL)], clients={}, fallbacks=[], percentiles=Percentiles(0, None, None))
    text = " ".join(read(empty).text.split())
    assert "Nobody has spent anything today." in text
    assert "No request has fallen back." in text


def test_the_policy_allows_the_style_it_brings_and_no_more() -> None:
    style = re.search(r"<style>(.*)</style>", page(shown(), Identity("d", "c")), re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert HEADERS["content-security-policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def test_only_html_is_not_escaped() -> None:
    assert tag("b", "<", Html("<i></i>"), class_='"') == '<b class="&quot;">&lt;<i></i></b>'
