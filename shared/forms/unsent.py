"""What a destination is not sent of what a form asks for, and what would send it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shared.forms.fields import FormField, PhoneField, attribute_of
from shared.vendors.protocol import ActionSpec, Options


def withheld_by(options: Options, fields: Mapping[str, FormField]) -> Mapping[str, str]:
    """Return what the options keep from the vendor: contact attribute → option that would send it."""
    region = next((field.region for field in fields.values() if isinstance(field, PhoneField)), None)
    required = frozenset(attribute_of(name, field) or "" for name, field in fields.items() if field.required)
    return options.withheld(required, region)


def remedies(
    spec: ActionSpec, withheld: Mapping[str, str], attributes: Iterable[str | None], it: str = "it"
) -> list[str]:
    """Return what would send values to a vendor, at most one thing: an option, else a custom field.

    Args:
        spec: the vendor's action.
        withheld: what the destination's options keep from it.
        attributes: the contact attributes that the values fill; None: a value fills none.
        it: what the values are called.
    """
    options = dict.fromkeys(withheld[name] for name in attributes if name is not None and name in withheld)
    if options:
        return [f"set {' and '.join(options)}"]
    if spec.custom_field_names is None:
        return [f"add {it} to custom_fields"]
    return [f"add {it} to custom_fields if a name fits that this vendor has"] if spec.custom_field_names else []
