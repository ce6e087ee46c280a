"""The content of a form file, `forms/<form id>.toml`, as frozen models. `docs/forms.md` explains every key."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from shared.forms.destination import Destination, conditions_in
from shared.forms.fields import ConsentField, FormField, FormModel, attribute_of
from shared.forms.key_types import (
    HeaderName,
    Interval,
    Jurisdiction,
    Language,
    MessageCode,
    Origin,
    RateLimit,
    ShortText,
    Text,
    WebAddress,
)

CaptchaKind = Literal["turnstile", "hcaptcha", "recaptcha"]
SIGNED_PART = re.compile(r"\{(body|timestamp|method|url|header:([A-Za-z0-9][A-Za-z0-9_-]{0,99}))\}")
"""One placeholder of `[signature] signed`."""


def _signed_template(text: str) -> str:
    if "{body}" not in text:
        raise ValueError("must hold {body}: a signature that leaves the body out proves nothing")
    if re.search(r"[{}]", SIGNED_PART.sub("", text)):
        raise ValueError("may hold {body}, {timestamp}, {header:NAME}, {method} and {url}, and no other braces")
    return text


SignedTemplate = Annotated[str, AfterValidator(_signed_template)]


class Redirect(FormModel):
    """`[redirect]`: where a browser goes; the request can never say."""

    success: WebAddress | None = None
    """Where a browser goes after a sign-up; without it, to a built-in page."""


class Spam(FormModel):
    """`[spam]`: what tells bots from people."""

    honeypot: Text | None = None
    """A field people leave empty; a filled one is answered like success and quarantined."""
    min_seconds: Annotated[int, Field(strict=True, ge=0, le=3600)] = 0
    """0 = off; else a signed time token at least this old is required."""
    captcha: CaptchaKind | None = None
    """Whose captcha the page shows; the secret `captcha` holds the key to check it with."""
    captcha_unavailable: Literal["quarantine", "accept", "refuse"] = "quarantine"
    """When the verifier cannot be reached: keep for a person to decide, accept and flag, or refuse."""


_KEYS_OF_SCHEME = {
    "standard-webhooks": {"prefix", "tolerance_seconds"},
    "hmac-sha256": {"header", "signed", "timestamp_header", "tolerance_seconds"},
    "header-secret": {"header"},
}


class Signature(FormModel):
    """`[signature]`: for servers that sign what they send."""

    scheme: Literal["standard-webhooks", "hmac-sha256", "header-secret"]
    """How the sender proves who it is; with `header-secret` the header holds the secret itself."""
    secret: Text
    """Connection whose secret holds `signing_secret`: a text, or a list for rotation."""
    header: HeaderName = "X-Signature"
    """`hmac-sha256`: holds the HMAC in hex or base64, with or without `sha256=`. `header-secret`: holds the secret."""
    signed: SignedTemplate = "{body}"
    """`hmac-sha256`: what is signed, from {body}, {timestamp}, {header:NAME}, {method} and {url}."""
    timestamp_header: HeaderName | None = None
    """`hmac-sha256`: where {timestamp} stands, in seconds or milliseconds; checked against the tolerance."""
    prefix: HeaderName = "webhook"
    """`standard-webhooks`: how the names of its three headers begin, like "svix"."""
    tolerance_seconds: Annotated[int, Field(strict=True, gt=0, le=86_400)] = 300
    """How far the signed time may be from ours."""

    @model_validator(mode="after")
    def _keys_are_of_the_scheme(self) -> Self:
        unused = sorted(self.model_fields_set - {"scheme", "secret"} - _KEYS_OF_SCHEME[self.scheme])
        if unused:
            raise ValueError(f"leave {', '.join(unused)} out: no effect with {self.scheme}")
        return self

    @model_validator(mode="after")
    def _time_is_signed(self) -> Self:
        placed = "{timestamp}" in self.signed
        if self.scheme == "hmac-sha256" and placed != (self.timestamp_header is not None):
            raise ValueError("{timestamp} in signed and timestamp_header go together: give both, or neither")
        return self


class Privacy(FormModel):
    """`[privacy]`: who processes the data and on what terms. Consent receipts keep it as it was then."""

    controller: ShortText | None = None
    """Name and address of who decides what the data is used for."""
    notice_url: WebAddress | None = None
    """The privacy notice that was in force."""
    withdrawal: ShortText | None = None
    """How people take their consent back: an address of a page, or a sentence."""
    jurisdiction: Jurisdiction | None = None
    """Whose law applies, as an ISO 3166 code: "GB", "US-CA"."""
    language: Language | None = None
    """Language of the statements."""


class FormSettings(FormModel):
    """The top-level keys of a form file that are not tables of other things."""

    title: Text
    """The form's name for people: on the built-in pages, in lists."""
    allowed_origins: tuple[Origin, ...] = ()
    """Websites whose pages may post the form, by scheme and host; "*" allows any caller, and servers that name none."""
    dedupe_seconds: Annotated[int, Field(strict=True, ge=0, le=86_400)] = 300
    """For how long the same values sent again are the same sign-up; 0 turns it off."""
    rate_limit: RateLimit = "60/minute"
    """Sign-ups that one caller may send, like "20/minute"; "off" for no limit."""
    recipient_limit: RateLimit = "10/hour"
    """Sign-ups that one e-mail address, and one phone number, may get; "off" for no limit."""
    expect_every: Interval = "off"
    """How long may pass without a sign-up, like "1d" or "90m"; "off" for no limit. Then `SilentAlarm` rings."""
    body: Text | None = None
    """Field of a URL-encoded or multipart body that holds the sign-up as JSON text, like "rawRequest"."""
    language: Language = "en"
    """Language of the built-in pages' markup; translate their texts in `[messages]`."""
    privacy: Privacy = Privacy()
    redirect: Redirect = Redirect()
    spam: Spam = Spam()
    signature: Signature | None = None
    messages: dict[MessageCode, ShortText] = Field(default_factory=dict)
    """Own texts for error codes and page texts, by code."""


class Form(FormSettings):
    """A whole form, checked."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    id: str
    fields: dict[str, FormField]
    destinations: tuple[Destination, ...]

    @property
    def fields_in_conditions(self) -> frozenset[str]:
        """The fields that a condition of this form is about."""
        return frozenset(name for each in self.destinations for _, when in conditions_in(each) for name in when)

    def attribute_of(self, name: str) -> str | None:
        """Return the contact attribute that a field fills, or None for a custom field."""
        return attribute_of(name, self.fields[name])

    def label_of(self, name: str) -> str:
        """Return what people call a field: its label, else a consent's statement, else the name in words."""
        field = self.fields.get(name)
        if field is None:
            return name
        statement = field.statement.rstrip(".") if isinstance(field, ConsentField) else None
        return field.label or statement or name.replace("_", " ").capitalize()
