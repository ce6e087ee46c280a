"""Everything that can go wrong, as types that carry data and never a payload.

    RelayError
    ├── ConfigurationError          the environment, a form file or a secret is wrong; the text says where
    ├── LedgerUnavailable           DynamoDB did not answer, or not in time
    │   ├── LeaseBusy               another delivery works on this person right now
    │   ├── LeaseLost               our lease ran out and another delivery took over
    │   └── LedgerKeyUnavailable    the key that hashes people could not be read
    ├── Defect                      a fault of ours: an item that cannot be read, an invalid request to AWS
    ├── QueueUnavailable            SQS did not take a message
    ├── CredentialsMissing          no usable secret for a connection
    ├── SecretsUnavailable          Secrets Manager did not answer
    └── VendorError                 a vendor call failed; `retry_after` in seconds where the vendor named it
        ├── Unavailable             nothing was written; try again later
        │   ├── NotUnderstood       an answer of a shape that we do not know
        │   ├── OutOfTime           the time was over before the vendor could be asked
        │   ├── RateLimited         429
        │   └── TryLater            the vendor is well, but now is not the time (look again, 409 window)
        ├── OutcomeUnknown          a write was sent and its fate is unknown: no answer, a 5xx, 408, or a web page
        │   └── RepeatSoon          the same, and the vendor recognises a repeat that comes within seconds
        ├── Unauthorized            401, or a redirect to a log-in page: the credentials, not the message
        ├── Forbidden               403: the credentials or this one message; a probe of the credentials tells which
        ├── NotFound                404: what it means is the caller's to say
        ├── Conflict                409: exists already, or was sent already
        ├── Refused                 the vendor read the data and said no
        ├── Misconfigured           wrong path, redirect, unknown field: the set-up, not the message
        └── Ambiguous               a lookup that cannot be decided without guessing

`str(error)` is safe to log: it names vendor, operation, status and request id, nothing that a visitor typed.
What the vendor answered is in `error.answer`, for the dead letter only.
"""

from __future__ import annotations

from typing import TypeVar

V = TypeVar("V", bound="VendorError")


class RelayError(Exception):
    """Base of all errors of this project."""


class ConfigurationError(RelayError):
    """The environment, a form file or a secret is wrong. The message says where and what to do."""


class LedgerUnavailable(RelayError):
    """DynamoDB failed or was too slow; nothing may be delivered unguarded."""


class LeaseBusy(LedgerUnavailable):
    """Another delivery works on this person; `retry_after` is when its lease ends, in seconds."""

    def __init__(self, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__("another delivery works on this person")


class LeaseLost(LedgerUnavailable):
    """The lease on this person ran out and somebody else holds it now."""


class LedgerKeyUnavailable(LedgerUnavailable):
    """The key that hashes people could not be read, without which nobody is found in the ledger."""


class Defect(RelayError):
    """A fault of ours: an item that cannot be read, a request that AWS calls invalid. Rings an alarm."""


class QueueUnavailable(RelayError):
    """SQS did not take a message."""


class CredentialsMissing(RelayError):
    """The connection's secret does not exist or lacks a required key."""


class SecretsUnavailable(RelayError):
    """Secrets Manager failed or was too slow."""


KEY_ERRORS = (CredentialsMissing, SecretsUnavailable)
"""A secret is not to be had: a signature cannot be checked, or the ledger's key is out of reach."""


class VendorError(RelayError):
    """A vendor call failed.

    Attributes:
        vendor, operation: what was called, e.g. `pulse`, `create contact`.
        status: the HTTP status, or None when there was no answer.
        request_id: the vendor's own id of the request, when it sent one.
        retry_after: seconds the vendor, or its rules, ask to wait; None when there is no such wish.
        detail: a fixed phrase of ours; never text of the vendor or of the visitor.
        answer: the beginning of the vendor's answer, without what was sent to it. For the dead letter only: it is
            in neither `str` nor `repr`, and must not be logged.
    """

    def __init__(
        self,
        vendor: str,
        operation: str,
        *,
        status: int | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        detail: str | None = None,
        answer: str | None = None,
    ) -> None:
        self.vendor = vendor
        self.operation = operation
        self.status = status
        self.request_id = request_id
        self.retry_after = retry_after
        self.detail = detail
        self.answer = answer
        super().__init__(self._describe())

    def restated(self, kind: type[V], *, detail: str | None = None, retry_after: float | None = None) -> V:
        """Return the same failure as another kind of error, for a vendor that means something else by it."""
        return kind(
            self.vendor,
            self.operation,
            status=self.status,
            request_id=self.request_id,
            retry_after=self.retry_after if retry_after is None else retry_after,
            detail=detail or self.detail,
            answer=self.answer,
        )

    def _describe(self) -> str:
        parts = [f"{self.vendor}: {self.operation}: {type(self).__name__}"]
        parts += [f"status {self.status}"] if self.status is not None else []
        parts += [f"request {self.request_id}"] if self.request_id else []
        parts += [self.detail] if self.detail else []
        return ", ".join(parts)


class Unavailable(VendorError):
    """Nothing was written; the same call may be made again later."""


class NotUnderstood(Unavailable):
    """The answer to a read has a shape that we do not know; says nothing of the vendor's health."""


class OutOfTime(Unavailable):
    """The deadline passed before the call was made: says nothing of the vendor."""


class RateLimited(Unavailable):
    """The vendor asks for fewer calls (429)."""


class TryLater(Unavailable):
    """The vendor is well, but its rules ask us to wait `retry_after` seconds first."""


class OutcomeUnknown(VendorError):
    """A write was sent and its fate is unknown: no answer, a 5xx, a 408 or a web page came back."""


class RepeatSoon(OutcomeUnknown):
    """As its parent, and the vendor recognises a repeat that comes within seconds."""


class Unauthorized(VendorError):
    """The credentials were not accepted."""


class Forbidden(VendorError):
    """403: either the credentials lack a right, or something in between refuses this one message."""


class NotFound(VendorError):
    """The vendor knows no such thing."""


class Conflict(VendorError):
    """It exists already, or was sent already."""


class Refused(VendorError):
    """The vendor read the data and refused it; no repeat will change that."""


class Misconfigured(VendorError):
    """The set-up is wrong: path, field name, list, form; no repeat will change that."""


class Ambiguous(VendorError):
    """The lookup cannot be decided without guessing; a person has to look."""
