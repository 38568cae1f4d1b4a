"""`python -m pulumi_railway.plugin ENGINE_ADDRESS`: print a port and serve the provider there."""

from __future__ import annotations

import os
import signal
import sys


def main() -> None:
    """Start the process. Ends with status 0, also before it serves; never with a traceback for a missing package."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _signal, _frame: os._exit(0))
    try:  # imported here, because a signal during the imports must end cleanly too
        from pulumi_railway.handlers import HANDLERS  # noqa: PLC0415
        from pulumi_railway.plugin.process import serve  # noqa: PLC0415
    except ModuleNotFoundError as error:
        sys.exit(f"The Railway plugin cannot start: {sys.executable} has no package {error.name}. Run `make install`.")
    serve(sys.argv[1:], HANDLERS)
    os._exit(0)


if __name__ == "__main__":
    main()
