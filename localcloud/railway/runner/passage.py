"""How the siblings of a service reach it: at its private address, on the port that its variable PORT names."""

from __future__ import annotations

import contextlib
import socket
import threading

from localcloud.core.server import LOOPBACK

_PIECE = 65536
_CONNECT_SECONDS = 5.0


class Passage:
    """Passes connections to `address` on to `port` of this machine. Constructing it listens; raises OSError."""

    def __init__(self, address: tuple[str, int], port: int) -> None:
        self._port = port
        self._open: set[socket.socket] = set()
        # A deployment and the one that follows it listen side by side for a while.
        self._listener = socket.create_server(address, reuse_port=True)
        self._thread = threading.Thread(target=self._accept, name=f"passage-{port}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening, and cut off what passes."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._thread.join()
        self._listener.close()
        for each in tuple(self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass, args=(near,), daemon=True).start()

    def _pass(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError):
            far = socket.create_connection((LOOPBACK, self._port), _CONNECT_SECONDS)
            far.settimeout(None)
            with far:
                self._open |= {near, far}
                back = threading.Thread(target=_pump, args=(far, near), daemon=True)
                back.start()
                _pump(near, far)
                back.join()
                self._open -= {near, far}


def _pump(source: socket.socket, target: socket.socket) -> None:
    """Pass on what comes until it ends, and the end too."""
    with contextlib.suppress(OSError):
        while piece := source.recv(_PIECE):
            target.sendall(piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
