"""Claims, shown one after the other: what was claimed, whether it was seen, and what was seen."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.text import Text


@dataclass(frozen=True)
class Claim:
    """One claim and what was seen. `seconds` counts from the start of the demo."""

    act: str
    text: str
    shown: bool
    seen: str
    seconds: float


@dataclass
class Claims:
    """Collects claims and prints each as it is decided."""

    console: Console
    engine: str
    commit: str
    started: float = field(default_factory=time.monotonic)
    entries: list[Claim] = field(default_factory=list)
    current: str = ""

    def act(self, title: str) -> None:
        """Begin a new act; the claims that follow belong to it."""
        self.current = title
        self.console.print(Text(f"\n{title}", style="bold"))

    def claim(self, text: str, *, shown: bool, seen: object = "") -> None:
        """State that `text` was shown or not; `seen` is the observation it rests on."""
        entry = Claim(self.current, text, shown, str(seen), round(time.monotonic() - self.started, 1))
        self.entries.append(entry)
        mark = Text("  shown      ", style="green") if shown else Text("  NOT SHOWN  ", style="bold red")
        self.console.print(mark + Text(text, style="default") + Text(f"  {entry.seen}", style="dim"), soft_wrap=True)

    @property
    def all_shown(self) -> bool:
        """Whether there are claims and each was shown."""
        return bool(self.entries) and all(entry.shown for entry in self.entries)

    def summary(self) -> str:
        """The last line of the demo; scripts rely on its form."""
        shown = sum(entry.shown for entry in self.entries)
        seconds = time.monotonic() - self.started
        return f"demo: {shown} of {len(self.entries)} claims shown in {seconds:.0f} s"

    def document(self) -> dict[str, Any]:
        """The evidence as plain values: engine, commit, summary and claims."""
        return {
            "schema": 1,
            "engine": self.engine,
            "commit": self.commit,
            "summary": self.summary(),
            "all_shown": self.all_shown,
            "claims": [asdict(entry) for entry in self.entries],
        }
