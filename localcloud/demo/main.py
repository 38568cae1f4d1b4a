"""Play the acts, write the evidence, and end with the count of claims shown."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from localcloud.cloud import LocalCloud
from localcloud.core.working_copy import WorkingCopy
from localcloud.demo import engines, evidence, serve, workspace
from localcloud.demo.acts import ACTS
from localcloud.demo.claims import Claims
from localcloud.demo.stage import Stage


def main(arguments: Sequence[str]) -> int:
    """Play the demo in the current directory; returns 0 only if every claim was shown."""
    parser = argparse.ArgumentParser(prog="python -m localcloud.demo", description=__doc__)
    parser.add_argument("--serve", action="store_true", help="deploy, then keep the gateway running until Ctrl-C")
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    try:
        return _play(Path.cwd(), console, serving=options.serve)
    except ValueError as error:
        console.print(f"error: {error}", style="bold red", markup=False)
        return 2


def _play(project: Path, console: Console, *, serving: bool) -> int:
    directory = project / "build" / ("serve" if serving else "demo")
    shutil.rmtree(directory, ignore_errors=True)
    copy = workspace.create(project, directory / "workspace")
    engine = engines.create(engines.wanted(), copy.directory, directory, console)
    with LocalCloud(project / "build" / "localcloud", copy.directory) as cloud:
        claims = Claims(console, engine.name, cloud.working_copy.head)
        console.print(f"engine: {engine.name}; commit {claims.commit[:12]} on a local cloud, loopback only")
        for notice in WorkingCopy(project).notices():
            console.print(f"note: {notice}", style="yellow", markup=False)
        stage = Stage(cloud, engine, copy, directory, claims)
        engine.prepare(stage.environment())
        if serving:
            return serve.serve(stage)
        for title, act in ACTS:
            claims.act(title)
            act(stage)
    files = evidence.write(directory, claims.document())
    console.print(f"\nevidence: {files[-1].relative_to(project)}", style="dim")
    console.print(claims.summary())
    return 0 if claims.all_shown else 1
