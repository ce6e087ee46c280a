"""Which50's import jobs: the way to drain many sign-ups at once.

Source: [DOC] app.which50.com/Which50API/documentation, POST-contactLists-contactListId-import and the pages beside it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from shared.contact import Value
from shared.deadline import Deadline
from shared.errors import Misconfigured, OutcomeUnknown
from shared.telemetry import count
from shared.vendors.payload import Row
from shared.vendors.which50.bulk import Which50BulkClient
from shared.vendors.which50.client import VENDOR, refuse_blank_match

IMPORT_ROWS = 1_000
"""Rows of one call: 10,000 are allowed [DOC], but the limit in bytes is not documented."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import job did, by the vendor's own counts [DOC GET-…-import-importJobId]."""

    finished: bool
    sent: int
    inserted: int
    updated: int
    not_updated: int
    dropped: int
    """Existing contacts that the job deleted; anything but 0 is alarming."""
    invalid_emails: int
    invalid_phones: int

    @property
    def unaccounted(self) -> int:
        """Rows that were sent and appear in no count."""
        return self.sent - self.inserted - self.updated - self.not_updated


class Which50Import:
    """A bulk upsert: open, add, run, wait, reconcile. For draining many sign-ups at once, not for one.

    Keep `job_id` before adding rows and give it to a new object to go on after a crash: opening again makes an orphan.
    """

    def __init__(
        self,
        client: Which50BulkClient,
        list_id: int,
        match: Sequence[str],
        *,
        job_id: int | None = None,
        sent: int = 0,
    ) -> None:
        self._client = client
        self._list_id = list_id
        self._match = match
        self.job_id = job_id
        self.sent = sent

    def open(self, field_names: Sequence[str]) -> int:
        """Open the job for these fields and return its id; values of other fields would not be imported."""
        job_id = self._client.open_import(self._list_id, field_names).get("Id")
        if not isinstance(job_id, int):
            raise OutcomeUnknown(VENDOR, "open import", detail="the answer names no job")
        self.job_id = job_id
        return job_id

    def add(self, contacts: Sequence[Mapping[str, Value]]) -> None:
        """Add contacts' values; each must have every matched value."""
        for contact in contacts:
            refuse_blank_match(contact, self._match)
        for start in range(0, len(contacts), IMPORT_ROWS):
            batch = contacts[start : start + IMPORT_ROWS]
            self._client.add_to_import(self._list_id, self._job(), batch)
            self.sent += len(batch)

    def run(self, custom_events: Sequence[str] = ()) -> None:
        """Start the job."""
        self._client.run_import(self._list_id, self._job(), match=self._match, custom_events=custom_events)

    def poll(self) -> ImportReport:
        """Ask how far the job is; `CurrentStatus` has no documented values, so percent and end date decide."""
        job = self._client.import_status(self._list_id, self._job())
        report = ImportReport(
            finished=_number(job, "ProgressPercent") >= 100 or bool(job.get("FinishDate")),
            sent=self.sent,
            inserted=_number(job, "InsertedContacts"),
            updated=_number(job, "UpdatedContacts"),
            not_updated=_number(job, "NotUpdatedContacts"),
            dropped=_number(job, "DroppedContacts"),
            invalid_emails=_number(job, "InvalidEmailCount"),
            invalid_phones=_number(job, "InvalidSmsCount"),
        )
        if report.finished and report.dropped:
            count("ImportDroppedContacts", report.dropped, vendor=VENDOR)
        return report

    def wait(self, until: Deadline, pause: float = 5.0, sleep: Callable[[float], None] = time.sleep) -> ImportReport:
        """Poll every `pause` seconds and return the report; unfinished when `until` comes first."""
        while not (report := self.poll()).finished and until.remaining > pause:
            sleep(pause)
        return report

    def _job(self) -> int:
        if self.job_id is None:
            raise Misconfigured(VENDOR, "import", detail="the job is not open")
        return self.job_id


def _number(job: Row, name: str) -> int:
    value = job.get(name)
    return value if isinstance(value, int) else 0
