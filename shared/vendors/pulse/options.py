"""What a form file says of a Pulse delivery, by action.

Sources: [seed] api-docs.pulsehealth.tech overview; [WP] the vendor's WordPress plugin, InTouchMD/PEC-Wordpress 1.0.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StringConstraints, field_validator

from shared.contact import Channel, Contact
from shared.vendors.protocol import Identity, Options, Requirement
from shared.vendors.pulse.answers import PulseAnswers

PERSON = {
    "salutation": "salutation",
    "first_name": "firstName",
    "middle_name": "middleName",
    "last_name": "lastName",
    "credentials": "credentials",
    "gender": "gender",
    "npi": "npi",
    "specialty": "specialty",
    "contact_type": "contactType",
}
"""Contact attribute → Pulse's word for it, the same in both of its dialects [seed][WP]."""
PLACE = {
    "company": "company",
    "address_line1": "addressLine1",
    "address_line2": "addressLine2",
    "city": "city",
    "state": "state",
    "postal_code": "postalCode",
    "country": "country",
}
"""The same for the parts of a location."""


_OURS = frozenset({"id", "emails", "phones", "locations", "emailAddress", "phone", "source", "isTest", "customFields"})


PLUS_ONE = frozenset(
    "AG AI AS BB BM BS CA DM DO GD GU JM KN KY LC MP MS PR SX TC TT US VC VG VI".split()  # noqa: SIM905
)
"""Countries of the North American Numbering Plan."""


class PulseOptions(Options):
    """What both Pulse actions share."""

    is_test: StrictBool = False
    """Mark the contact as a test: excluded from reports and hidden from search [seed]."""
    international_phones: StrictBool = False  # `^\d{10}$` [WP]
    """Send numbers outside +1 as digits with country code; else they are left out, as the plugin refuses them."""

    default_country: Annotated[str, StringConstraints(min_length=2)] | None = None
    """Country of an address that names none. Without it the USA's rules hold for such an address, as in the plugin."""

    constants: dict[str, str | bool | int] = Field(default_factory=dict)
    """Members that every create and every submission carries, unless the visitor gives one of the same name: no page
    lists all that an account may want, e.g. a campaign."""

    @field_validator("constants")
    @classmethod
    def _no_consent(cls, constants: dict[str, str | bool | int]) -> dict[str, str | bool | int]:
        if bad := sorted(name for name in constants if "subscribed" in name.lower() or name in _OURS):
            raise ValueError(f"cannot be constant: {', '.join(bad)}")
        return constants

    def requires(self) -> tuple[Requirement, ...]:
        """An e-mail address: it is what Pulse looks a contact up by."""
        return (frozenset({"email"}),)

    def identity(self, contact: Contact) -> Identity:
        """The e-mail address."""
        return {"email": contact.email} if contact.email else {}

    def sends(self) -> frozenset[str]:
        """All that Pulse has a word for."""
        return frozenset({"email", "phone", *PERSON, *PLACE})

    def withheld(self, required: frozenset[str], region: str | None) -> Mapping[str, str]:
        """Phone numbers of a country outside +1."""
        is_sent = self.international_phones or region is None or region in PLUS_ONE
        return {} if is_sent else {"phone": "options.international_phones = true"}

    def carried_consents(self) -> frozenset[Channel]:
        """An e-mail has a flag, a phone one for calls and one for texts."""
        return frozenset({"email", "call", "sms"})


class UpsertOptions(PulseOptions):
    """`action = "upsert"`."""

    source: Annotated[int, Field(strict=True)]
    """Issued by Pulse; may differ between staging and production [seed]."""
    contact_type: str | None = None
    """`HCP`, `Patient`, …; used on create where the form says nothing."""
    update: Literal["merge", "replace"] = "merge"
    """What `PUT` does with what it does not mention (not documented). `merge`: only what the visitor gave is sent, an
    array only to add or change an entry. `replace`: all that is held is repeated, once the search shows the contact; a
    test contact, which it never shows, is sent only what the visitor gave."""
    search_page_size: Annotated[int, Field(strict=True, gt=1)] = 5
    """So many hits may be a full page; more are asked for, where the answer tells no total (assumed)."""
    page_parameter: Annotated[str, StringConstraints(min_length=1)] = "page"
    """Name of the search's parameter for a further page (assumed)."""
    answers: PulseAnswers = PulseAnswers()
    """Where Pulse's answers hold what is read of them."""
    recall_seconds: Annotated[int, Field(strict=True, ge=0)] = 86_400
    """How long a contact that we created may stay hidden from the search before we create it again."""


class SubmitFormOptions(PulseOptions):
    """`action = "submit_form"`."""

    form_uuid: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{8,64}$")]
    """The form's `uuid`, as `GET /forms` lists it [WP]."""
