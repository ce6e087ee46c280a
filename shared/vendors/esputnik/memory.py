"""What is remembered of a contact at eSputnik beside its id."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from shared.person_record import VendorMemory


class Joining(BaseModel):
    """An import that makes segments and puts the contact into them; the vendor runs it later.

    Attributes:
        session_id: by which the vendor is asked for it; empty where its answer did not say.
        groups: names of the segments.
        since: when it was sent, seconds since the epoch.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    session_id: str
    groups: tuple[str, ...]
    since: float


class ESputnikMemory(VendorMemory):
    """The last subscribe request that was taken, and the import that is not known to have ended.

    Attributes:
        said: digest of the request.
        said_at: when it was taken, seconds since the epoch.
        joining: that import.
    """

    said: str = ""
    said_at: float | None = None
    joining: Joining | None = None
