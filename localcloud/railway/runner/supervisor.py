"""Runs one command and ends as it does. When standard input closes, the whole process group is killed.

The local cloud holds the other end of that input, so nothing outlives it, however it ends. Started by its path, with
the command as arguments. It imports next to nothing, since it starts with every process of a deployment.
"""

from __future__ import annotations

import _thread
import os
import signal
import sys

NOT_STARTED = 127
_KILLED = 128
_NO_INPUT = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)


def main(command: list[str]) -> int:
    """The exit status of `command`: 128 + N for signal N, 127 where it cannot be started."""
    children: list[int] = []

    def pass_on(*_: object) -> None:
        for child in children:
            os.kill(child, signal.SIGTERM)

    signal.signal(signal.SIGTERM, pass_on)
    _thread.start_new_thread(_die_with_parent, ())
    try:
        child = os.posix_spawnp(command[0], command, os.environ, file_actions=[_NO_INPUT], setsigdef=[signal.SIGPIPE])
    except OSError as error:
        sys.stderr.write(f"cannot start {command[0]}: {error.strerror}\n")
        return NOT_STARTED
    children.append(child)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return status if status >= 0 else _KILLED - status


def _die_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
