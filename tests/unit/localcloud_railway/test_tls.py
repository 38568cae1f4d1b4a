"""The certificates of the edge."""

from __future__ import annotations

import ipaddress
import stat
from pathlib import Path

import certifi
import pytest
from cryptography import x509

from localcloud.railway.tls import LocalAuthority

pytestmark = pytest.mark.unit


END = b"-----END CERTIFICATE-----\n"


def blocks(file: Path) -> list[bytes]:
    """The certificates as text: what a machine trusts may be older than what the library reads."""
    return [
        b"-----BEGIN" + part.partition(b"-----BEGIN")[2] for part in file.read_bytes().split(END) if b"BEGIN" in part
    ]


def certificate(file: Path) -> x509.Certificate:
    """The last one of a file."""
    return x509.load_pem_x509_certificate(blocks(file)[-1] + END)


def test_the_bundle_adds_one_authority_to_what_is_trusted_anyway(tmp_path: Path) -> None:
    authority = LocalAuthority(tmp_path / "tls")
    assert set(blocks(Path(certifi.where()))) <= set(blocks(authority.bundle))
    own = certificate(authority.bundle)
    assert own.subject.rfc4514_string() == "CN=Local cloud authority"
    assert own.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert b"PRIVATE KEY" not in authority.bundle.read_bytes()


def test_the_server_s_certificate_is_for_loopback_and_signed_by_the_authority(tmp_path: Path) -> None:
    authority = LocalAuthority(tmp_path)
    server = certificate(tmp_path / "server.pem")
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("127.0.0.1")]
    server.verify_directly_issued_by(certificate(authority.bundle))
    assert authority.server_context()


def test_keys_are_new_each_time_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "server.pem"
    LocalAuthority(tmp_path)
    first = file.read_bytes()
    LocalAuthority(tmp_path)
    assert file.read_bytes() != first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
