"""Runs one command and ends as it does. When standard input closes, the whole process group is killed.

The local cloud holds the other end of that input, so nothing outlives it, however it ends. Started by its path, with
the command as arguments; uses the standard library only.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

NOT_STARTED = 127
_KILLED = 128


def main(command: list[str]) -> int:
    """The exit status of `command`: 128 + N for signal N, 127 where it cannot be started."""
    children: list[int] = []

    def pass_on(*_: object) -> None:
        for child in children:
            os.kill(child, signal.SIGTERM)

    signal.signal(signal.SIGTERM, pass_on)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - the command of the image
    except OSError as error:
        sys.stderr.write(f"cannot start {command[0]}: {error.strerror}\n")
        return NOT_STARTED
    children.append(process.pid)
    status = process.wait()
    return status if status >= 0 else _KILLED - status


def _die_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
