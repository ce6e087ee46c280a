"""A connection: the secret that says where a vendor is and how to authenticate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError

from shared.errors import CredentialsMissing
from shared.problems import problems_of

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def _base_url(url: str) -> str:
    if not _is_usable(url):
        raise ValueError("must be https://… (http:// for loopback hosts only), with no query or user")
    return url.rstrip("/")


def _is_usable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False  # an address or a port that cannot be; the library's own text would show it
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    return safe and bool(parts.hostname) and port != 0 and not (parts.query or parts.fragment or parts.username)


BaseUrl = Annotated[str, AfterValidator(_base_url)]
Credential = Annotated[str, StringConstraints(min_length=1, pattern=r"^[\x20-\x7e]+$")]
"""Text that is valid in an HTTP header: an injected line break would forge another header."""


HeaderName = Annotated[str, StringConstraints(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")]
"""A token (RFC 9110, section 5.6.2): every name that a header may have, and nothing that could forge another."""


class Connection(BaseModel):
    """Base of every vendor's secret. Keys that a vendor does not know are ignored, so that a secret can be shared."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    base_url: BaseUrl
    account: Credential | None = None
    """Name of the account. Without it the credentials identify the account; set it before you rotate a key."""

    @property
    def account_key(self) -> tuple[str, ...]:
        """What tells this vendor account from others; it may hold a credential, so it is only ever hashed."""
        return (self.base_url, self.account or self._credential())

    def _credential(self) -> str:
        """Return the credential that belongs to one account only."""
        raise NotImplementedError

    @classmethod
    def of_secret(cls, name: str, secret: Mapping[str, Any]) -> Self:
        """Read the secret of connection `name`.

        Raises:
            CredentialsMissing: names each missing or malformed key, never a value.
        """
        try:
            return cls.model_validate(secret)
        except ValidationError as error:
            problems = "; ".join(f"{key}: {problem}" for key, problem in problems_of(error))
            raise CredentialsMissing(f"secret of connection {name}: {problems}") from None

    def __repr__(self) -> str:
        """Name the type, never a credential."""
        return f"{type(self).__name__}()"

    __str__ = __repr__
