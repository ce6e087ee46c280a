"""Texts that a form file's keys hold, each with the rule it must keep and the words that say so."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic.fields import FieldInfo

from shared.forms.regions import REGIONS
from shared.forms.sources import check_source
from shared.forms.texts import CODES
from shared.problems import near

ID_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
"""Form ids (file names) and destination names: they are part of URLs, secret names, log lines and metrics."""

_ORIGIN = r"\*|https?://[^/\s?#@*]+"
_URL = r"https?://[^\s]+"
_RATE = r"off|[1-9][0-9]{0,5}/(second|minute|hour|day)"
_INTERVAL = r"off|[1-9][0-9]{0,3}[mhd]"
_JURISDICTION = r"[A-Z]{2}(-[A-Z0-9]{1,3})?"
_LANGUAGE = r"[a-z]{2}(-[A-Z]{2})?"


def _matching(pattern: str, reason: str) -> tuple[BeforeValidator, FieldInfo]:
    """Return the check of a text, for loading and for the editors' schema; `reason` says what the text must be."""

    def check(value: Any) -> Any:
        # Checked before its kind is: `rate_limit = 60` should be told the rule, too.
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise ValueError(reason)
        return value

    return BeforeValidator(check), Field(json_schema_extra={"pattern": f"^({pattern})$"})


def _as_browsers_send_it(origin: str) -> str:
    if not origin.isascii():
        raise ValueError('must have its host in ASCII, as browsers send it, like "https://xn--mller-kva.example"')
    if re.search(r"^(https://.*:443|http://.*:80)$", origin, re.IGNORECASE):
        raise ValueError("must leave out the port of its scheme, which browsers do not send")
    return origin.lower()


def _code(text: str) -> str:
    if text not in CODES:
        raise ValueError(f"is not the code of a text{near(text, CODES) or '; docs/forms.md lists them under Codes'}")
    return text


def _region(value: Any) -> Any:
    if not isinstance(value, str) or value not in REGIONS:
        raise ValueError('must be the ISO 3166 code of a country, in capitals, like "US" or "GB"')
    return value


Text = Annotated[str, StringConstraints(min_length=1)]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Origin = Annotated[
    str,
    *_matching(_ORIGIN, 'must be "*" or scheme and host only, without wildcards, like https://www.example.com'),
    AfterValidator(_as_browsers_send_it),
]
WebAddress = Annotated[str, *_matching(_URL, "must be an absolute http(s) URL")]
Expression = Annotated[str, AfterValidator(check_source)]
HeaderName = Annotated[
    str,
    *_matching(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", "must be a header's name: letters, digits, hyphen and underscore"),
]
RateLimit = Annotated[str, *_matching(_RATE, 'must be "off" or like "20/minute" (second, minute, hour or day)')]
Interval = Annotated[str, *_matching(_INTERVAL, 'must be "off" or like "1d" (m, h or d: minutes, hours or days)')]
Jurisdiction = Annotated[str, *_matching(_JURISDICTION, 'must be an ISO 3166 code like "GB" or "US-CA"')]
Language = Annotated[str, *_matching(_LANGUAGE, 'must be a language code like "en" or "pt-BR"')]
Region = Annotated[str, BeforeValidator(_region), Field(json_schema_extra={"enum": sorted(REGIONS)})]
MessageCode = Annotated[str, AfterValidator(_code)]
