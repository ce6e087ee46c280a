"""What Pulse refuses, and how a form's flat fields become a contact's nested ones."""

import re

from local.twins.messages import Record, RefusedError

SCALARS = (
    *("salutation", "firstName", "middleName", "lastName", "credentials", "gender"),
    *("npi", "specialty", "contactType", "source", "isTest"),
)
PLACE = ("company", "addressLine1", "addressLine2", "city", "state", "postalCode", "country")
# "Create a New Contact": line 2 needs line 1, line 1 needs city, state and postal code, city needs state
_NEEDS = {
    "addressLine2": ["addressLine1"],
    "addressLine1": ["city", "state", "postalCode"],
    "city": ["state"],
}
# the checks of the vendor's own WordPress plugin
_FORMATS = {"phone": r"\d{10}", "npi": r"\d{10}", "postalCode": r"\d{5}(-\d{4})?"}


def address_of(record: Record) -> str:
    """Return the e-mail address of a form's fields or of one of a contact's e-mails, as it is compared."""
    return str(record.get("emailAddress") or "").strip().casefold()


def addresses_of(contact: Record) -> set[str]:
    """Return all e-mail addresses of a contact, as they are compared."""
    return {address_of(each) for each in contact.get("emails", [])}


def check_contact(given: Record, *, creating: bool) -> None:
    """Raise RefusedError (422) where the body of a create or an update breaks a rule."""
    source = given.get("source")
    if (creating or "source" in given) and (not isinstance(source, int) or isinstance(source, bool)):
        raise RefusedError(422, "source is required and must be a number")
    for part in ("emails", "phones", "locations"):
        if not isinstance(given.get(part, []), list):
            raise RefusedError(422, f"{part} must be an array")
    if any("@" not in address_of(each) for each in given.get("emails", [])):
        raise RefusedError(422, "emails.emailAddress is required")
    for each in given.get("phones", []):
        _check_formats({"phone": each.get("phone") or "none"})
    for each in given.get("locations", []):
        _check_place(each)
    _check_formats({"npi": given.get("npi")})


def check_form(given: Record) -> None:
    """Raise RefusedError (422) where a form's flat fields break a rule."""
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", address_of(given)):
        raise RefusedError(422, "emailAddress is required")
    american = given.get("country") in (None, "", "US", "USA")
    _check_formats(given if american else {**given, "postalCode": None})
    _check_place(given)


def _check_formats(given: Record) -> None:
    for name, pattern in _FORMATS.items():
        if given.get(name) and not re.fullmatch(pattern, str(given[name])):
            raise RefusedError(422, f"{name} is invalid")


def _check_place(place: Record) -> None:
    for name, needed in _NEEDS.items():
        missing = [other for other in needed if place.get(name) and not place.get(other)]
        if missing:
            raise RefusedError(422, f"{name} requires {', '.join(missing)}")


def nested(flat: Record, held: Record) -> Record:
    """Turn a form's flat fields into contact members; what the form does not mention stays as it is held."""
    contact = {name: flat[name] for name in SCALARS if name in flat and name != "source"}
    contact["emails"] = [_email(flat, held.get("emails", []))]
    if flat.get("phone"):
        contact["phones"] = _phones(flat, held.get("phones", []))
    place = {name: flat[name] for name in PLACE if flat.get(name)}
    if place:
        first = held["locations"][0] if held.get("locations") else {}
        contact["locations"] = [{**first, "country": "USA", **place}]  # the plugin's default country
    return {**contact, "customFields": flat.get("customFields", {})}


def _email(flat: Record, held: list[Record]) -> Record:
    own = next((each for each in held if address_of(each) == address_of(flat)), {})
    given = {"isSubscribed": flat["emailIsSubscribed"]} if "emailIsSubscribed" in flat else {}
    return {**own, "emailAddress": flat["emailAddress"], **given}


def _phones(flat: Record, held: list[Record]) -> list[Record]:
    flags = {"isPhoneSubscribed": "phoneIsCallSubscribed", "isSmsSubscribed": "phoneIsSmsSubscribed"}
    given = {name: flat[sent] for name, sent in flags.items() if sent in flat}
    own = next((each for each in held if each["phone"] == flat["phone"]), {})
    return [*(each for each in held if each is not own), {**own, "phone": flat["phone"], **given}]
