"""The command line, and what its errors look like: one line on standard error, and exit status 1."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from localcloud.core.credentials import IDENTITIES
from localcloud.core.errors import LocalCloudError

SEPARATOR = "--"
_PROGRAM = "python -m localcloud"
_MISUSED = 2

_DESCRIPTION = "Railway, Secret Manager, GitHub and model providers on this machine: no account, nothing goes outside."
_EXEC_HELP = "run CMD with endpoints and credentials of a local cloud, and end with its exit status"
_SERVE_HELP = "run a local cloud until Ctrl-C"


def main(arguments: Sequence[str]) -> int:
    """The exit status of the command that `arguments` name."""
    own, command = _split(list(arguments))
    options = _parser().parse_args(own)
    try:
        return _exec(options, command) if options.verb == "exec" else _serve(options, command)
    except (LocalCloudError, OSError) as error:
        sys.stderr.write(f"localcloud: {error}\n")
        return 1


def _serve(options: argparse.Namespace, command: list[str]) -> int:
    if command:
        _misused("serve takes no command; `exec` does")
    from localcloud.cli.serve import serve  # noqa: PLC0415 - imports every service

    return serve(options.endpoints, options.workdir, options.repository)


def _exec(options: argparse.Namespace, command: list[str]) -> int:
    if not command:
        _misused(f"exec needs a command: {_PROGRAM} exec -- CMD …")
    if options.endpoints is not None:
        from localcloud.cli.joining import joined  # noqa: PLC0415 - one of two ways

        return joined(options.endpoints, options.identity, command)
    from localcloud.cli.hosting import hosted  # noqa: PLC0415 - imports every service

    return hosted(options.workdir, options.repository, options.identity, command)


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    if SEPARATOR not in arguments:
        return arguments, []
    position = arguments.index(SEPARATOR)
    return arguments[:position], arguments[position + 1 :]


def _misused(message: str) -> NoReturn:
    sys.stderr.write(f"localcloud: {message}\n")
    sys.exit(_MISUSED)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=_PROGRAM, description=_DESCRIPTION)
    verbs = parser.add_subparsers(dest="verb", required=True)
    serve = verbs.add_parser("serve", help=_SERVE_HELP, description=_SERVE_HELP)
    serve.add_argument("--endpoints", type=Path, required=True, metavar="FILE", help="file that gets the base URLs")
    run = verbs.add_parser("exec", help=_EXEC_HELP, description=_EXEC_HELP, usage=f"{_PROGRAM} exec [options] -- CMD …")
    run.add_argument("--endpoints", type=Path, metavar="FILE", help="use the cloud that `serve` runs, start none")
    run.add_argument("--identity", choices=IDENTITIES, default="deploy", help="preview: may read, sees no secret")
    for verb in (serve, run):
        verb.add_argument("--repository", type=Path, default=Path(), metavar="DIR", help="what is deployed; default: .")
        verb.add_argument("--workdir", type=Path, metavar="DIR", help="default: build/localcloud in the repository")
    return parser
