"""`python -m localcloud.plugins gcp|github [engine address]`: one stand-in plugin process."""

from __future__ import annotations

import sys
from collections.abc import Sequence

PACKAGES = ("gcp", "github")


def main(arguments: Sequence[str]) -> int:
    """Serve the package that the first argument names. Returns the exit code."""
    name = arguments[0] if arguments else ""
    if name not in PACKAGES:
        sys.stderr.write(f"usage: python -m localcloud.plugins {'|'.join(PACKAGES)} [engine address]\n")
        return 2
    try:
        from localcloud.plugins.gcp import Gcp  # noqa: PLC0415 - the interpreter may be one without the SDK
        from localcloud.plugins.github import Github  # noqa: PLC0415
        from localcloud.plugins.server import serve  # noqa: PLC0415
    except ImportError as error:
        sys.stderr.write(
            f"The stand-in for {name} needs the program's environment, and {sys.executable} lacks it: {error}\n"
        )
        return 1
    return serve(Gcp() if name == "gcp" else Github())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
