"""The whole life of each resource, one script for all of them, on each engine at hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.engine.life.subject import ABSENT, Subject
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
        if how := ALONE.get(field.kind) or (None if field.applied else is_previewed_only):
            how(subject, run, name)
        if field.kept:
            is_kept(subject, run, name, field.first)
    changes_in_place(subject, run)
    leaves_alone(subject, run)
    assert subject.unmanaged() == others
    is_made_again(subject, run)
    for number, identity in enumerate(subject.import_ids()):
        is_imported(subject, make_run(token, f"import-{number}"), identity)
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
        if field.by_hand is not ABSENT and name not in subject.restores_by_another:
            assert subject.live(name) == field.first, name


def changes_nothing_again(subject: Subject, run: Run) -> None:
    """The same program again: nothing to show, nothing written, nothing drifted."""
    subject.place.cloud.calls.clear()
    assert run.preview() == {}
    run.up("--expect-no-changes")
    assert run.refresh() == []
    assert run.preview() == {}
    assert subject.place.writes() == []


def changes_in_place(subject: Subject, run: Run) -> None:
    """Each input that can: by us, behind our back, and away.

    It is one at a time, and one way with all of them before the next: so each preview shows what the run before left.
    """
    fields = {name: field for name, field in subject.fields.items() if field.kind == "updates"}
    applied = [name for name, field in fields.items() if field.applied]
    shown = [name for name, field in fields.items() if field.by_hand is not ABSENT]
    optional = [name for name in applied if fields[name].optional]
    for how, names in ((changes, applied), (drifts, shown), (is_cleared, optional)):
        for name in names:
            how(subject, run, name)
        assert not names or run.preview() == {}, names


def changes(subject: Subject, run: Run, name: str) -> None:
    """To another value."""
    field = subject.fields[name]
    before = None if field.by_hand is ABSENT else subject.live(name)
    is_updated(run, name, field.changed)
    assert field.by_hand is ABSENT or subject.live(name) not in (before, None), name


def is_cleared(subject: Subject, run: Run, name: str) -> None:
    """What is taken away is as Railway has it by itself."""
    field = subject.fields[name]
    if field.changed == field.cleared:
        is_updated(run, name, field.first)
    is_updated(run, name, ABSENT)
    unseen = field.by_hand is ABSENT or name in subject.restores_by_another
    assert unseen or subject.live(name) == field.cleared, name


def is_updated(run: Run, name: str, value: Any) -> None:
    """The preview shows this input and no other: nothing is left of what was written before it."""
    run.change({name: value})
    assert run.preview() == {"update": [name]}
    run.up()


def drifts(subject: Subject, run: Run, name: str) -> None:
    """What somebody else changed is seen by refresh as that input and no other, and put back."""
    ours = subject.live(name)
    subject.edit(name, subject.fields[name].by_hand)
    theirs = subject.live(name)
    assert run.refresh() == [name]
    is_updated(run, name, run.inputs[name])
    assert subject.live(name) == ours or name in subject.restores_by_another, name
    assert subject.live(name) != theirs, name


def is_kept(subject: Subject, run: Run, name: str, value: Any) -> None:
    """An input that is taken away says no more what there is to be: nothing to show, and what there is stays."""
    before, held = subject.id(), subject.live(name)
    run.change({name: ABSENT})
    assert run.preview() == {}, name
    run.up("--expect-no-changes")
    assert run.refresh() == []
    assert run.preview() == {}, name
    assert (subject.id(), subject.live(name)) == (before, held), name
    run.change({name: value})
    run.up()


def is_previewed_only(subject: Subject, run: Run, name: str) -> None:
    """The preview shows the change, or none where it makes no difference to what exists."""
    field = subject.fields[name]
    run.change({name: field.changed})
    assert run.preview() == ({} if field.kind == "silent" else {"update": [name]}), name
    run.change({name: field.first})


def is_replaced(subject: Subject, run: Run, name: str) -> None:
    """Railway cannot change it: another object takes its place, and the old one goes."""
    field = subject.fields[name]
    there = {name: field.changed, **field.along}
    here = {each: subject.fields[each].first for each in there}
    run.change(there)
    assert run.preview() == {"replace": sorted(there)}, name
    if field.applied:
        old = subject.id()
        run.up()
        assert subject.live(name) == field.changed
        assert subject.id() not in {old, ""}
        if field.kept:
            is_kept(subject, run, name, field.changed)
        run.change(here)
        run.up()
        assert subject.live(name) == field.first
    run.change(here)


def is_unknown(subject: Subject, run: Run, name: str) -> None:
    """The preview already says that Railway has nothing of that id."""
    field = subject.fields[name]
    subject.place.cloud.calls.clear()
    run.change({name: field.changed})
    assert "the id is unknown" in run.refused()
    assert subject.place.writes() == []
    run.change({name: field.first})


def leaves_alone(subject: Subject, run: Run) -> None:
    """What the program does not ask for is neither seen nor written, not even when something beside it is."""
    edited = subject.be_edited()
    theirs = edited()
    assert run.refresh() == []
    assert run.preview() == {}
    beside = next(name for name, field in subject.fields.items() if field.kind == "updates" and field.applied)
    is_updated(run, beside, subject.fields[beside].first)
    assert edited() == theirs


def is_made_again(subject: Subject, run: Run) -> None:
    """Deleted behind our back: refresh sees it, the preview says create."""
    subject.vanish()
    assert run.refresh() == ["gone"]
    run.want(subject.inputs())
    assert list(run.preview()) == ["create"]
    run.up()
    assert subject.id() != ""
    assert run.preview() == {}


def is_imported(subject: Subject, run: Run, identity: str) -> None:
    """A stack that knows nothing takes it over by an id of either form, and then has nothing to do."""
    run.want(subject.import_inputs(), identity)
    assert list(run.preview()) == ["import"]
    subject.place.cloud.calls.clear()
    run.up()
    assert subject.place.writes() == []
    recorded = run.recorded()
    assert recorded is not None
    assert recorded["id"] == subject.import_ids()[0], "the ids, whatever named them"
    assert run.preview() == {}, "the import may stay in the program"
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


ALONE: Final = {"replaces": is_replaced, "unknown": is_unknown, "silent": is_previewed_only}
"""What is tried with an input of a kind, one at a time on each engine."""
