"""Trouble between here and the gateway is no verdict on the gateway."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.acceptance.__main__ import main
from localcloud.core.server import ThreadedServer
from tests.contract.acceptance.conftest import Run
from tests.contract.acceptance.played_gateway import PlayedGateway

pytestmark = pytest.mark.contract

Judge = Callable[..., Run]


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that nothing listens on and nobody else gets."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate for 127.0.0.1 and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "played gateway")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path / "certificate.pem"
    file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def secure_url(played: PlayedGateway, certificate: Path) -> Iterator[str]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with ThreadedServer(played, ssl=context) as server:
        yield server.url


def undecided(run: Run, says: str) -> None:
    assert (run.status, run.evidence["verdict"]) == (2, "cannot tell")
    assert says in run.check("build")["detail"]
    assert run.other_than("cannot tell") == []
    assert {check["detail"] for check in run.evidence["checks"][1:]} == {"skipped: build did not pass"}
    assert run.evidence["seen_deployment"] is None


def test_a_refused_connection_is_undecided(judge: Judge, closed_port: int) -> None:
    undecided(judge(f"http://127.0.0.1:{closed_port}"), "the connection is refused")


def test_an_unknown_name_is_undecided(judge: Judge) -> None:
    undecided(judge("https://gateway.invalid"), "(DNS)")


def test_an_untrusted_certificate_is_undecided(judge: Judge, secure_url: str) -> None:
    undecided(judge(secure_url), "its certificate is not trusted (TLS)")


def test_no_tls_at_all_is_undecided(judge: Judge, url: str) -> None:
    undecided(judge(url.replace("http://", "https://")), "(TLS)")


def test_a_certificate_is_trusted_by_the_environment(
    judge: Judge, secure_url: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert judge(secure_url).status == 0


def test_this_machine_is_not_asked_through_a_proxy(
    judge: Judge, url: str, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{closed_port}")
    assert judge(url).status == 0


def test_a_proxy_that_is_down_is_undecided(judge: Judge, closed_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{closed_port}")
    undecided(judge("https://gateway.example"), "the connection is refused")


def test_this_machine_by_its_other_address_is_not_asked_through_a_proxy_either(
    judge: Judge, played: PlayedGateway, url: str, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", url)
    undecided(judge(f"http://[::1]:{closed_port}"), "is not reached")
    assert played.asked == []


@pytest.mark.parametrize(
    ("variable", "value"), [("SSL_CERT_FILE", "/nonexistent/bundle.pem"), ("HTTPS_PROXY", "ftp://proxy.example")]
)
def test_an_environment_that_cannot_be_used_is_one_clear_line(
    variable: str,
    value: str,
    environment: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(variable, value)
    assert main(["https://gateway.example"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("nothing was checked: ")
    assert variable in line
