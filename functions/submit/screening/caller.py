"""Callers: whose address a request came from, behind a proxy of ours too."""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass

from functions.submit.request.request import Request
from shared.aws.secrets import Secrets
from shared.errors import KEY_ERRORS, LedgerKeyUnavailable
from shared.ledger.person_hashing import PersonHasher
from shared.telemetry import logger

PROXY_SECRET = "proxy"
PROXY_HEADER = "x-relay-proxy"
_ALWAYS_WITH_PORT = "cloudfront-viewer-address"
"""CloudFront appends the port to IPv6 addresses too, without brackets ("Add CloudFront request headers")."""


@dataclass(frozen=True, slots=True)
class Callers:
    """Finds callers' addresses and hashes them.

    Attributes:
        trusted_proxy: the header that holds the visitor's address behind our proxy, or "".
    """

    people: PersonHasher
    secrets: Secrets
    trusted_proxy: str = ""

    def hash_of(self, request: Request) -> str | None:
        """Return the keyed hash of the caller's address, or None while the key is out of reach."""
        try:
            return self.people.hashed("ip", self._address(request))
        except LedgerKeyUnavailable:
            return None

    def _address(self, request: Request) -> str:
        """Return what our proxy says of the visitor, if it is our proxy that says it, else who connected to the API."""
        named = request.headers.get(self.trusted_proxy.lower(), "") if self.trusted_proxy else ""
        address = read_address(named, with_port=self.trusted_proxy.lower() == _ALWAYS_WITH_PORT) if named else None
        return address if address is not None and self._is_our_proxy(request) else request.source_ip

    def _is_our_proxy(self, request: Request) -> bool:
        shown = request.headers.get(PROXY_HEADER, "")
        if not shown:
            return False
        try:
            value = self.secrets.fetch(PROXY_SECRET).get("value")
        except KEY_ERRORS as error:
            logger.error("proxy not recognised", error=str(error))
            return False
        return (
            isinstance(value, str)
            and bool(value)
            and hmac.compare_digest(shown.encode("utf-8", "replace"), value.encode())
        )


def read_address(text: str, *, with_port: bool = False) -> str | None:
    """Return the IP address in its standard spelling, without a port; None if there is none to be read.

    Args:
        text: `198.51.100.1`, `198.51.100.1:443`, `2001:db8::1`, `[2001:db8::1]:443` or `2001:db8::1:443`.
        with_port: whether the last part is certainly a port, which an IPv6 address alone does not tell.
    """
    text = text.strip()
    without_port = text.rpartition(":")[0].strip("[]")
    candidates = [text.strip("[]"), without_port]
    for candidate in reversed(candidates) if with_port else candidates:
        try:
            return str(ipaddress.ip_address(candidate))
        except ValueError:
            continue
    return None
