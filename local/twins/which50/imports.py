"""The import jobs of the Which50 twin: opened, filled, run; a job that is not run does nothing."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from local.twins.messages import Answer, Record, RefusedError, Request, json_answer
from local.twins.server import route
from local.twins.which50.account import ROOT, Account, names_in, values_in
from local.twins.which50.lists import ContactList

_MOST_ROWS = 10_000
_COUNTS = (
    *("InvalidEmailCount", "InvalidSmsCount", "InsertedContacts"),
    *("UpdatedContacts", "DroppedContacts", "NotUpdatedContacts", "TotalContacts"),
)


@dataclass
class ImportJob:
    """One job, from its opening to its end."""

    number: int
    owner: ContactList
    field_names: Sequence[str]
    rows: list[Record] = field(default_factory=list)
    match: Sequence[str] = ()
    events: Sequence[str] = ()
    run_at: float | None = None
    started: str | None = None
    finished: str | None = None
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTS, 0))

    def as_record(self, seconds: float) -> Record:
        """Return the job as every call about it shows it."""
        age = time.monotonic() - self.run_at if self.run_at is not None else 0.0
        percent = 100 if self.finished else min(99, int(100 * age / seconds) if seconds else 0)
        status = "Complete" if self.finished else "Processing" if self.started else "Created"
        job = {"Id": self.number, "ContactListId": self.owner.number, "ProgressPercent": percent, **self.counts}
        return {**job, "CurrentStatus": status, "StartDate": self.started, "FinishDate": self.finished}


class Imports(Account):
    """The four calls of an import job."""

    def clear(self) -> None:
        """Hold no jobs either."""
        super().clear()
        self.jobs: dict[int, ImportJob] = {}

    def all_contacts(self) -> list[Record]:
        """Do what is due before the contacts are shown."""
        self._work_off()
        return super().all_contacts()

    def authenticate(self, request: Request) -> None:
        """Do what is due before any call."""
        super().authenticate(request)
        self._work_off()

    @route("POST", f"{ROOT}/contactLists/{{list}}/import")
    def open_job(self, request: Request) -> Answer:
        """Open a job; one that is opened twice leaves an orphan."""
        owner, names = self.list_of(request), request.record().get("FieldNames")
        if not isinstance(names, list) or not names or any(owner.named(name) is None for name in names):
            raise RefusedError(417, "FieldNames must name fields of the list")
        job = ImportJob(len(self.jobs) + 1, owner, names)
        self.jobs[job.number] = job
        return self._shown(job)

    @route("POST", f"{ROOT}/contactLists/{{list}}/import/{{job}}")
    def add_rows(self, request: Request) -> Answer:
        """Add a batch of at most 10,000 contacts to a job that is not running yet."""
        job, rows = self._job(request), request.json()
        if not isinstance(rows, list) or len(rows) > _MOST_ROWS or job.started:
            raise RefusedError(417, f"Up to {_MOST_ROWS} contacts can be added before the job is run")
        job.rows += [values_in(row) for row in rows if isinstance(row, dict)]
        return self._shown(job)

    @route("POST", f"{ROOT}/contactLists/{{list}}/import/{{job}}/run")
    def run_job(self, request: Request) -> Answer:
        """Start a job, once."""
        job = self._job(request)
        if job.started:
            raise RefusedError(417, "The job was run already")
        job.match, job.events = names_in(request.first("match")), names_in(request.first("customevents"))
        job.run_at, job.started = time.monotonic(), _now()
        return self._shown(job)

    @route("GET", f"{ROOT}/contactLists/{{list}}/import/{{job}}")
    def job_status(self, request: Request) -> Answer:
        """Tell how far a job is."""
        return json_answer(self._job(request).as_record(self.options.import_seconds))

    def _shown(self, job: ImportJob) -> Answer:
        return json_answer(job.as_record(self.options.import_seconds), committed=True)

    def _job(self, request: Request) -> ImportJob:
        number = int(request.args["job"]) if request.args["job"].isdigit() else 0
        if number not in self.jobs or self.jobs[number].owner is not self.list_of(request):
            raise RefusedError(404, "Import job not found")
        return self.jobs[number]

    def _work_off(self) -> None:
        for job in self.jobs.values():
            due = job.run_at is not None and time.monotonic() - job.run_at >= self.options.import_seconds
            if due and not job.finished:
                for row in job.rows:
                    self._import(job, row)
                job.counts["TotalContacts"] = job.counts["InsertedContacts"] + job.counts["UpdatedContacts"]
                job.finished = _now()

    def _import(self, job: ImportJob, row: dict[str, Any]) -> None:
        """Write one row; values that the job did not name are not imported, invalid rows are only counted."""
        values = {name: row[name] for name in job.field_names if name in row}
        invalid = {
            field.map_type for name in values if (field := job.owner.named(name)) and field.warning(values[name])
        }
        job.counts["InvalidEmailCount"] += "Email" in invalid
        job.counts["InvalidSmsCount"] += "Mobile" in invalid
        if invalid or not all(name in values for name in job.match):
            job.counts["NotUpdatedContacts"] += 1
            return
        held = job.owner.matching(values, job.match) if job.match else []
        job.counts["UpdatedContacts" if held else "InsertedContacts"] += 1
        for each in held:
            each["Values"] |= values
        for each in held or [job.owner.add(values)]:
            for name in job.events:
                self.fire(name, each["EncContactId"])


def _now() -> str:
    return datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
