"""What the user sees of a run: steps with their changes, messages, a summary; or one JSON document of the same."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from typing import Any, Final

from localcloud.engine import diffs, urn
from localcloud.engine.operations import Outcome
from localcloud.engine.steps import UNCHANGED, Message, Op, Severity, Step

SYMBOLS: Final = {
    Op.SAME: " ",
    Op.CREATE: "+",
    Op.UPDATE: "~",
    Op.DELETE: "-",
    Op.REPLACE: "+-",
    Op.READ: ">",
    Op.IMPORT: "=",
    Op.REFRESH: "~",
}
WORDS: Final = {
    Op.SAME: "unchanged",
    Op.CREATE: "to create|created",
    Op.UPDATE: "to update|updated",
    Op.DELETE: "to delete|deleted",
    Op.REPLACE: "to replace|replaced",
    Op.READ: "read",
    Op.IMPORT: "to import|imported",
    Op.REFRESH: "to refresh|refreshed",
}


class Phase:
    """Records one phase and, unless JSON is wanted, writes its lines as they come."""

    def __init__(self, title: str, stack: str, *, preview: bool, quiet: bool) -> None:
        self.preview = preview
        self.steps: list[Step] = []
        self.messages: list[Message] = []
        self.started = time.monotonic()
        self._quiet = quiet
        self._lock = threading.Lock()
        self._line(f"{title} ({stack}):")

    def begun(self, step: Step) -> None:
        """Say that a real change starts; a preview only tells what it found."""
        if not self.preview and step.counted and step.op not in UNCHANGED:
            self._line(f" {SYMBOLS[step.op]:2} {step.type} {urn.name_of(step.urn)} ...")

    def ended(self, step: Step, *, failed: bool) -> None:
        """Tell the step with what it changed."""
        if failed or not step.counted:
            return
        if step.op is Op.REFRESH and not diffs.of_step(step):
            step = Step(Op.SAME, step.urn, step.old, step.new)
        with self._lock:
            self.steps.append(step)
        if step.op in UNCHANGED:
            return
        self._line(f" {SYMBOLS[step.op]:2} {step.type} {urn.name_of(step.urn)} {self._word(step.op)}")
        if step.op in {Op.UPDATE, Op.REPLACE, Op.REFRESH}:
            for change in diffs.of_step(step):
                self._line(f"      {change}")

    def message(self, message: Message) -> None:
        """Tell a message; statuses and debug output are left out."""
        if message.severity is Severity.DEBUG:
            return
        if not message.ephemeral:
            with self._lock:
                self.messages.append(message)
        about = f"{urn.type_of(message.urn)} {urn.name_of(message.urn)}: " if message.urn else ""
        prefix = "" if message.severity is Severity.INFO else f"{message.severity.name.lower()}: "
        self._line(f"  {prefix}{about}{message.text}".rstrip())

    def counts(self) -> dict[str, int]:
        """Operation -> number of resources."""
        return dict(Counter(str(step.op) for step in self.steps))

    def summary(self, outcome: Outcome) -> None:
        """The last lines of the phase."""
        if outcome.outputs:
            self._line("Outputs:")
        for key, value in outcome.outputs.items():
            self._line(f"    {key}: {json.dumps(diffs.shown(value), ensure_ascii=False)}")
        self._line("Resources:")
        for op, count in Counter(step.op for step in self.steps).items():
            self._line(f"    {SYMBOLS[op]} {count} {self._word(op)}")
        self._line(f"Duration: {time.monotonic() - self.started:.1f} s\n")

    def document(self, outcome: Outcome) -> dict[str, Any]:
        """The phase as JSON data."""
        return {
            "result": "succeeded" if outcome.ok else "failed",
            "preview": self.preview,
            "steps": [_step(step) for step in self.steps],
            "diagnostics": [_diagnostic(message) for message in self.messages],
            "changeSummary": self.counts(),
            "outputs": {key: diffs.shown(value) for key, value in outcome.outputs.items()},
            "duration": round(time.monotonic() - self.started, 3),
        }

    def _word(self, op: Op) -> str:
        planned, _, done = WORDS[op].partition("|")
        return planned if self.preview or not done else done

    def _line(self, text: str) -> None:
        if not self._quiet:
            with self._lock:
                sys.stdout.write(f"{text}\n")
                sys.stdout.flush()


class Display:
    """The output of a command: one or two phases."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._phase: Phase | None = None

    def phase(self, title: str, stack: str, *, preview: bool) -> Phase:
        """Begin a phase; messages of plugins go to it."""
        self._phase = Phase(title, stack, preview=preview, quiet=self._as_json)
        return self._phase

    def message(self, message: Message) -> None:
        """A message that belongs to the phase under way."""
        if self._phase is not None:
            self._phase.message(message)

    def summary(self, outcome: Outcome, *, final: bool) -> None:
        """End the phase; JSON is written once, for the last one."""
        if self._phase is None:
            return
        if not self._as_json:
            self._phase.summary(outcome)
        elif final:
            sys.stdout.write(json.dumps(self._phase.document(outcome), indent=2, ensure_ascii=False) + "\n")

    def changes(self) -> list[Step]:
        """The steps of the last phase that change something."""
        steps = self._phase.steps if self._phase else []
        return [step for step in steps if step.op not in UNCHANGED]


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
