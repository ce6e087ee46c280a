"""What both actions of Pulse share of a form's `[destinations.options]`.

Sources: [seed] api-docs.pulsehealth.tech overview; [WP] the vendor's WordPress plugin, InTouchMD/PEC-Wordpress 1.0.1.
"""

from __future__ import annotations

from shared.contact import Contact
from shared.vendors.protocol import Identity, Options, Requirement


class PulseOptions(Options):
    """What both Pulse actions share."""

    is_test: bool = False
    """Mark the contact as a test: excluded from reports and hidden from search [seed]."""
    international_phones: bool = False  # `^\d{10}$` [WP]
    """Send numbers outside +1 as digits with country code; else they are left out, as the plugin refuses them."""

    def requires(self) -> tuple[Requirement, ...]:
        """An e-mail address: it is what Pulse looks a contact up by."""
        return (frozenset({"email"}),)

    def identity(self, contact: Contact) -> Identity:
        """The e-mail address."""
        return {"email": contact.email} if contact.email else {}
