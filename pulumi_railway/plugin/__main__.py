"""`python -m pulumi_railway.plugin ENGINE_ADDRESS`: print a port and serve the provider there."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def main() -> None:
    """Run the process. Ends with status 0 at a signal, also before it serves; a missing package is one line."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _signal, _frame: os._exit(0))
    try:
        serve = load()
    except ModuleNotFoundError as error:
        sys.exit(f"The Railway plugin cannot start: {sys.executable} has no package {error.name}. Run `make install`.")
    serve(sys.argv[1:])
    os._exit(0)  # a call that outlived its grace must not keep the process


def load() -> Callable[[Sequence[str]], None]:
    """Import the provider, which takes most of the start, once a signal can interrupt it."""
    sys.modules["httpx._main"] = None  # type: ignore[assignment]  # the command line of httpx, with rich and click
    from pulumi_railway.plugin.process import serve  # noqa: PLC0415

    return serve


if __name__ == "__main__":
    main()
