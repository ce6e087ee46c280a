"""Posts a test sign-up to the deployed address of its form, as a page's script or a server does."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from cli.send.signing import signed_headers
from shared.errors import ConfigurationError, RelayError
from shared.forms import Form
from shared.vendors.connection import LOOPBACK

TIMEOUT_SECONDS = 35
"""A little longer than API Gateway waits for the function ("Quotas for HTTP APIs")."""


class NotSent(RelayError):
    """Nobody answered."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The answer to a sign-up."""

    status: int
    body: Mapping[str, Any]

    @property
    def is_accepted(self) -> bool:
        """Whether the relay answers for the sign-up."""
        return self.status in {200, 202}


def form_url(base: str, form_id: str) -> str:
    """Return the address of a form.

    Raises:
        ConfigurationError: what is sent there could be read on its way.
    """
    parts = urlsplit(base)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ConfigurationError("the address must be https://… (http:// on this machine only)")
    return f"{base.rstrip('/')}/forms/{form_id}"


def post(form: Form, url: str, body: str, read_secret: Callable[[str], Mapping[str, object]], message_id: str) -> Sent:
    """Send one sign-up and return the answer.

    Args:
        form: whose rules decide what is sent along: origin, time token, signature.
        url: address of the form.
        body: JSON.
        read_secret: reads the secret of a connection, for forms whose senders sign.
        message_id: the sender's own name for the sign-up.

    Raises:
        NotSent: nobody answered.
        ConfigurationError: the secret is not usable.
    """
    with httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False) as client:
        try:
            headers = {"accept": "application/json", "content-type": "application/json", **_origin(form)}
            if form.spam.min_seconds:
                body = _with_token(body, client.get(f"{url}/token", headers=_origin(form)))
                time.sleep(form.spam.min_seconds + 1)  # which the token must be old
            if form.signature:
                secret = read_secret(form.signature.secret)
                headers |= signed_headers(form.signature, secret, url, body, message_id, time.time())
            answer = client.post(url, content=body.encode(), headers=headers)
        except httpx.HTTPError as error:
            raise NotSent(f"{urlsplit(url).netloc} did not answer ({type(error).__name__})") from None
    return Sent(answer.status_code, _json(answer))


def _origin(form: Form) -> dict[str, str]:
    named = [origin for origin in form.allowed_origins if origin != "*"]
    return {"origin": named[0]} if named else {}


def _with_token(body: str, answer: httpx.Response) -> str:
    """Return the JSON with the time token that the form's page would have asked for."""
    return json.dumps({**json.loads(body), "_token": _json(answer).get("token", "")}, ensure_ascii=False)


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
