"""What a form file says: `forms/<form id>.toml` as frozen models. `docs/forms.md` explains every key."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from jmespath import compile as compile_jmespath  # type: ignore[import-untyped]
from jmespath.exceptions import JMESPathError  # type: ignore[import-untyped]
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from shared.contact import ATTRIBUTES, Channel
from shared.vendors.protocol import ActionSpec, Options

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
"""Form ids (file names) and destination names: they stand in URLs, secrets' names, log lines and metrics."""

Text = Annotated[str, StringConstraints(min_length=1)]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


def _origin(text: str) -> str:
    if text != "*" and not re.fullmatch(r"https?://[^/\s?#@]+", text):
        raise ValueError('must be "*" or scheme and host only, like https://www.example.com')
    return text.lower()


def _redirect(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s]+", text):
        raise ValueError("must be an absolute http(s) URL")
    return text


def _jmespath(text: str) -> str:
    try:
        compile_jmespath(text)
    except JMESPathError:
        raise ValueError("is not a JMESPath expression") from None
    return text


def _rate(text: str) -> str:
    if text != "off" and not re.fullmatch(r"[1-9]\d{0,5}/(second|minute|hour|day)", text):
        raise ValueError('must be "off" or like "20/minute" (second, minute, hour or day)')
    return text


Origin = Annotated[str, AfterValidator(_origin)]
RedirectUrl = Annotated[str, AfterValidator(_redirect)]
Expression = Annotated[str, AfterValidator(_jmespath)]
RateLimit = Annotated[str, AfterValidator(_rate)]
CaptchaKind = Literal["turnstile", "hcaptcha", "recaptcha"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class _Field(_Model):
    required: bool = False
    """A required field must be present; a required consent or boolean must be ticked."""
    maps_to: Text | None = None
    """Contact attribute; default: the field's own name if it is one, else a custom field."""
    source: Expression | None = None
    """JMESPath into a JSON body, for third-party webhooks."""
    on_invalid: Literal["reject", "drop"] = "reject"
    """`drop`: a bad optional value is left out instead of refusing the sign-up."""
    label: Text | None = None
    """What people call the field, for pages; default: its name."""


class TextField(_Field):
    """One line or paragraph of text."""

    type: Literal["text"]
    max_length: Annotated[int, Field(gt=0, le=10_000)] = 200


class EmailField(_Field):
    """An e-mail address, normalised."""

    type: Literal["email"]


class PhoneField(_Field):
    """A phone number, normalised to E.164."""

    type: Literal["phone"]
    region: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    """ISO 3166 country of numbers written without `+`; without it such numbers are invalid."""


class ChoiceField(_Field):
    """One of the listed options, spelled exactly."""

    type: Literal["choice"]
    options: Annotated[tuple[Text, ...], Field(min_length=1)]


class BooleanField(_Field):
    """A tick box that is not consent."""

    type: Literal["boolean"]


class IntegerField(_Field):
    """A whole number."""

    type: Literal["integer"]


class NumberField(_Field):
    """A number, decimal point."""

    type: Literal["number"]


class DateField(_Field):
    """A calendar date, `YYYY-MM-DD`."""

    type: Literal["date"]


class ConsentField(_Field):
    """A tick box that grants channels. Unticked is no statement at all, never "off"."""

    type: Literal["consent"]
    grants: Annotated[tuple[Channel, ...], Field(min_length=1)]
    statement: ShortText
    """The words the visitor agrees to; kept in the consent receipt."""
    version: Text


FormField = Annotated[
    TextField
    | EmailField
    | PhoneField
    | ChoiceField
    | BooleanField
    | IntegerField
    | NumberField
    | DateField
    | ConsentField,
    Field(discriminator="type"),
]


class Redirect(_Model):
    """`[redirect]`: where a browser goes; the request can never say."""

    success: RedirectUrl | None = None


class Spam(_Model):
    """`[spam]`: what tells bots from people."""

    honeypot: Text | None = None
    """A field people leave empty; a filled one is answered like success and quarantined."""
    min_seconds: Annotated[int, Field(ge=0, le=3600)] = 0
    """0 = off; else a signed time token at least this old is required."""
    captcha: CaptchaKind | None = None
    captcha_unavailable: Literal["accept", "refuse"] = "accept"
    """When the verifier cannot be reached: accept and flag, or refuse."""


class Signature(_Model):
    """`[signature]`: for servers that sign what they send."""

    scheme: Literal["standard-webhooks", "hmac-sha256"]
    secret: Text
    """Connection whose secret holds `signing_secret`: a text, or a list for rotation."""
    header: Text = "X-Signature"
    """For `hmac-sha256`: hex HMAC-SHA256 of the raw body, with or without `sha256=`."""
    tolerance_seconds: Annotated[int, Field(gt=0, le=86_400)] = 300


class Destination(_Model):
    """One `[[destinations]]`, with its options already read by the vendor's own model."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    name: str
    spec: ActionSpec
    options: Options
    custom_fields: dict[str, str | int]


class Settings(_Model):
    """The top-level keys of a form file that are not tables of other things."""

    title: Text
    allowed_origins: tuple[Origin, ...] = ()
    dedupe_seconds: Annotated[int, Field(ge=0, le=86_400)] = 300
    rate_limit: RateLimit = "60/minute"
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] = "en"
    """Language of the built-in pages' markup; translate their texts in `[messages]`."""
    redirect: Redirect = Redirect()
    spam: Spam = Spam()
    signature: Signature | None = None
    messages: dict[str, ShortText] = Field(default_factory=dict)
    """Own texts for error codes and page texts, by code."""


class Form(Settings):
    """A whole form, checked."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    id: str
    fields: dict[str, Any]
    """Field name → one of the field models."""
    destinations: tuple[Destination, ...]

    def attribute_of(self, name: str) -> str | None:
        """Return the contact attribute that a field fills, or None for a custom field."""
        return attribute_of(name, self.fields[name])


def attribute_of(name: str, field: _Field) -> str | None:
    """Return the contact attribute that `field` fills, or None for a custom field or a consent."""
    if isinstance(field, ConsentField):
        return None
    wanted = field.maps_to or name
    return wanted if wanted in ATTRIBUTES else None
