"""The base of every vendor's client: one authenticated `request()`, the escape hatch that typed methods build on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from shared.deadline import Deadline
from shared.errors import NotUnderstood, Refused
from shared.http.call import COMMON_WORDS, AnswerWords, Call, Effect, Query, Reply
from shared.http.vendor_http import VendorHttp


class VendorClient:
    """Calls one vendor for one connection, within one deadline."""

    vendor: ClassVar[str]
    words: ClassVar[AnswerWords] = COMMON_WORDS
    """How this vendor's 2xx says that a write failed, beside what is known of every vendor."""

    def __init__(self, http: VendorHttp, base_url: str, headers: Mapping[str, str], deadline: Deadline) -> None:
        self._http = http
        self._base_url = base_url
        self._headers = headers
        self._deadline = deadline

    def request(  # noqa: PLR0913  an escape hatch has to reach everything
        self,
        operation: str,
        method: str,
        path: str,
        *,
        effect: Effect = Effect.WRITE,
        query: Query = (),
        body: Any = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        conflict: re.Pattern[str] | None = None,
    ) -> Reply:
        """Make any call of this vendor with its authentication; reaches what no typed method covers.

        Args:
            operation: the call's name in logs and errors; must hold no personal data.
            method: the HTTP verb.
            path: below `base_url`, starting with `/`; parts that come from data go through `segment()`.
            effect: what the call does to the vendor's data; decides what a lost answer means.
            query: name and value pairs, encoded here.
            body: sent as JSON.
            form: sent URL-encoded.
            files: sent as multipart form data.
            headers: in addition to the client's own.
            conflict: how a refusal's text says that the contact exists already.

        Raises:
            VendorError: see `shared/errors.py`.
        """
        if not path.startswith("/"):  # it would change the host that the credential is sent to
            raise Refused(self.vendor, operation, detail="a path starts with /")
        call = Call(
            vendor=self.vendor,
            operation=operation,
            method=method,
            url=f"{self._base_url}{path}",
            effect=effect,
            query=query,
            headers={"Accept": "application/json", **self._headers, **(headers or {})},
            body=body,
            form=form,
            files=files,
            conflict=conflict,
            words=self.words,
        )
        return self._http.send(call, self._deadline)

    def _not_understood(self, operation: str, reply: Reply) -> NotUnderstood:
        """Return the error for a read whose answer has another shape: taken for "nobody", it would make a duplicate.

        A vendor whose shapes a form file can say raises `Misconfigured` instead, since no repeat mends that.
        """
        return NotUnderstood(self.vendor, operation, status=reply.status, detail="answer not understood")


def segment(text: str) -> str:
    """Return text that is safe as one segment of a path.

    Raises:
        ValueError: it is empty or only dots, so that the path would mean something else.
    """
    if not text.strip("."):
        raise ValueError("an empty id")
    return quote(text, safe="")
