"""Requests a second and latency of each variant as an SVG picture, readable on light and on dark."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from benchmarks.gateway.rounds import CLIENTS

if TYPE_CHECKING:
    from benchmarks.gateway.load import Load
    from benchmarks.gateway.rounds import Variant

COLOURS: Final = ("#8a8f98", "#3b82f6", "#16a34a")
WIDTH: Final = 760
HEIGHT: Final = 300
_PANEL: Final = 340
_TOP: Final = 60
_BASE: Final = 240
_BAR: Final = 26

_HEAD: Final = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" \
font-size="12" role="img" aria-label="Requests a second and latency under load">
<style>text {{ fill: #1f2937 }} @media (prefers-color-scheme: dark) {{ text {{ fill: #e5e7eb }} }}</style>
"""


def svg(variants: Sequence[Variant]) -> str:
    """The picture. The upstream is left out: beside it nothing else could be seen."""
    shown = variants[1:]
    parts = [
        *_legend(shown),
        *_panel(20, "requests a second, by clients", shown, lambda load: load.rate),
        *_panel(400, "p95 latency in ms, by clients", shown, lambda load: load.percentile(95)),
    ]
    return _HEAD + "\n".join(parts) + "\n</svg>\n"


def _legend(variants: Sequence[Variant]) -> Iterator[str]:
    for number, variant in enumerate(variants):
        left = 20 + number * 200
        yield f'<rect x="{left}" y="270" width="12" height="12" fill="{COLOURS[number]}"/>'
        yield f'<text x="{left + 18}" y="280">{escape(variant.name)}</text>'


def _panel(left: int, title: str, variants: Sequence[Variant], value: Callable[[Load], float]) -> Iterator[str]:
    """Bars in groups, one group for each number of clients."""
    values = [[statistics.median(map(value, variant.loads[clients])) for variant in variants] for clients in CLIENTS]
    most = max(max(group) for group in values)
    yield f'<text x="{left}" y="30" font-size="14" font-weight="bold">{title}</text>'
    yield f'<path d="M{left} {_BASE}h{_PANEL}" stroke="#8a8f98"/>'
    for place, (clients, group) in enumerate(zip(CLIENTS, values, strict=True)):
        start = left + 15 + place * _PANEL // len(CLIENTS)
        yield f'<text x="{start + 1.5 * _BAR}" y="{_BASE + 16}" text-anchor="middle">{clients}</text>'
        for number, height in enumerate(group):
            yield from _bar(start + number * _BAR, height, most, COLOURS[number])


def _bar(left: int, value: float, most: float, colour: str) -> Iterator[str]:
    height = (_BASE - _TOP) * value / most
    top = _BASE - height
    yield f'<rect x="{left}" y="{top:.1f}" width="{_BAR - 4}" height="{height:.1f}" fill="{colour}"/>'
    yield f'<text x="{left + (_BAR - 4) / 2}" y="{top - 4:.1f}" font-size="10" text-anchor="middle">{value:.0f}</text>'
