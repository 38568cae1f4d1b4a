"""What the user sees of a run: steps with their changes, messages, a summary; or one JSON document of the same."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, TextIO

from localcloud.engine import diffs, urn
from localcloud.engine.operations import Outcome
from localcloud.engine.screen import InFlight, LiveScreen, NoScreen, PlainScreen, Screen
from localcloud.engine.steps import UNCHANGED, Message, Op, Severity, Step

SYMBOLS: Final = {
    Op.CREATE: "+",
    Op.UPDATE: "~",
    Op.DELETE: "-",
    Op.REPLACE: "+-",
    Op.CREATE_REPLACEMENT: "++",
    Op.DELETE_REPLACED: "--",
    Op.READ: ">",
    Op.IMPORT: "=",
    Op.REFRESH: "~",
}
STYLES: Final = {
    Op.CREATE: "green",
    Op.UPDATE: "yellow",
    Op.DELETE: "red",
    Op.REPLACE: "magenta",
    Op.IMPORT: "cyan",
    Op.REFRESH: "yellow",
}
SEVERITY_STYLES: Final = {Severity.WARNING: "yellow", Severity.ERROR: "bold red"}
WORDS: Final = {
    Op.SAME: ("unchanged", "unchanged", "unchanged"),
    Op.CREATE: ("to create", "creating", "created"),
    Op.UPDATE: ("to update", "updating", "updated"),
    Op.DELETE: ("to delete", "deleting", "deleted"),
    Op.REPLACE: ("to replace", "replacing", "replaced"),
    Op.CREATE_REPLACEMENT: ("to create", "creating replacement", "created replacement"),
    Op.DELETE_REPLACED: ("to delete", "deleting original", "deleted original"),
    Op.READ: ("read", "reading", "read"),
    Op.READ_DISCARD: ("forgotten", "forgetting", "forgotten"),
    Op.IMPORT: ("to import", "importing", "imported"),
    Op.REFRESH: ("to refresh", "refreshing", "refreshed"),
}
"""Planned, under way, done."""
WITH_CHANGES: Final = frozenset({Op.UPDATE, Op.REPLACE, Op.REFRESH})
NUMBERS: Final = re.compile(r"\d+")


class Phase:
    """Records one phase and shows it as it goes."""

    def __init__(self, *, preview: bool, as_json: bool, stream: TextIO) -> None:
        self.preview = preview
        self.steps: list[Step] = []
        self.messages: list[Message] = []
        self._started = time.monotonic()
        self._in_flight: dict[str, InFlight] = {}
        self._told_of = ""
        self._lock = threading.Lock()
        self._screen = self._open_screen(stream, as_json=as_json)

    def _open_screen(self, stream: TextIO, *, as_json: bool) -> Screen:
        if as_json:
            return NoScreen()
        return LiveScreen(stream, self.in_flight) if stream.isatty() else PlainScreen(stream)

    def in_flight(self) -> Sequence[InFlight]:
        """The steps under way, the oldest first."""
        with self._lock:
            return list(self._in_flight.values())

    def line(self, text: str, style: str = "") -> None:
        """One line for people."""
        self._screen.line(text, style)

    def begun(self, step: Step) -> None:
        """A step starts; what takes its time is said at once."""
        planned, doing, _ = WORDS[step.op]
        self._told_of = ""
        with self._lock:
            self._in_flight[step.urn] = InFlight(
                f"{_name(step)} {planned if self.preview else doing}", time.monotonic()
            )
        if not self.preview and step.op not in UNCHANGED and not urn.is_default_provider(step.urn) and _is_custom(step):
            self.line(_line(step, doing))

    def ended(self, step: Step, *, failed: bool) -> None:
        """Tell the step with what it changed."""
        self._told_of = ""
        with self._lock:
            begun = self._in_flight.pop(step.urn, None)
        seconds = f" ({time.monotonic() - begun.started:.1f} s)" if begun and _is_custom(step) else ""
        if failed:
            self.line(_line(step, f"failed{seconds}"), "red")
            return
        if step.op is Op.REFRESH and not diffs.of_step(step):
            step = Step(Op.SAME, step.urn, step.old, step.new)
        if urn.is_default_provider(step.urn):
            return
        with self._lock:
            self.steps.append(step)
        if step.op not in UNCHANGED and (step.counted or not self.preview):
            planned, _, done = WORDS[step.op]
            self.line(_line(step, planned if self.preview else f"{done}{seconds}"), STYLES.get(step.op, ""))
            for change in diffs.of_step(step) if step.op in WITH_CHANGES else ():
                self.line(f"      {change}")
            for reason in step.old.init_errors if step.old and step.op is Op.UPDATE else ():
                headline, _, _ = reason.partition("\n")
                self.line(f"      it was left unfinished: {headline}")

    def message(self, message: Message) -> None:
        """Tell a message. A status stands beside its step, and is a line of its own when more than numbers change."""
        if message.severity is Severity.DEBUG:
            return
        if message.ephemeral and not self._is_news(message):
            return
        if not message.ephemeral:
            with self._lock:
                self.messages.append(message)
        self._tell(message)

    def _tell(self, message: Message) -> None:
        """Progress stands below the name of its resource, said once; what matters is a line that speaks for itself."""
        name = f"{urn.type_of(message.urn)} {urn.name_of(message.urn)}" if message.urn else ""
        if message.severity is not Severity.INFO:
            self._told_of = ""
            about = f"{name}: " if name else ""
            self.line(
                f"    {message.severity.name.lower()}: {about}{_indented(message.text, 4)}",
                SEVERITY_STYLES[message.severity],
            )
            return
        if name and name != self._told_of:
            self.line(f"    {name}:", "dim")
        self._told_of = name
        depth = 6 if name else 4
        self.line(f"{' ' * depth}{_indented(message.text, depth)}", "dim")

    def _is_news(self, message: Message) -> bool:
        with self._lock:
            step = self._in_flight.get(message.urn)
            if step is None:
                return True
            self._in_flight[message.urn] = InFlight(step.label, step.started, message.text)
        return NUMBERS.sub("", step.status) != NUMBERS.sub("", message.text)

    def counts(self) -> dict[Op, int]:
        """Operation -> number of resources, halves of replacements left out."""
        return dict(Counter(step.op for step in self.steps if step.counted))

    def warn(self, text: str) -> None:
        """A warning about the whole run."""
        self.message(Message(Severity.WARNING, text))

    def close_screen(self) -> None:
        """Nothing is in flight any more."""
        self._screen.close()

    def close(self, outcome: Outcome) -> None:
        """The last lines of the phase."""
        self.close_screen()
        if outcome.outputs:
            self.line("Outputs:")
        for key, value in sorted(outcome.outputs.items()):
            self.line(f"    {key}: {diffs.text(diffs.shown(value))}")
        self.line("Resources:")
        for op, count in self.counts().items():
            self.line(f"    {SYMBOLS.get(op, ' '):2} {count} {WORDS[op][0 if self.preview else 2]}", STYLES.get(op, ""))
        self.line(f"Duration: {time.monotonic() - self._started:.1f} s\n")

    def document(self, outcome: Outcome) -> dict[str, Any]:
        """The phase as JSON data."""
        return {
            "result": "succeeded" if outcome.ok else "failed",
            "preview": self.preview,
            "steps": [_step(step) for step in self.steps],
            "diagnostics": [_diagnostic(message) for message in self.messages],
            "changeSummary": {str(op): count for op, count in self.counts().items()},
            "outputs": {key: diffs.shown(value) for key, value in outcome.outputs.items()},
            "duration": round(time.monotonic() - self._started, 3),
        }


class Display:
    """The output of a command: one or two phases."""

    def __init__(self, *, as_json: bool, stream: TextIO) -> None:
        self._as_json = as_json
        self._stream = stream
        self._phase: Phase | None = None

    def phase(self, title: str, stack: str, *, preview: bool) -> Phase:
        """Begin a phase; messages of plugins go to it."""
        self._phase = Phase(preview=preview, as_json=self._as_json, stream=self._stream)
        self._phase.line(f"{title} ({stack}):", "bold")
        return self._phase

    def message(self, message: Message) -> None:
        """A message that belongs to the phase under way."""
        if self._phase is not None:
            self._phase.message(message)

    def summary(self, outcome: Outcome, *, final: bool) -> None:
        """End the phase; JSON is written once, for the last one."""
        if self._phase is None:
            return
        self._phase.close(outcome)
        if self._as_json and final:
            self._stream.write(json.dumps(self._phase.document(outcome), indent=2, ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Leave the terminal as it was, also where a phase did not come to its end."""
        if self._phase is not None:
            self._phase.close_screen()

    def changes(self) -> list[Step]:
        """The steps of the last phase that change something."""
        steps = self._phase.steps if self._phase else []
        return [step for step in steps if step.counted and step.op not in UNCHANGED]


def _indented(text: str, depth: int) -> str:
    return text.rstrip().replace("\n", "\n" + " " * depth)


def _is_custom(step: Step) -> bool:
    state = step.new or step.old
    return state is not None and state.custom


def _name(step: Step) -> str:
    return f"{step.type} {urn.name_of(step.urn)}"


def _line(step: Step, word: str) -> str:
    return f" {SYMBOLS.get(step.op, ' '):2} {_name(step)} {word}"


def _step(step: Step) -> dict[str, Any]:
    return {
        "op": str(step.op),
        "urn": step.urn,
        "type": step.type,
        "replaceKeys": list(step.keys),
        "diff": [vars(change) for change in diffs.of_step(step)],
    }


def _diagnostic(message: Message) -> dict[str, str]:
    return {"severity": message.severity.name.lower(), "urn": message.urn, "message": message.text}
