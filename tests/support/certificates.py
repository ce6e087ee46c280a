"""A store of trusted certificates that loads at once: the system's costs every new HTTP client 20 ms."""

from __future__ import annotations

from pathlib import Path

import certifi
import pytest

_END = "-----END CERTIFICATE-----\n"


@pytest.fixture(scope="session")
def one_certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that holds a single certificate, for `SSL_CERT_FILE`."""
    first, _, _ = Path(certifi.where()).read_text().partition(_END)
    file = tmp_path_factory.mktemp("certificates") / "one.pem"
    file.write_text(first + _END)
    return file


@pytest.fixture
def trusts_little(one_certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the clients made by this test load one certificate; their servers are on loopback, without TLS."""
    monkeypatch.setenv("SSL_CERT_FILE", str(one_certificate))
