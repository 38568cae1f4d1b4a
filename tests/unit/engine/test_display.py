"""What is shown of a run."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Sequence
from typing import Any

import pytest

from localcloud.engine.codec import Secret
from localcloud.engine.display import Display
from localcloud.engine.operations import Outcome
from localcloud.engine.state import ResourceState
from localcloud.engine.steps import Message, Op, Severity, Step

pytestmark = pytest.mark.unit

T = ResourceState("urn:pulumi:dev::demo::p:i:T::t", "p:i:T", custom=True, inputs={"a": 1, "s": Secret("canary")})
CHANGED = dataclasses.replace(T, inputs={"a": 2, "s": Secret("canary")})
DEFAULT = ResourceState("urn:pulumi:dev::demo::pulumi:providers:p::default_1", "pulumi:providers:p", custom=True)


class Terminal(io.StringIO):
    def isatty(self) -> Any:
        return True


def play(
    *steps: Step, preview: bool = False, as_json: bool = False, ok: bool = True, messages: Sequence[Message] = ()
) -> tuple[Display, str]:
    stream = io.StringIO()
    display = Display(as_json=as_json, stream=stream)
    phase = display.phase("Updating", "dev", preview=preview)
    for step in steps:
        phase.begun(step)
        for message in messages:
            display.message(message)
        phase.ended(step, failed=False)
    display.summary(Outcome(ok, {"token": Secret("canary"), "url": "x"}), final=True)
    display.close()
    return display, stream.getvalue()


def test_text_of_an_update() -> None:
    _, text = play(Step(Op.UPDATE, T.urn, T, CHANGED), Step(Op.SAME, DEFAULT.urn, DEFAULT, DEFAULT))
    assert " ~  p:i:T t updating\n" in text
    assert " ~  p:i:T t updated (0.0 s)\n      ~ a: 1 => 2\n" in text
    assert "    token: [secret]\n" in text
    assert "    ~  1 updated\n" in text
    assert "default" not in text
    assert "canary" not in text


def test_an_update_of_what_was_left_unfinished_says_so() -> None:
    left = dataclasses.replace(T, init_errors=("the gate refused it:\n  line of a log",))
    _, text = play(Step(Op.UPDATE, T.urn, left, T), preview=True)
    assert " ~  p:i:T t to update\n      it was left unfinished: the gate refused it:\n" in text
    assert "line of a log" not in text


def test_text_of_a_preview_tells_each_step_once() -> None:
    _, text = play(Step(Op.CREATE, T.urn, None, T), Step(Op.SAME, DEFAULT.urn, DEFAULT, DEFAULT), preview=True)
    assert text.count("p:i:T t") == 1
    assert "    +  1 to create\n" in text


def test_halves_of_a_replacement_are_shown_but_not_counted() -> None:
    old = dataclasses.replace(T, delete=True)
    steps = [Step(Op.CREATE_REPLACEMENT, T.urn, T, CHANGED, ("a",)), Step(Op.REPLACE, T.urn, T, CHANGED, ("a",)),
             Step(Op.DELETE_REPLACED, T.urn, old)]  # fmt: skip
    display, text = play(*steps)
    assert "++ p:i:T t created replacement" in text
    assert "-- p:i:T t deleted original" in text
    assert "    +- 1 replaced\n" in text
    assert [step.op for step in display.changes()] == [Op.REPLACE]


def test_json_is_one_document_without_secrets() -> None:
    _, text = play(
        Step(Op.UPDATE, T.urn, T, CHANGED), as_json=True, ok=False, messages=[Message(Severity.ERROR, "bad", T.urn)]
    )
    document = json.loads(text)
    assert document["steps"] == [
        {"op": "update", "urn": T.urn, "type": "p:i:T", "replaceKeys": [],
         "diff": [{"path": "a", "kind": "update", "old": 1, "new": 2}]}
    ]  # fmt: skip
    assert document["diagnostics"] == [{"severity": "error", "urn": T.urn, "message": "bad"}]
    assert document["changeSummary"] == {"update": 1}
    assert document["outputs"] == {"token": "[secret]", "url": "x"}
    assert (document["result"], document["preview"]) == ("failed", False)
    assert "canary" not in text


def test_statuses_are_told_when_more_than_their_numbers_change() -> None:
    messages = [Message(Severity.INFO, f"building, {seconds} s", T.urn, ephemeral=True) for seconds in range(3)]
    messages += [Message(Severity.INFO, "live", T.urn, ephemeral=True), Message(Severity.DEBUG, "noise")]
    _, text = play(Step(Op.UPDATE, T.urn, T, CHANGED), messages=messages)
    assert text.count("building") == 1
    assert text.count("live") == 1
    assert "noise" not in text


def test_refresh_without_a_change_counts_as_unchanged() -> None:
    display, text = play(Step(Op.REFRESH, T.urn, T, T))
    assert display.changes() == []
    assert "1 unchanged" in text


def test_failed_step_is_not_counted() -> None:
    stream = io.StringIO()
    display = Display(as_json=False, stream=stream)
    phase = display.phase("Updating", "dev", preview=False)
    phase.begun(Step(Op.CREATE, T.urn, None, T))
    phase.ended(Step(Op.CREATE, T.urn, None, T), failed=True)
    assert display.changes() == []
    assert "p:i:T t failed" in stream.getvalue()


def test_terminal_shows_lines_and_what_is_in_flight() -> None:
    stream = Terminal()
    display = Display(as_json=False, stream=stream)
    phase = display.phase("Updating", "dev", preview=False)
    phase.begun(Step(Op.UPDATE, T.urn, T, CHANGED))
    display.message(Message(Severity.INFO, "[building], 3 s", T.urn, ephemeral=True))
    assert [str(step) for step in phase.in_flight()] == ["p:i:T t updating (0 s) [building], 3 s"]
    phase.ended(Step(Op.UPDATE, T.urn, T, CHANGED), failed=False)
    assert phase.in_flight() == []
    display.close()
    assert "p:i:T t updated" in stream.getvalue()
    assert stream.getvalue().endswith("\x1b[?25h") or "\x1b[?25h" in stream.getvalue(), "the cursor is shown again"
