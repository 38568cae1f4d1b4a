"""Which files a watch pattern means."""

from __future__ import annotations

import pytest

from localcloud.railway.patterns import anywhere, matches

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("patterns", "name", "fits"),
    [
        (["*.py"], "a.py", True),
        (["*.py"], "deep/er/a.py", True),
        (["/*.py"], "deep/a.py", False),
        (["services/web/**"], "services/web/a/b", True),
        (["services/web"], "services/web/a/b", True),
        (["services/web/**"], "other/services/web/a", False),
        (["docs/"], "a/docs/b", True),
        (["**/*.md"], "notes.md", True),
        (["**", "!*.md"], "a/notes.md", False),
        (["!*.md", "**"], "a/notes.md", True),
        (["a?c"], "abc", True),
        (["a?c"], "a/c", False),
        (["a"], "a/of\ntwo lines", True),
        (["a.c"], "abc", False),
        ([], "a", False),
    ],
)
def test_it_fits_as_git_reads_it(patterns: list[str], name: str, fits: bool) -> None:
    assert matches(name, [anywhere(pattern) for pattern in patterns]) is fits
