"""What an answer that is no success means, and what a lost one does: the only place that decides it."""

from __future__ import annotations

import codecs
import re
from urllib.parse import urlsplit

import httpx

from shared import errors
from shared.http.call import Call
from shared.http.masking import shortened_answer

_BY_STATUS: dict[int, type[errors.VendorError]] = {
    401: errors.Unauthorized,
    403: errors.Forbidden,
    404: errors.NotFound,
    405: errors.Misconfigured,
    409: errors.Conflict,
    415: errors.Misconfigured,
    425: errors.Unavailable,
    429: errors.RateLimited,
}
_LOGIN = re.compile(r"(log|sign)[-_]?(in|on)\b|\b(oauth2?|sso|authenticate|authorize)\b", re.IGNORECASE)
_NEVER_SENT = httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.UnsupportedProtocol


def lost_answer(call: Call, error: httpx.HTTPError) -> errors.VendorError:
    """Return the error for a call without an answer."""
    kind = errors.Unavailable if isinstance(error, _NEVER_SENT) else unanswered(call)
    return kind(call.vendor, call.operation, detail=type(error).__name__)


def refused_answer(
    call: Call, response: httpx.Response, content: bytes, retry_after: float | None
) -> errors.VendorError:
    """Return the error for an answer that is no success."""
    kind, detail = _meaning(call, response, content)
    request_id = response.headers.get("x-request-id", "")
    return kind(
        call.vendor,
        call.operation,
        status=response.status_code,
        request_id=request_id if re.fullmatch(r"[\w.-]{1,64}", request_id) else None,
        retry_after=retry_after,
        detail=detail,
        answer=shortened_answer(call, content),
    )


def reported_failure(call: Call, status: int, content: bytes) -> errors.Refused:
    """Return the error for a 2xx whose body says that the write failed."""
    return errors.Refused(
        call.vendor,
        call.operation,
        status=status,
        detail="the answer reports a failure",
        answer=shortened_answer(call, content),
    )


def is_page(content: bytes) -> bool:
    """Whether it is markup, however it begins. No vendor answers in XML; some call JSON or a sentence `text/html`."""
    return content.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<")


def _meaning(call: Call, response: httpx.Response, content: bytes) -> tuple[type[errors.VendorError], str | None]:
    status = response.status_code
    if status < 300:
        return unanswered(call), "answered with a web page"
    if status < 400:
        return _redirect(response)
    if status >= 500 or status == 408:
        return unanswered(call), None
    if status in (403, 404) and is_page(content):
        # A firewall or a gateway in between, not the vendor's verdict on the key or the contact.
        return errors.Unavailable, "answered with a web page"
    kind = _BY_STATUS.get(status, errors.Refused)
    if kind is errors.Refused and call.conflict and call.conflict.search(content.decode(errors="replace")):
        kind = errors.Conflict
    return kind, None


def unanswered(call: Call) -> type[errors.VendorError]:
    """A write without the vendor's own answer may have been made, also one that may be repeated."""
    return errors.OutcomeUnknown if call.writes else errors.Unavailable


def _redirect(response: httpx.Response) -> tuple[type[errors.VendorError], str]:
    try:
        target = urlsplit(response.headers.get("location", ""))
    except ValueError:
        target = urlsplit("")
    if _LOGIN.search(f"{target.netloc}{target.path}"):
        return errors.Unauthorized, "redirected to a log-in page"
    return errors.Misconfigured, "redirected; base_url or path is wrong"
