"""The record types of Higher Logic's Push API v2, and the checks that a .NET service makes while it reads them."""

import re
from typing import Any

from local.twins.messages import Record, RefusedError

# "DateTime data type": exactly three fraction digits, then Z or an offset with a colon
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)")


def _fields(text: str = "", flag: str = "", date: str = "", whole: str = "", decimal: str = "") -> dict[str, str]:
    kinds = {"text": text, "flag": flag, "date": date, "whole": whole, "decimal": decimal}
    return {name: kind for kind, names in kinds.items() for name in names.split()}


DETAILS = _fields(
    text="ContactId ContactType Designation PrimaryEmailAddress Prefix FirstName MiddleName LastName InformalName"
    " Gender Ethnicity Suffix OrganizationName Title ParentContactId PrimaryContactContactId AlternativeContactId"
    " Bio WebsiteURL ProfileImageURL FacebookURL TwitterURL LinkedinURL BloggerURL OtherSocialURL",
    flag="ExcludeFromDirectory DoNotEmail IsMember IsOrganization IsDeleted",
    date="Birthday MemberSince MemberExpiresOn",
    whole="Age",
)
PARTS: dict[str, dict[str, str]] = {
    "Groups": _fields(text="GroupId GroupName GroupType GroupSubType Role", date="InitialJoinDate BeginDate EndDate"),
    "Addresses": _fields(
        text="AddressName AddressLine1 AddressLine2 AddressLine3 City StateProvince PostalCode CountryCode AddressType",
        flag="DoNotPublish IsBill IsShip IsMail IsPrimary",
        decimal="Latitude Longitude",
    ),
    "PhoneNumbers": _fields(text="FormattedNumber PhoneType", flag="IsPreferred IsSmsPreferred DoNotPublish"),
}
OPAQUE = ("Demographics", "Education", "JobHistory", "EmailAddresses", "Orders")
"""Lists whose members are described nowhere: kept as they come."""
NOT_IN_ESSENTIALS = ("Demographics", "Education", "JobHistory", "Orders")
_PYTHON: dict[str, tuple[type, ...]] = {"text": (str,), "date": (str,), "whole": (int,), "decimal": (int, float)}


def read_contact(given: Any, *, email_required: bool) -> Record:
    """Return the record as it is stored, whole: what is left out, or null, is cleared, and flags become false.

    Raises RefusedError (400) where a member is of the wrong type or a required one is missing.
    """
    if not isinstance(given, dict) or not isinstance(given.get("ContactDetails"), dict):
        raise RefusedError(400, "ContactDetails is required")
    details = _read(given["ContactDetails"], DETAILS)
    _check_required(details, email_required=email_required)
    parts = {name: [_read(each, fields) for each in _list(given, name)] for name, fields in PARTS.items()}
    return {"ContactDetails": details, **parts, **{name: _list(given, name) for name in OPAQUE}}


def _check_required(details: Record, *, email_required: bool) -> None:
    if not details["ContactId"]:
        raise RefusedError(400, "ContactId is required")
    if details["IsDeleted"]:
        return  # "When you request that one of these objects be deleted, the only required field is the unique ID"
    if details["IsOrganization"] and not details["OrganizationName"]:
        raise RefusedError(400, "OrganizationName is required")
    if not details["IsOrganization"] and not (details["FirstName"] or details["LastName"]):
        raise RefusedError(400, "FirstName or LastName is required")
    if email_required and not details["PrimaryEmailAddress"]:
        raise RefusedError(400, "PrimaryEmailAddress is required")


def _list(given: Record, name: str) -> list[Any]:
    value = given.get(name) or []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise RefusedError(400, f"{name} must be an array of objects")
    return value


def _read(given: Record, fields: dict[str, str]) -> Record:
    return {name: _value(name, kind, given.get(name)) for name, kind in fields.items()}


def _value(name: str, kind: str, value: Any) -> Any:
    if kind == "flag":
        if not isinstance(value, bool | None):
            raise RefusedError(400, f"{name} must be a boolean")
        return bool(value)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, _PYTHON[kind]):
        raise RefusedError(400, f"{name} is of the wrong type")
    if kind == "date" and not _DATE_TIME.fullmatch(str(value)):
        raise RefusedError(400, f"{name} is not a valid DateTime")
    return value
