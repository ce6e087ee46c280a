"""eSputnik: put a contact into segments that do not exist yet. Only an import makes one, and it runs later [seed].

Sources: [seed] "API Methods for Adding Contacts"; [SHOP] the vendor's own connector Yespo-CDP/yespo-shopify;
[OSSB], [PROD] other people's clients. What none of them says is "assumed".
"""

from __future__ import annotations

from shared.errors import Conflict, Refused, TryLater
from shared.person_record import PersonRecord
from shared.vendors.esputnik.client import VENDOR, ESputnikClient
from shared.vendors.esputnik.imports import (
    FIRST_LOOK_SECONDS,
    LONGEST_PAUSE_SECONDS,
    PATIENCE_SECONDS,
    Import,
    ImportStatus,
)
from shared.vendors.esputnik.memory import Joining
from shared.vendors.esputnik.options import within_the_minute
from shared.vendors.payload import Row
from shared.vendors.protocol import WriteResult

_OPERATION = "import contacts"


def join_new(client: ESputnikClient, names: tuple[str, ...], channel: Row, record: PersonRecord) -> WriteResult:
    """Import the bare channel into these segments, if there are any; later calls look what became of the import.

    Where the vendor never says what became of it, that is a warning after `PATIENCE_SECONDS`, and no failure.

    Raises:
        TryLater: an earlier call has sent the import, and it has not ended.
        Refused: the contact was refused, or the import failed.
    """
    joining: Joining | None = record.memory.joining
    if joining is not None and joining.groups != names:
        joining = None  # its segments are there by now, and were joined like any other
        _remember(record, None)
    if names and joining is None:
        joining = _imported(client, names, channel, record.now)
        _remember(record, joining)
        return WriteResult(look_again_in=None if joining is None else FIRST_LOOK_SECONDS)
    return WriteResult() if joining is None else _looked_at(client, joining, record)


def _looked_at(client: ESputnikClient, joining: Joining, record: PersonRecord) -> WriteResult:
    waited = record.now - joining.since
    status = client.import_status(joining.session_id) if joining.session_id else ImportStatus(None)
    if not status.over and waited < PATIENCE_SECONDS:
        pause = min(max(waited, FIRST_LOOK_SECONDS), LONGEST_PAUSE_SECONDS)
        raise TryLater(VENDOR, _OPERATION, retry_after=pause, detail="the import that makes a group has not ended")
    _remember(record, None)
    if status.state == "ERROR":
        raise Refused(VENDOR, _OPERATION, detail="the import that makes a group failed")
    return WriteResult(warnings=0 if status.over else 1)


def _imported(client: ESputnikClient, names: tuple[str, ...], channel: Row, now: float) -> Joining | None:
    """Send the import; None where the vendor worked on it at once. Of the bare channel, as no id will do [seed]."""
    kind = channel["type"]
    settings = Import(kind, contact_fields=(kind,), custom_field_ids=(), group_names=names)
    try:
        result = client.import_contacts([{"channels": [channel]}], settings)
    except Conflict:
        # The same was taken within the minute [SHOP]. After it the segments are there, or it may be sent again.
        raise within_the_minute(_OPERATION) from None
    if result.failed:
        raise Refused(VENDOR, _OPERATION, detail="the contact was refused")
    if result.contact_id:
        return None
    return Joining(session_id=result.session_id or "", groups=names, since=now)


def _remember(record: PersonRecord, joining: Joining | None) -> None:
    record.memory = record.memory.model_copy(update={"joining": joining})
