"""What a diff of inputs needs: which names differ, and which of them mean another object."""

from __future__ import annotations

from collections.abc import Collection

from pulumi_railway.handlers.base import UNKNOWN, Diff, Properties, State


def diff(old: State, news: Properties, *, compared: Collection[str], replaced: Collection[str]) -> Diff:
    """The names among `compared` and `replaced` whose values differ; an unknown value counts as different.

    What was not asked for before is compared with what Railway chose.
    """
    names = (*replaced, *compared)
    before = {**old.outputs, **old.inputs}
    changes = [name for name in names if news.get(name) is UNKNOWN or news.get(name) != before.get(name)]
    return Diff(changes=changes, replaces=[name for name in changes if name in replaced])
