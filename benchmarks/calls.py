"""`python -m benchmarks.calls [--write FILE]`: how many calls and deployments each change costs, as a Markdown table.

With `--write` the table replaces what stands between `<!-- calls -->` and `<!-- /calls -->` in the file.

The real program runs on the embedded engine and a local cloud, with a gateway that starts in a moment.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks.figures import BenchmarkError
from chaos import workspace
from localcloud.cloud import LocalCloud
from localcloud.demo import engines
from localcloud.demo.claims import Claims
from localcloud.demo.commands import Result
from localcloud.demo.stage import SERVICE, Stage

ROOT: Final = Path(__file__).resolve().parent.parent
DIRECTORY: Final = ROOT / "build" / "bench" / "calls"
SETTINGS: Final = "Pulumi.production.yaml"
MARKED: Final = re.compile(r"(<!-- calls -->\n).*?(<!-- /calls -->)", re.DOTALL)
POLLS: Final = frozenset({"deployment", "deployments"})
HEADER: Final = ("scenario", "reads", "writes", "status polls", "deployments", "Secret Manager", "GitHub")


@dataclass(frozen=True)
class Count:
    """What one scenario cost: Railway's reads, writes and polls of a deployment's status, and the calls elsewhere."""

    scenario: str
    reads: int
    writes: int
    polls: int
    deployments: int
    secret_manager: int
    github: int

    def row(self) -> tuple[str, ...]:
        """The cells of the table."""
        return tuple(str(getattr(self, name)) for name in self.__dataclass_fields__)


def main() -> int:
    """Print the table, or write it; 1 where a scenario did not end as it should."""
    parser = argparse.ArgumentParser("python -m benchmarks.calls", description=__doc__)
    parser.add_argument("--write", type=Path, metavar="FILE", help="the page that holds the table")
    page: Path | None = parser.parse_args().write
    try:
        text = table(measure(Console(quiet=True)))
    except BenchmarkError as error:
        sys.stderr.write(f"not measured: {error}\n")
        return 1
    if page is None:
        sys.stdout.write(text)
    else:
        page.write_text(MARKED.sub(lambda found: f"{found[1]}{text}{found[2]}", page.read_text(encoding="utf-8")))
    return 0


def table(counts: Iterable[Count]) -> str:
    """The counts as Markdown."""
    rows = [HEADER, ("---", *["---:"] * (len(HEADER) - 1)), *(count.row() for count in counts)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def measure(console: Console) -> Iterator[Count]:
    """The scenarios in order; each works on what the one before left. Raises BenchmarkError."""
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    copy = workspace.prepare(ROOT, DIRECTORY / "workspace")
    engine = engines.create("embedded", copy.directory, DIRECTORY, console)
    with LocalCloud(ROOT / "build" / "localcloud", copy.directory) as cloud:
        stage = Stage(cloud, engine, copy, DIRECTORY, Claims(console, engine.name, cloud.working_copy.head))
        for name, change, run in _scenarios(stage):
            change()
            yield _counted(stage, name, run)


def _scenarios(stage: Stage) -> Iterator[tuple[str, Callable[[], object], Callable[[], Result]]]:
    """(name, what happens before, the command)."""
    secrets, copy, engine, environment = stage.cloud.secret_manager, stage.workspace, stage.engine, stage.environment

    def nothing() -> None: ...

    def up() -> Result:
        return engine.up(environment())

    def rotate(*names: str) -> None:
        for name in names:
            secrets.add_version(name)

    def variable(before: str, after: str) -> None:
        copy.change(SETTINGS, before, after, "Change the variables")

    key = "    GEMINI_API_KEY: GEMINI-API\n"
    added = f"{key}    ANOTHER_KEY: OPENAI-API\n"
    yield "preview of a first up", nothing, lambda: engine.preview(environment())
    yield "first up: service, source, settings, 7 variables, domain, volume", nothing, up
    yield "up with nothing to change", nothing, up
    yield "preview with nothing to change", nothing, lambda: engine.preview(environment())
    yield "1 secret rotated", lambda: rotate("OPENAI-API"), up
    yield "3 secrets rotated", lambda: rotate("OPENAI-API", "GEMINI-API", "ANTHROPIC-API"), up
    yield "1 variable added", lambda: variable(key, added), up
    yield "1 variable taken away", lambda: variable(added, key), up
    yield "1 setting changed", lambda: copy.change(SETTINGS, "config:\n", SETTING, "Change a setting"), up
    yield "the service's files changed", lambda: workspace.release(copy, "two"), up
    yield "a release refused and rolled back", lambda: workspace.spoil(copy, "fallback"), up
    yield "the release mended", lambda: workspace.mend(copy, "fallback"), up
    yield "refresh", nothing, lambda: engine.refresh(environment())
    yield "a variable edited by hand: refresh", _edit(stage), lambda: engine.refresh(environment())
    yield "a variable edited by hand: up", nothing, up
    yield "destroy", nothing, lambda: engine.destroy(environment())


SETTING: Final = "config:\n  litellm-gateway:drainingSeconds: 20\n"


def _edit(stage: Stage) -> Callable[[], None]:
    return lambda: stage.cloud.railway.edit_variable(SERVICE, "GEMINI_API_KEY", "edited-by-hand")


def _counted(stage: Stage, name: str, run: Callable[[], Result]) -> Count:
    stage.cloud.calls.clear()
    before = len(stage.deployments())
    result = run()
    if (result.status == 0) == ("refused" in name):
        raise BenchmarkError(f"{name}: exit status {result.status}\n{result.output}")
    calls = stage.cloud.calls.list()
    elsewhere = Counter(call.service for call in calls)
    railway = Counter("poll" if call.operation in POLLS else call.kind for call in calls if call.service == "railway")
    started = len(stage.deployments()) - before
    polls = railway["poll"]
    return Count(
        name, railway["query"], railway["mutation"], polls, started, elsewhere["secret_manager"], elsewhere["github"]
    )


if __name__ == "__main__":
    sys.exit(main())
