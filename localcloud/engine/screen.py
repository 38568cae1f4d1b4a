"""Where the lines of a run go: a terminal with what is in flight below them, a plain stream, or nowhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TextIO

if TYPE_CHECKING:
    from rich.text import Text

REFRESHES_PER_SECOND: Final = 8


@dataclass(frozen=True)
class InFlight:
    """A step under way. `started` is a time of the monotonic clock."""

    label: str
    started: float
    status: str = ""

    def __str__(self) -> str:
        seconds = f"({time.monotonic() - self.started:.0f} s)"
        return f"{self.label} {seconds} {self.status}".rstrip()


class Screen(Protocol):
    """Takes lines from any thread."""

    def line(self, text: str, style: str = "") -> None:
        """A line that stays; `style` is one of rich's, for terminals."""

    def close(self) -> None:
        """Nothing more follows."""


class PlainScreen:
    """Lines to a stream, as they come."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def line(self, text: str, style: str = "") -> None:
        """Write and flush."""
        del style
        with self._lock:
            self._stream.write(f"{text}\n")
            self._stream.flush()

    def close(self) -> None:
        """The stream stays open."""


class NoScreen:
    """Nothing, where only a document is wanted."""

    def line(self, text: str, style: str = "") -> None:
        """Ignore."""

    def close(self) -> None:
        """Nothing to do."""


class LiveScreen:
    """A terminal: lines stay, and below them stands what is in flight, with its seconds."""

    def __init__(self, stream: TextIO, in_flight: Callable[[], Sequence[InFlight]]) -> None:
        from rich.console import Console  # noqa: PLC0415 - only a terminal pays for it
        from rich.live import Live  # noqa: PLC0415

        self._in_flight = in_flight
        self._console = Console(file=stream, highlight=False, soft_wrap=True)
        self._live = Live(
            console=self._console,
            get_renderable=self._below,
            refresh_per_second=REFRESHES_PER_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def line(self, text: str, style: str = "") -> None:
        """Write above what is in flight."""
        self._console.print(text, style=style or None, markup=False, highlight=False)

    def close(self) -> None:
        """Take away what stood below."""
        self._live.stop()

    def _below(self) -> Text:
        from rich.text import Text  # noqa: PLC0415 - see above

        return Text(
            "\n".join(f"  … {step}" for step in self._in_flight()), style="dim", no_wrap=True, overflow="ellipsis"
        )
