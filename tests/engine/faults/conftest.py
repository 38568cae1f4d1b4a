"""The real program on a local cloud that misbehaves, with a gateway that starts in a moment."""

from __future__ import annotations

import asyncio
import itertools
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from chaos import workspace
from chaos.attached import AttachedEngine, Tempo
from localcloud.cloud import LocalCloud
from localcloud.core.faults import Fault, Moment
from localcloud.demo import leaks
from localcloud.demo.claims import Claims
from localcloud.demo.commands import Result
from localcloud.demo.stage import Stage
from localcloud.demo.workspace import Workspace, git
from localcloud.railway import Speed

FIRST = "first"
"""The tag of the commit every test starts from."""


@dataclass(frozen=True)
class FaultStage(Stage):
    """A stage with short ways to break things, and to require what a user must see."""

    engine: AttachedEngine

    @property
    def tempo(self) -> Tempo:
        """The clocks of the Railway plugin."""
        return self.engine.tempo

    def fault(self, operation: str, action: Any, service: str = "railway", *, times: int = 1, **given: Any) -> None:
        """Let the next `times` such calls meet a fault."""
        for _ in range(times):
            self.cloud.faults.add(Fault(service, operation, action, **given))

    def when(self, wanted: str, act: Callable[[], object], *, call: int = 1) -> None:
        """Do something once: when the next such call, or the one that `call` counts, arrives at Railway."""
        arrived = itertools.count(1)

        async def watch(service: str, operation: str, moment: Moment) -> bool:
            if (service, operation, moment) == ("railway", wanted, "before") and next(arrived) == call:
                await asyncio.to_thread(act)
            return True

        self.cloud.faults.watch = watch

    def behave(self, **switches: Any) -> None:
        """Switch what Railway does; see `Behaviour`."""
        self.cloud.railway.seed({"behaviour": switches})

    def spoil(self, how: str) -> None:
        """Commit a bad release of the gateway."""
        workspace.spoil(self.workspace, how)

    def mend(self, how: str) -> None:
        """Commit a good release after one that was spoiled."""
        workspace.mend(self.workspace, how)

    def release(self) -> None:
        """Commit a good release that differs from the one before."""
        self.change(
            '"""A gateway', f'"""Release of {self.workspace.directory.stat().st_mtime_ns}. A gateway', "Release"
        )

    def change(self, before: str, after: str, message: str) -> None:
        """Change the gateway's program and commit."""
        self.workspace.change(f"{workspace.SERVICE}/gateway.py", before, after, message)

    def hurry_the_gate(self) -> None:
        """Let the acceptance checks wait a second, not a minute, for the right build."""
        self.workspace.change("gateway/component.py", '"{url}")', '"{url}", "--settle", "1")', "Wait a second")

    def set(self, key: str, value: str) -> None:
        """Commit a setting of the stack, in place of the one there is."""
        file, text = self.workspace.directory / "Pulumi.production.yaml", f"  litellm-gateway:{key}: "
        others = "".join(line for line in file.read_text().splitlines(keepends=True) if not line.startswith(text))
        file.write_text(others.replace("config:\n", f"config:\n{text}{value}\n"))
        self.workspace.commit(f"Set {key}")

    def writes(self, service: str = "railway") -> list[str]:
        """The operations that changed something, since the log of calls was cleared."""
        return [call.operation for call in self.calls(service) if call.kind == "mutation"]

    def up(self, *options: str, **environ: str) -> Result:
        """Update in the environment of a deploying identity and `environ`; an empty value takes a variable away."""
        return self.engine.up(self._environment(environ), *options)

    def preview(self, **environ: str) -> Result:
        """Preview in the same way."""
        return self.engine.preview(self._environment(environ))

    def destroy(self) -> Result:
        """Destroy in the same way."""
        return self.engine.destroy(self.environment())

    def state(self) -> str:
        """The state as it is exported."""
        return self.engine.state(self.environment())

    def deployed(self) -> None:
        """Bring the stack up, and forget the calls it took."""
        result = self.up()
        assert result.status == 0, result.output
        self.cloud.calls.clear()

    def require_refused(self, result: Result, *mentions: str) -> None:
        """The run failed in words that hold `mentions`, and without a traceback.

        The CLI interrupts a program that waits and then shows a traceback of its own; ours is in none.
        """
        assert result.status not in {0, None}, result.output
        assert self.engine.name == "pulumi" or "Traceback" not in result.output, result.output
        assert not re.search(r'File "\S*/(stacks|gateway|pulumi_railway|localcloud)/', result.output), result.output
        said = result.output.replace("\\n", "\n").replace('\\"', '"')
        missing = [mention for mention in mentions if mention not in said]
        assert not missing, f"{missing} not in:\n{result.output}"

    def require_converges(self) -> None:
        """Without a fault the next run ends well, the one after it changes nothing, and there is one of each."""
        self.cloud.faults.clear()
        self.cloud.faults.watch = None
        again = self.up()
        assert again.status == 0, again.output
        self.require_nothing_to_do()
        assert len([each for each in self.cloud.railway.state()["services"] if not each["deletedAt"]]) == 1
        with self.client() as client:
            assert client.get("/health").status_code == 200

    def require_nothing_to_do(self) -> None:
        """A run changes nothing and writes nothing."""
        self.cloud.calls.clear()
        settled = self.up("--expect-no-changes")
        assert settled.status == 0, settled.output
        assert [call.operation for call in self.cloud.calls.list() if call.kind == "mutation"] == []

    def _environment(self, changes: dict[str, str]) -> dict[str, str]:
        return {name: value for name, value in {**self.environment(), **changes}.items() if value}


@pytest.fixture(scope="package")
def cloud(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """A local cloud that holds the program with the light gateway."""
    copy = workspace.prepare(root, tmp_path_factory.mktemp("faults") / "workspace")
    git(copy.directory, "tag", FIRST)
    with LocalCloud(root / "build" / "localcloud", copy.directory, speed=Speed(step=0.02)) as running:
        yield running


@pytest.fixture(params=["embedded", "pulumi"])
def stage(request: pytest.FixtureRequest, cloud: LocalCloud, tmp_path: Path) -> Iterator[FaultStage]:
    """An empty stack on an empty local cloud; whatever a test does, no secret may be in what it left behind."""
    name: str = request.param
    if name == "pulumi" and not shutil.which("pulumi"):
        pytest.skip("the Pulumi CLI is not on PATH")
    cloud.reset()
    cloud.faults.watch = None
    directory = cloud.working_copy.directory
    git(directory, "reset", "--quiet", "--hard", FIRST)
    console = Console(quiet=True)
    copy = Workspace(directory, versioned=True)
    engine = AttachedEngine.create(name, directory, tmp_path, console)
    made = FaultStage(cloud, engine, copy, tmp_path, Claims(console, name, cloud.working_copy.head))
    engine.prepare(made.environment())
    yield made
    written = {f"run {number}": result.output for number, result in enumerate(engine.results, start=1)}
    secrets = {name: value for name, value in made.every_secret_value().items() if value.strip()}
    assert leaks.search({**written, **leaks.read([tmp_path])}, secrets) == []
