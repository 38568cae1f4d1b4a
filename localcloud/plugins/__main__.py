"""`python -m localcloud.plugins gcp|github [engine address]`: one stand-in plugin process."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from localcloud.plugins.package import Package
from localcloud.plugins.server import serve


def package(name: str) -> Package:
    """The stand-in for the package `name`."""
    if name == "gcp":
        from localcloud.plugins.gcp import Gcp  # noqa: PLC0415 - a process needs one package only

        return Gcp()
    if name == "github":
        from localcloud.plugins.github import Github  # noqa: PLC0415 - see above

        return Github()
    raise SystemExit(f"usage: python -m localcloud.plugins gcp|github [engine address], not {name!r}")


def main(arguments: Sequence[str]) -> int:
    """Serve the package that the first argument names."""
    return serve(package(arguments[0] if arguments else ""))


sys.exit(main(sys.argv[1:]))
