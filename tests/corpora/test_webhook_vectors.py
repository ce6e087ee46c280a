"""Signatures that others have published with their secrets: each is valid here, and no part of it can be changed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from functions.submit.refusal import Refusal
from functions.submit.screening.signature import SignedRequest, verify
from shared.forms.definition import Signature


@dataclass(frozen=True)
class Vector:
    """A signature with all that it covers, and when it was made."""

    signature: Signature
    secret: str
    headers: dict[str, str]
    body: bytes
    now: float = 0

    @property
    def request(self) -> SignedRequest:
        return SignedRequest("POST", "https://relay.example.com/forms/f", self.headers, self.body)


def mac_of(secret: str, body: bytes, presented: str) -> Vector:
    signature = Signature(scheme="hmac-sha256", secret="s", header="x-signature")
    return Vector(signature, secret, {"x-signature": presented}, body)


def standard(prefix: str) -> Vector:
    """The example of the Standard Webhooks specification; Svix, where it came from, has names of its own."""
    headers = {
        f"{prefix}-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        f"{prefix}-timestamp": "1614265330",
        f"{prefix}-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    signature = Signature(scheme="standard-webhooks", secret="s", prefix=prefix)
    return Vector(signature, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", headers, b'{"test": 2432232314}', 1614265330)


VECTORS = {
    "Standard Webhooks": standard("webhook"),
    "Svix": standard("svix"),
    "RFC 4231, case 2": mac_of(
        "Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    "GitHub": mac_of(
        "It's a Secret to Everybody",
        b"Hello, World!",
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
    ),
}


@pytest.mark.parametrize("name", VECTORS)
def test_a_published_signature_is_valid(name: str) -> None:
    vector = VECTORS[name]
    verify(vector.signature, ["another secret of ours", vector.secret], vector.request, vector.now)


@pytest.mark.parametrize("name", VECTORS)
def test_a_published_signature_proves_nothing_else(name: str) -> None:
    vector = VECTORS[name]
    changed = [replace(vector, body=vector.body + b" "), replace(vector, body=vector.body[:-1])]
    for header, value in vector.headers.items():
        other = f"{value[:-2]}{'B' if value[-2] != 'B' else 'C'}{value[-1]}"
        changed.append(replace(vector, headers={**vector.headers, header: other}))
    for each in changed:
        with pytest.raises(Refusal):
            verify(each.signature, [each.secret], each.request, each.now)


@pytest.mark.parametrize("name", ["Standard Webhooks", "Svix"])
@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_published_signature_has_its_time(name: str, seconds: int) -> None:
    vector = VECTORS[name]
    with pytest.raises(Refusal):
        verify(vector.signature, [vector.secret], vector.request, vector.now + seconds)
