"""Example values of a form's fields: what a sign-up that tries the form says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.forms.definition import Form

_BY_TYPE = {
    "email": "ada@example.com",
    "phone": "+1 202 555 0143",
    "boolean": "true",
    "consent": "true",
    "integer": "3",
    "number": "1.5",
    "date": "1990-12-31",
    "text": "An example",
}
_BY_ATTRIBUTE = {
    "salutation": "Ms",
    "first_name": "Ada",
    "middle_name": "King",
    "last_name": "Lovelace",
    "credentials": "MD",
    "gender": "female",
    "npi": "1234567893",
    "company": "Example Clinic",
    "job_title": "Physician",
    "address_line1": "1 Main Street",
    "address_line2": "Suite 2",
    "city": "San Francisco",
    "state": "CA",
    "postal_code": "94105",
    "country": "US",
    "language": "en",
    "time_zone": "America/Los_Angeles",
}


def example_values(form: Form, by_attribute: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a valid value for each field; `by_attribute` has own values for some contact attributes."""
    own = by_attribute or {}
    return {
        name: own.get(form.attribute_of(name) or "") or _example(field, form.attribute_of(name))
        for name, field in form.fields.items()
    }


def _example(field: Any, attribute: str | None) -> str:
    """Return a valid value, as a form would send it."""
    match field.type:
        case "choice" | "choices":
            return str(field.options[0])
        case "text":
            return _BY_ATTRIBUTE.get(attribute or "", _BY_TYPE["text"])[: field.max_length]
    return _BY_TYPE[field.type]
