"""The private network: siblings reach a service at its private domain, on the port that it declares."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator

import pytest

from localcloud.railway.runner.passage import Passage

pytestmark = pytest.mark.contract

ADDRESS = "127.44.55.66"


class Echo(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while line := self.rfile.readline():
            self.wfile.write(b"echo " + line)


@pytest.fixture
def container() -> Iterator[int]:
    """The port of a process that listens on the usual loopback address alone."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        port: int = server.server_address[1]
        yield port
        server.shutdown()
        thread.join()


def free_port() -> int:
    with socket.create_server((ADDRESS, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def test_what_passes_arrives_and_so_does_its_end(container: int) -> None:
    port = free_port()
    passage = Passage((ADDRESS, port), container)
    with socket.create_connection((ADDRESS, port), 5) as client:
        client.sendall(b"one\ntwo\n")
        client.shutdown(socket.SHUT_WR)
        assert client.makefile("rb").read() == b"echo one\necho two\n"
    passage.close()


def test_a_closed_one_cuts_off_and_takes_no_more(container: int) -> None:
    port = free_port()
    passage = Passage((ADDRESS, port), container)
    with socket.create_connection((ADDRESS, port), 5) as client:
        client.sendall(b"one\n")
        assert client.recv(100) == b"echo one\n"
        passage.close()
        assert client.recv(100) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((ADDRESS, port), 5)


def test_one_that_follows_listens_before_the_other_ends(container: int) -> None:
    port = free_port()
    first, second = Passage((ADDRESS, port), 1), Passage((ADDRESS, port), container)
    first.close()
    with socket.create_connection((ADDRESS, port), 5) as client:
        client.sendall(b"one\n")
        assert client.recv(100) == b"echo one\n"
    second.close()
