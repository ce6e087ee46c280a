"""Higher Logic Push API v2: the client, with both documented calls that write, delete or group a contact.

Sources: [seed] "Push API Integration for Community Essentials"; [V1] the older hybrid API, a different product.
What none of them says is marked "assumed".
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from shared.deadline import Deadline
from shared.errors import Refused
from shared.http.vendor_http import VendorHttp
from shared.vendors.client import VendorClient
from shared.vendors.connection import Connection, Credential, HeaderName
from shared.vendors.payload import Row, drop_empty

VENDOR = "higherlogic"
Mode = Literal["Append", "Add", "Remove", "Replace"]

MAX_RECORDS = 100
"""Elements of one push; no limit is documented, this one is assumed."""

MAX_BYTES = 1024 * 1024
"""Size of one push (assumed)."""


class HigherLogicConnection(Connection):
    """Secret of a Higher Logic connection.

    `base_url`: `https://datapushapi.higherlogic.com/v2`, in Canada `https://datapushapi.onlinecommunity.ca/v2` [seed].
    """

    api_key: Credential
    api_key_header: HeaderName = "ApiKey"
    """The article prints "Key = ApiKey" [seed], which a reader of it took for a header called `Key`."""

    def _credential(self) -> str:
        return self.api_key


@dataclass(frozen=True, slots=True)
class Membership:
    """One element of a `/list` push [seed]. `Replace` sets the whole membership of the list."""

    list_id: str
    list_name: str
    contact_ids: tuple[str, ...]
    mode: Mode
    list_type: str | None = None

    def body(self) -> Row:
        """The element in the vendor's words; only one of the two samples has `ListType`."""
        return drop_empty(
            {
                "ContactIds": list(self.contact_ids),
                "ListId": self.list_id,
                "ListName": self.list_name,
                "ListType": self.list_type,
                "Mode": self.mode,
            }
        )


class HigherLogicClient(VendorClient):
    """Both documented calls that write, delete or group a contact; the API has none that reads [seed]."""

    vendor = VENDOR

    def __init__(self, http: VendorHttp, connection: HigherLogicConnection, deadline: Deadline) -> None:
        super().__init__(http, connection.base_url, {connection.api_key_header: connection.api_key}, deadline)

    def push_contacts(self, contacts: Sequence[Row]) -> None:
        """Push whole records: every group, field or phone that is left out is removed from the contact [seed].

        Args:
            contacts: `/contactinfo` elements, at most `MAX_RECORDS`; 2xx means accepted, not yet visible.

        Raises:
            Refused: no, too many or too large elements, or an answer that says failure.
        """
        self._push("push contacts", "/contactinfo", list(contacts))

    def delete_contacts(self, contact_ids: Sequence[str]) -> None:
        """Delete softly: with `IsDeleted` only the `ContactId` is needed [seed]. No form does this."""
        details = [{"ContactId": contact_id, "IsDeleted": True} for contact_id in contact_ids]
        self._push("delete contacts", "/contactinfo", [{"ContactDetails": each} for each in details])

    def push_lists(self, memberships: Sequence[Membership]) -> None:
        """Change memberships; the one call that takes partial data [seed]. Push the contacts first.

        Raises:
            Refused: also where a membership names nobody: with `Replace` it would empty the list (assumed).
        """
        if not all(membership.contact_ids for membership in memberships):
            raise Refused(VENDOR, "push lists", detail="a membership names nobody")
        self._push("push lists", "/list", [membership.body() for membership in memberships])

    def _push(self, operation: str, path: str, elements: list[Row]) -> None:
        if not 1 <= len(elements) <= MAX_RECORDS or len(json.dumps(elements)) > MAX_BYTES:
            raise Refused(VENDOR, operation, detail=f"a push holds 1 to {MAX_RECORDS} records, 1 MiB at most")
        # An array, even for one [seed]. A repeat of the same push changes nothing.
        self.request(operation, "POST", path, body=elements)
