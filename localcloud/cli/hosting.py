"""`exec` without a file of endpoints: a local cloud for the length of one command."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from localcloud.cli.process import run
from localcloud.cli.signals import Ended, ending
from localcloud.cloud import LocalCloud
from localcloud.core import client, environment
from localcloud.core.credentials import Identity


def hosted(workdir: Path | None, repository: Path, identity: Identity, command: Sequence[str]) -> int:
    """The exit status of `command`, or of the signal that ended the cloud before or after it."""
    try:
        with ending(), LocalCloud(default_workdir(workdir, repository), repository) as cloud:
            announce(cloud)
            base = environment.current()
            return run(command, client.merged(base, cloud.environment(identity, base)))
    except Ended as ended:
        return ended.status


def default_workdir(workdir: Path | None, repository: Path) -> Path:
    """`workdir`, or where the project builds everything."""
    return workdir or repository / "build" / "localcloud"


def announce(cloud: LocalCloud) -> None:
    """Tell the user what there is to know of the source."""
    for notice in cloud.working_copy.notices():
        sys.stderr.write(f"localcloud: {notice}\n")
