"""`serve`: a local cloud until a signal ends it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

from localcloud.cli.hosting import announce, default_workdir
from localcloud.cli.joining import deployed_commit
from localcloud.cli.signals import Ended, ending
from localcloud.cloud import LocalCloud
from localcloud.core.credentials import keyring_file
from localcloud.core.endpoints import EndpointError, Endpoints


def serve(endpoints: Path, workdir: Path | None, repository: Path) -> int:
    """0 once a signal has ended it: that is how it is meant to end. The file is there as long as all listen."""
    _require_free(endpoints)
    try:
        with ending(), LocalCloud(default_workdir(workdir, repository), repository) as cloud:
            announce(cloud)
            with _told(cloud, endpoints):
                _wait(cloud, endpoints)
    except Ended:
        return 0


def _wait(cloud: LocalCloud, file: Path) -> NoReturn:
    for name, url in asdict(cloud.endpoints).items():
        sys.stdout.write(f"{name:15} {url}\n")
    sys.stdout.write(f"Ctrl-C ends it. Meanwhile: python -m localcloud exec --endpoints {file} -- CMD …\n")
    sys.stdout.flush()
    while True:
        signal.pause()


def _require_free(file: Path) -> None:
    if file.exists() and deployed_commit(Endpoints.read(file)) is not None:
        raise EndpointError(f"{file} belongs to a local cloud that runs: end it, or give another file")


@contextmanager
def _told(cloud: LocalCloud, file: Path) -> Iterator[None]:
    """Write the file of endpoints last, so that whoever sees it finds everything; take both files away at the end."""
    try:
        cloud.keyring.write(file)
        cloud.endpoints.write(file)
        yield
    finally:
        file.unlink(missing_ok=True)
        keyring_file(file).unlink(missing_ok=True)
