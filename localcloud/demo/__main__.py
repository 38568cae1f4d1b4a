"""`python -m localcloud.demo [--serve]` as a process: a stop from outside ends it like Ctrl-C, whenever it comes."""

from __future__ import annotations

import signal
import sys

INTERRUPTED = 130


def run() -> int:
    """The demo's exit status; 130 where it was interrupted."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        from localcloud.demo.main import main  # noqa: PLC0415 - an interrupt of the imports is no traceback either

        return main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; everything that was started has ended\n")
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(run())
