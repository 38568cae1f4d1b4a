"""The page at `/status`: plain HTML with its own style, no script, nothing from elsewhere; readable on any screen."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from litellm_gateway.budget import money
from litellm_gateway.budget.ledger import TOTAL, midnight_after
from litellm_gateway.status.html import Html, join, tag

if TYPE_CHECKING:
    from collections.abc import Iterable

    from litellm_gateway.budget.ledger import Balance
    from litellm_gateway.headers import Identity
    from litellm_gateway.metrics.store import Told
    from litellm_gateway.status.overview import ModelState, Overview, Percentiles

STYLE: Final = Html(Path(__file__).with_name("style.css").read_text(encoding="utf-8"))
_DIGEST: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

HEADERS: Final = {
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""Of the page's answer: it may use the style it brings, by its digest, and nothing else."""

CLIENT: Final = "key:"
"""What the names of clients' accounts begin with."""

_SECOND: Final = 1000
_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86400


def page(shown: Overview, identity: Identity) -> str:
    """The whole document."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", "litellm-gateway"),
        tag("style", STYLE),
    )
    sections = [_today(shown), _models(shown), _accounts(shown), _clients(shown), _fallbacks(shown)]
    body = tag("body", _header(shown, identity), tag("main", *sections))
    return f"<!doctype html>{tag('html', head, body, lang='en')}"


def _header(shown: Overview, identity: Identity) -> Html:
    which = f"deployment {identity.deployment}, commit {identity.commit[:12]}"
    at = tag("time", f"{shown.now:%Y-%m-%d %H:%M:%S} UTC", datetime=shown.now.isoformat(timespec="seconds"))
    return tag("header", tag("h1", "litellm-gateway"), tag("p", which), tag("p", "as of ", at))


def _today(shown: Overview) -> Html:
    total = next(balance for balance in shown.accounts if balance.account == TOTAL)
    reset = _span((midnight_after(shown.now.date()) - shown.now).total_seconds())
    left = f"{_usd(total.left(shown.limits[TOTAL]))} left, anew in {reset}"
    cards = [
        _card("Spent today", f"{_usd(total.spent)} of {_usd(shown.limits[TOTAL])}", left),
        _card("Answered today", str(total.requests), "requests" if total.requests != 1 else "request"),
        *_times(shown.percentiles),
    ]
    return tag("section", tag("h2", "Today"), tag("div", *cards, class_="cards"))


def _times(times: Percentiles) -> list[Html]:
    pairs = {"Latency p50 / p95": times.latency, "Overhead p50 / p95": times.overhead}
    of = f"last {times.requests} answered"
    return [_card(title, f"{_time(pair[0])} / {_time(pair[1])}" if pair else "–", of) for title, pair in pairs.items()]


def _models(shown: Overview) -> Html:
    rows = [_model(model, shown) for model in shown.models]
    return _table("Models", ("Model", "Last result", "Spent today"), rows, "")


def _model(model: ModelState, shown: Overview) -> list[Html]:
    if model.last is None:
        result = tag("span", "not asked yet", class_="quiet")
    else:
        mark = tag("span", "failed", class_="bad") if model.last.reason else tag("span", "answered", class_="good")
        why = [tag("small", model.last.reason)] if model.last.reason else []
        result = join(mark, *why, tag("small", _ago(shown.now, model.last.at)))
    name = join(tag("b", model.name), tag("small", f"{model.provider}, {_requests(model.requests)} today"))
    return [name, result, _bar(model.spent, shown.limits[TOTAL])]


def _accounts(shown: Overview) -> Html:
    limited = (balance for balance in shown.accounts if balance.account in shown.limits)
    rows = [
        [tag("b", _account(balance)), _bar(balance.spent, shown.limits[balance.account], balance.reserved)]
        for balance in limited
        if not balance.account.startswith(CLIENT)
    ]
    return _table("Budgets", ("Account", "Spent today"), rows, "")


def _clients(shown: Overview) -> Html:
    """Each against its own limit, else against everybody's."""
    rows = [
        [tag("b", name), _bar(spent, shown.limits.get(CLIENT + name, shown.limits[TOTAL]))]
        for name, spent in shown.clients.items()
    ]
    return _table("Clients", ("Client", "Spent today"), rows, "Nobody has spent anything today.")


def _fallbacks(shown: Overview) -> Html:
    rows = [[_when(shown, told), _hops(told)] for told in shown.fallbacks]
    return _table("Recent fallbacks", ("When", "What happened"), rows, "No request has fallen back.")


def _when(shown: Overview, told: Told) -> Html:
    return join(tag("b", _ago(shown.now, told.at)), tag("small", str(told.line["request_id"])))


def _hops(told: Told) -> Html:
    hops = [f"{hop['from']} → {hop['to'] or 'nobody'}" for hop in told.line["fallbacks"]]
    reasons = "; ".join(str(hop["reason"]) for hop in told.line["fallbacks"])
    return join(*(tag("span", hop) for hop in hops), tag("small", reasons))


def _table(title: str, columns: tuple[str, ...], rows: Iterable[list[Html]], empty: str) -> Html:
    lines = [tag("tr", *(tag("td", cell) for cell in row)) for row in rows]
    head = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in columns)))
    shown = tag("table", head, tag("tbody", *lines)) if lines else tag("p", empty, class_="quiet")
    return tag("section", tag("h2", title), shown)


def _card(title: str, value: str, note: str) -> Html:
    return tag("div", tag("small", title), tag("b", value), tag("small", note), class_="card")


def _bar(spent: int, limit: int, reserved: int = 0) -> Html:
    """What was spent of a limit, and what running requests may yet cost."""
    widths = [f"{min(100, 100 * amount / limit):.2f}%" for amount in (spent + reserved, spent)]
    label = f"{_usd(spent)} of {_usd(limit)}"
    drawn = [
        tag("rect", class_=name, width=width, height="8") for name, width in zip(("held", "spent"), widths, strict=True)
    ]
    return join(tag("span", label), tag("svg", *drawn, width="100%", height="8", role="img", aria_label=label))


def _account(balance: Balance) -> str:
    kind, _, name = balance.account.partition(":")
    return f"{kind} {name}" if name else "everything"


def _requests(number: int) -> str:
    return "1 request" if number == 1 else f"{number} requests"


def _usd(picodollars: int) -> str:
    """To the cent, or below a dollar to four digits behind the point."""
    amount = money.usd(picodollars)
    return f"${amount:.4f}" if 0 < amount < 1 else f"${amount:.2f}"


def _time(milliseconds: float) -> str:
    """With a space that does not break."""
    return f"{milliseconds / _SECOND:.2f}\xa0s" if milliseconds >= _SECOND else f"{milliseconds:.0f}\xa0ms"


def _ago(now: dt.datetime, at: float) -> str:
    return f"{_span(max(0.0, now.timestamp() - at))} ago"


def _span(seconds: float) -> str:
    for unit, size in (("d", _DAY), ("h", _HOUR), ("min", _MINUTE)):
        if seconds >= size:
            return f"{seconds // size:.0f}\xa0{unit}"
    return f"{seconds:.0f}\xa0s"
