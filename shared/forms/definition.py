"""What a form file says: `forms/<form id>.toml` as frozen models. `docs/forms.md` explains every key."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from jmespath import compile as compile_jmespath  # type: ignore[import-untyped]
from jmespath.exceptions import JMESPathError  # type: ignore[import-untyped]
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StringConstraints, model_validator
from pydantic.fields import FieldInfo

from shared.contact import ATTRIBUTES, Channel
from shared.forms.regions import REGIONS
from shared.forms.texts import CODES
from shared.vendors.protocol import ActionSpec, Options

ID_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
"""Form ids (file names) and destination names: they stand in URLs, secrets' names, log lines and metrics."""

SIGNED_PART = re.compile(r"\{(body|timestamp|method|url|header:([A-Za-z0-9][A-Za-z0-9_-]{0,99}))\}")
"""One placeholder of `[signature] signed`."""

Text = Annotated[str, StringConstraints(min_length=1)]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


_ORIGIN = r"\*|https?://[^/\s?#@*]+"
_URL = r"https?://[^\s]+"
_RATE = r"off|[1-9][0-9]{0,5}/(second|minute|hour|day)"


def _matching(pattern: str, otherwise: str) -> tuple[AfterValidator, FieldInfo]:
    """Return what checks a text, in a form file as it loads and in an editor; `otherwise` says what it must be."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(otherwise)
        return text

    return AfterValidator(check), Field(json_schema_extra={"pattern": f"^({pattern})$"})


def _jmespath(text: str) -> str:
    try:
        compile_jmespath(text)
    except JMESPathError:
        raise ValueError("is not a JMESPath expression") from None
    return text


def _signed_template(text: str) -> str:
    if "{body}" not in text:
        raise ValueError("must hold {body}: a signature that leaves the body out proves nothing")
    if re.search(r"[{}]", SIGNED_PART.sub("", text)):
        raise ValueError("may hold {body}, {timestamp}, {header:NAME}, {method} and {url}, and no other braces")
    return text


def _code(text: str) -> str:
    if text not in CODES:
        raise ValueError("is no code of a message")
    return text


def _region(text: str) -> str:
    if text not in REGIONS:
        raise ValueError('must be a country\'s ISO 3166 code, in capitals, like "US" or "GB"')
    return text


Origin = Annotated[
    str,
    *_matching(_ORIGIN, 'must be "*" or scheme and host only, without wildcards, like https://www.example.com'),
    AfterValidator(str.lower),
]
RedirectUrl = Annotated[str, *_matching(_URL, "must be an absolute http(s) URL")]
Expression = Annotated[str, AfterValidator(_jmespath)]
HeaderName = Annotated[
    str,
    *_matching(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", "must be a header's name: letters, digits, hyphen and underscore"),
]
SignedTemplate = Annotated[str, AfterValidator(_signed_template)]
RateLimit = Annotated[str, *_matching(_RATE, 'must be "off" or like "20/minute" (second, minute, hour or day)')]
Region = Annotated[str, AfterValidator(_region), Field(json_schema_extra={"enum": sorted(REGIONS)})]
CaptchaKind = Literal["turnstile", "hcaptcha", "recaptcha"]
MessageCode = Annotated[str, AfterValidator(_code)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class _Field(_Model):
    required: StrictBool = False
    """A required field must be present; a required consent or boolean must be ticked."""
    maps_to: Text | None = None
    """Contact attribute; default: the field's own name if it is one, else a custom field."""
    source: Expression | None = None
    """JMESPath into a JSON body, for third-party webhooks."""
    on_invalid: Literal["reject", "drop"] = "reject"
    """`drop`: a bad optional value is left out instead of refusing the sign-up."""
    label: Text | None = None
    """What people call the field, for pages; default: its name in words, of a consent its statement."""


class TextField(_Field):
    """One line or paragraph of text."""

    type: Literal["text"]
    max_length: Annotated[int, Field(gt=0, le=10_000)] = 200
    """Characters that are accepted at most."""


class EmailField(_Field):
    """An e-mail address, normalised."""

    type: Literal["email"]


class PhoneField(_Field):
    """A phone number, normalised to E.164."""

    type: Literal["phone"]
    region: Region | None = None
    """ISO 3166 country of numbers written without `+`; without it such numbers are invalid."""


class ChoiceField(_Field):
    """One of the listed options, spelled exactly."""

    type: Literal["choice"]
    options: Annotated[tuple[Text, ...], Field(min_length=1)]
    """What may be chosen."""


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
    """Channels on which the visitor may be contacted from then on."""
    statement: ShortText
    """The words the visitor agrees to; kept in the consent receipt."""
    version: Text
    """Which wording of the statement this is; kept in the consent receipt."""


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
    """Where a browser goes after a sign-up; without it, to a built-in page."""


class Spam(_Model):
    """`[spam]`: what tells bots from people."""

    honeypot: Text | None = None
    """A field people leave empty; a filled one is answered like success and quarantined."""
    min_seconds: Annotated[int, Field(ge=0, le=3600)] = 0
    """0 = off; else a signed time token at least this old is required."""
    captcha: CaptchaKind | None = None
    """Whose captcha the page shows; the secret `captcha` holds the key to check it with."""
    captcha_unavailable: Literal["quarantine", "accept", "refuse"] = "quarantine"
    """When the verifier cannot be reached: keep for a person to decide, accept and flag, or refuse."""


class Signature(_Model):
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
    tolerance_seconds: Annotated[int, Field(gt=0, le=86_400)] = 300
    """How far the signed time may be from ours."""

    @model_validator(mode="after")
    def _time_is_signed(self) -> Self:
        placed = "{timestamp}" in self.signed
        if self.scheme == "hmac-sha256" and placed != (self.timestamp_header is not None):
            raise ValueError("{timestamp} in signed and timestamp_header go together: give both, or neither")
        return self


class Destination(_Model):
    """One `[[destinations]]`, with its options already read by the vendor's own model."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    name: str
    spec: ActionSpec
    options: Options
    custom_fields: dict[str, str | int]
    rate_limit: RateLimit = "off"
    """Deliveries that the connection bears, like "60/minute"; what is over it waits in the queue."""


class FormSettings(_Model):
    """The top-level keys of a form file that are not tables of other things."""

    title: Text
    """The form's name for people: on the built-in pages, in lists."""
    allowed_origins: tuple[Origin, ...] = ()
    """Websites whose pages may post the form, by scheme and host; "*" allows any caller, and servers that name none."""
    dedupe_seconds: Annotated[int, Field(ge=0, le=86_400)] = 300
    """For how long the same values sent again are the same sign-up; 0 turns it off."""
    rate_limit: RateLimit = "60/minute"
    """Sign-ups that one caller may send, like "20/minute"; "off" for no limit."""
    recipient_limit: RateLimit = "10/hour"
    """Sign-ups that one e-mail address, and one phone number, may get; "off" for no limit."""
    body: Text | None = None
    """Field of a URL-encoded or multipart body that holds the sign-up as JSON text, like "rawRequest"."""
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] = "en"
    """Language of the built-in pages' markup; translate their texts in `[messages]`."""
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


def attribute_of(name: str, field: _Field) -> str | None:
    """Return the contact attribute that `field` fills, or None for a custom field or a consent."""
    if isinstance(field, ConsentField):
        return None
    wanted = field.maps_to or name
    return wanted if wanted in ATTRIBUTES else None
