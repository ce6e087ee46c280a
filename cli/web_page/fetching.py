"""Fetches a page and what it loads, within bounds of time, size and redirects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx

from shared.deadline import Deadline
from shared.errors import RelayError
from shared.http.deadline_transport import deadline_client, deadline_of_this_call

MAX_BYTES = 4 * 1024 * 1024
MAX_REDIRECTS = 5
SECONDS = 15.0
"""For one address, all its redirects included."""

_HEADERS = {"User-Agent": "signup-relay-check", "Accept-Encoding": "identity"}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Unreachable(RelayError):
    """An address gave no answer that can be used. The text says why."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: from which address in the end, its header fields by name in lower case, and its content."""

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)

    @property
    def charset(self) -> str | None:
        """What the `Content-Type` says of the encoding, in small letters."""
        found = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", self.headers.get("content-type", ""), re.IGNORECASE)
        return found[1].lower() if found else None


class Web:
    """The web, as far as `relay check` needs it. Use it as a context manager."""

    def __init__(self, seconds: float = SECONDS, max_bytes: int = MAX_BYTES) -> None:
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._client = deadline_client()
        self._fetched: dict[str, Fetched] = {}

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._client.close()

    def get(self, url: str) -> Fetched:
        """Return what an address answers, after redirects; the same address is asked once.

        Raises:
            Unreachable: no answer in time, too large, too many redirects, or a status other than 2xx.
        """
        if url not in self._fetched:
            self._fetched[url] = self._get(url)
        return self._fetched[url]

    def _get(self, url: str) -> Fetched:
        deadline = Deadline.after(self._seconds)
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._ask("GET", url, deadline, {})
            if answer.status not in _REDIRECTS:
                if not 200 <= answer.status < 300:
                    raise Unreachable(f"{url} answers {answer.status}")
                return answer
            url = urljoin(url, answer.headers.get("location", ""))
        raise Unreachable(f"{url}: more than {MAX_REDIRECTS} redirects")

    def preflight(self, url: str, origin: str) -> Fetched:
        """Ask an address as a browser does before a script of that origin posts to it.

        Raises:
            Unreachable: no answer in time.
        """
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        return self._ask("OPTIONS", url, Deadline.after(self._seconds), headers)

    def _ask(self, method: str, url: str, deadline: Deadline, headers: Mapping[str, str]) -> Fetched:
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
            raise Unreachable(f"{url} is not an http(s) address")
        try:
            with (
                deadline_of_this_call(deadline),
                self._client.stream(method, url, headers={**_HEADERS, **headers}, timeout=None) as response,
            ):
                lower = {name.lower(): value for name, value in response.headers.items()}
                return Fetched(url, response.status_code, lower, self._content(url, response))
        except httpx.TimeoutException:
            raise Unreachable(f"{url} does not answer within {self._seconds:g} seconds") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(f"{url} cannot be reached ({type(error).__name__})") from None

    def _content(self, url: str, response: httpx.Response) -> bytes:
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > self._max_bytes:
                raise Unreachable(f"{url} is larger than {self._max_bytes // 1024} KiB")
        return bytes(content)
