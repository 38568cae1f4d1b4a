"""The whole life of each resource, one script for all of them, on each engine at hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.life.subject import ABSENT, Field, Subject
from tests.engine.life.subjects import SUBJECTS

if TYPE_CHECKING:
    from tests.engine.life.life import Run
    from tests.engine.life.place import Place

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("token", SUBJECTS)
def test_life(token: str, place: Place, make_run: Callable[[str, str], Run], root: Path) -> None:
    subject = SUBJECTS[token](place)
    declared = json.loads((root / "pulumi_railway" / "schema.json").read_text())["resources"][token]
    assert subject.fields.keys() == declared["inputProperties"].keys(), "every input has its field here"
    run, others = make_run(token, "stack"), subject.unmanaged()
    refuses_bad_input(subject, run)
    creates(subject, run)
    changes_nothing_again(subject, run)
    for name, field in subject.fields.items():
        changes(subject, run, name, field)
    assert subject.unmanaged() == others
    is_made_again(subject, run)
    is_imported(subject, make_run(token, "import"))
    is_deleted(subject, run)
    is_deleted_by_somebody_else(subject, run)
    assert subject.unmanaged() == others


def test_every_resource_has_a_life(root: Path) -> None:
    declared = json.loads((root / "pulumi_railway" / "schema.json").read_text())["resources"]
    assert SUBJECTS.keys() == declared.keys()


def refuses_bad_input(subject: Subject, run: Run) -> None:
    """Every bad input is named, and nobody is asked."""
    subject.place.cloud.calls.clear()
    run.want({name: field.bad for name, field in subject.fields.items()})
    said = run.refused()
    missing = [name for name in subject.fields if name not in said]
    assert not missing, f"{missing} not in {said}"
    assert subject.place.cloud.calls.list() == []


def creates(subject: Subject, run: Run) -> None:
    """The preview says so and writes nothing; then it is there."""
    run.want(subject.inputs())
    subject.place.cloud.calls.clear()
    assert list(run.preview()) == ["create"]
    assert subject.place.writes() == []
    assert subject.id() == ""
    run.up()
    assert subject.id() != ""
    for name, field in subject.fields.items():
        if field.by_hand is not ABSENT and subject.token != "railway:index:Deployment":
            assert subject.live(name) == field.first, name


def changes_nothing_again(subject: Subject, run: Run) -> None:
    """The same program again: nothing to show, nothing written, nothing drifted."""
    subject.place.cloud.calls.clear()
    assert run.preview() == {}
    run.up("--expect-no-changes")
    assert run.refresh() == []
    assert run.preview() == {}
    assert subject.place.writes() == []


def changes(subject: Subject, run: Run, name: str, field: Field) -> None:
    """One input: by us, behind our back, and away; the ones that replace go back to where they were."""
    if field.kind == "replaces":
        is_replaced(subject, run, name, field)
        return
    if field.kind == "unknown":
        is_unknown(subject, run, name, field)
        return
    before = subject.live(name) if field.by_hand is not ABSENT else None
    run.change(name, field.changed)
    assert run.preview() == ({} if field.kind == "silent" else {"update": [name]}), name
    if field.kind == "silent" or not field.applied:
        run.change(name, field.first)
        return
    run.up()
    assert run.preview() == {}, name
    if field.by_hand is not ABSENT:
        changed = subject.live(name)
        assert changed == field.changed or changed != before, name
        drifts(subject, run, name, field.by_hand)
    if field.optional:
        run.change(name, ABSENT)
        assert run.preview() == {"update": [name]}, name
        run.up()
        assert run.preview() == {}, name
        assert field.cleared == {} or subject.live(name) == field.cleared, name


def drifts(subject: Subject, run: Run, name: str, by_hand: Any) -> None:
    """What somebody else changed is seen by refresh as that input and no other, and put back."""
    subject.edit(name, by_hand)
    changed = subject.live(name)
    assert run.refresh() == [name]
    assert run.preview() == {"update": [name]}, name
    run.up()
    assert subject.live(name) != changed, name
    assert run.preview() == {}, name


def is_replaced(subject: Subject, run: Run, name: str, field: Field) -> None:
    """Railway cannot change it: another object takes its place, and the old one goes."""
    run.change(name, field.changed)
    assert run.preview() == {"replace": [name]}, name
    if field.applied:
        old = subject.id()
        run.up()
        assert subject.live(name) == field.changed
        assert subject.id() not in {old, ""}
        run.change(name, field.first)
        run.up()
        assert subject.live(name) == field.first
    run.change(name, field.first)


def is_unknown(subject: Subject, run: Run, name: str, field: Field) -> None:
    """The preview already says that Railway has nothing of that id."""
    subject.place.cloud.calls.clear()
    run.change(name, field.changed)
    assert "the id is unknown" in run.refused()
    assert subject.place.writes() == []
    run.change(name, field.first)


def is_made_again(subject: Subject, run: Run) -> None:
    """Deleted behind our back: refresh sees it, the preview says create."""
    subject.vanish()
    assert run.refresh() == ["gone"]
    run.want(subject.inputs())
    assert list(run.preview()) == ["create"]
    run.up()
    assert subject.id() != ""
    assert run.preview() == {}


def is_imported(subject: Subject, run: Run) -> None:
    """A stack that knows nothing takes it over by its id, and then has nothing to do."""
    run.want(subject.import_inputs(), subject.import_id())
    assert list(run.preview()) == ["import"]
    subject.place.cloud.calls.clear()
    run.up()
    assert subject.place.writes() == []
    run.want(subject.import_inputs())
    assert run.preview() == {}


def is_deleted(subject: Subject, run: Run) -> None:
    """Once, and once more."""
    run.destroy()
    assert subject.id() == ""
    run.destroy()


def is_deleted_by_somebody_else(subject: Subject, run: Run) -> None:
    """A destroy of what is gone already ends well."""
    run.want(subject.inputs())
    run.up()
    subject.vanish()
    run.destroy()
    assert subject.id() == ""
    assert run.recorded() is None
