"""Guards of the production code, each as the patch that takes it away, and the promise that must then break."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from boto3.dynamodb.conditions import Attr

from functions.retry.consumer import Consumer
from functions.submit.deliver_all import DeliverToAll
from shared.delivery import account, deliver, late_write
from shared.delivery.deliver import Delivery
from shared.delivery.late_write import Recency, Targets
from shared.errors import QueueUnavailable, Unauthorized, Unavailable
from shared.http import answer_error
from shared.ledger import erasures, leases, person_item
from shared.ledger.gates import Gates
from shared.ledger.leases import person_key
from shared.person_record import IN_PROGRESS, UNFINISHED, PersonRecord, UnconfirmedWrite
from shared.queue.retry_policy import RetryPolicy
from shared.vendors import flows
from shared.vendors.pulse import submit_form, update, upsert
from shared.vendors.whautomate.contact import WhautomateContact
from tests.simulate import guard_seeds


@dataclass(frozen=True)
class Guard:
    """One guard. `owner` and `name` say what is replaced, `removed` by what, `breaks` which promises show it."""

    text: str
    owner: Any
    name: str
    removed: Any
    breaks: tuple[str, ...]

    @contextmanager
    def taken_away(self) -> Generator[None]:
        with ExitStack() as stack:
            stack.enter_context(patch.object(self.owner, self.name, self.removed))
            yield

    @property
    def seed(self) -> int:
        """A seed that finds it."""
        return guard_seeds.SEEDS[self.text]


def _returns(value: Any) -> Callable[..., Any]:
    return lambda *_, **__: value


def _plain_stamps(record: PersonRecord, names: Any, stamp: str | None = None) -> None:
    record.fields.update(dict.fromkeys(names, record.stamp if stamp is None else stamp))


def _unrecorded(record: PersonRecord, kind: str, digest: str = "") -> UnconfirmedWrite:
    return UnconfirmedWrite(kind, digest, record.stamp, record.now, record.ends_at)


def _no_scope(hasher: Any, destination: Any, connection: Any, identity: Any) -> str:
    return person_key("everywhere", hasher.of_identity(identity))


def _holds_at_once(delivery: Any, job: Any, connection: Any, error: Any) -> Any:
    return error.restated(Unauthorized)


_deliver = Delivery.deliver


def _without_receipt(
    delivery: Any, destination: Any, submission: Any, deadline: Any, ensure_receipt: Any = None
) -> Any:
    return _deliver(delivery, destination, submission, deadline)


def _never_same(stamp: str, newest: str) -> Recency:
    return Recency.OLDER if newest > stamp else Recency.NEWER


_request_for = late_write.request_for


def _no_lag(*arguments: Any) -> Any:
    request, names = _request_for(*arguments)
    return replace(request, search_lag=0.0), names


def _never_late(*arguments: Any) -> Any:
    request, names = _request_for(*arguments)
    return replace(request, is_late=False), names


def _only_sends(memory: Any, operation: str, digest: str, send: Callable[[], Any]) -> Any:
    return send()


_enqueue = DeliverToAll._enqueue  # noqa: SLF001


def _believes_the_queue(to_all: Any, *arguments: Any, **options: Any) -> None:
    try:
        _enqueue(to_all, *arguments, **options)
    except QueueUnavailable:
        return


def _clears_everybody(record: PersonRecord, kind: str, digest: str = "") -> None:
    record.unconfirmed = [replace(w, kind=IN_PROGRESS) if w.kind == UNFINISHED else w for w in record.unconfirmed]
    record.unconfirmed = [w for w in record.unconfirmed if (w.kind, w.digest) != (kind, digest)]


_carried = WhautomateContact.carried
_lambda_nobody: dict[str, str] = dict.fromkeys(("email", "sms", "call", "whatsapp"), "nobody")

GUARDS = (
    Guard(
        "a lease that is taken keeps others out",
        leases,
        "absent",
        _returns(Attr("x").not_exists()),
        ("P2a", "P3b", "P2b", "P4c"),
    ),
    Guard("the late-write filter", late_write, "stale", _returns(frozenset()), ("P3b", "P3a")),
    Guard("stamps of fields never go back", PersonRecord, "stamp_fields", _plain_stamps, ("P3b", "P3a")),
    Guard("a delivered sign-up is stamped", deliver, "stamp_delivered", _returns(None), ("P2b", "P3d")),
    Guard("a delivered sign-up is not delivered again", late_write, "compare_with_newest", _never_same, ("P2b",)),
    Guard("a write is on record before it is sent", PersonRecord, "record", _unrecorded, ("P2a", "P3b", "P2b")),
    Guard(
        "an unreleased lease may have written", person_item, "_take_over", _returns(None), ("P2a", "P3b", "P2b", "P3d")
    ),
    Guard("a newer sign-up waits for an older one's slow write", PersonRecord, "busy_until", _returns(0.0), ("P3b",)),
    Guard(
        "what one account remembers is not used in another",
        account,
        "person_at",
        _no_scope,
        ("P5a", "P1b", "P1a", "P3a"),
    ),
    Guard("what was erased is not delivered", erasures, "covers", _returns(False), ("P5b",)),
    Guard("Retry-After pauses the destination", Gates, "pause", _returns(None), ("P7c",)),
    Guard("refused credentials hold the destination", Gates, "hold", _returns(None), ("P7d",)),
    Guard("held credentials are tried once a minute", Gates, "may_try", _returns(True), ("P7d",)),
    Guard("a 403 is probed before it holds", Delivery, "_what_is_forbidden", _holds_at_once, ("P6b",)),
    Guard("the receipt comes before the vendor", Delivery, "deliver", _without_receipt, ("P1c",)),
    Guard("consent goes with its number", late_write, "ADDRESS_OF", _lambda_nobody, ("P4d",)),
    Guard("a create waits until the search can show a lost one", deliver, "request_for", _no_lag, ("P2a", "P4c")),
    Guard("a create is on record", flows, "send_unrepeatable", _only_sends, ("P2a",)),
    Guard("what was left out is not stamped", Targets, "fields_of", _returns(frozenset()), ("P1b", "P3a")),
    Guard("what is given up is a dead letter", Consumer, "_give_up", _returns(None), ("P1a",)),
    Guard("what waits is put off, not deleted", Consumer, "_postpone", _returns(None), ("P1a", "P1b", "P3a")),
    Guard("what is left is queued before the answer", DeliverToAll, "_enqueue", _returns(None), ("P1a", "P1b", "P3a")),
    Guard("no acknowledgement without the queue", DeliverToAll, "_enqueue", _believes_the_queue, ("P1a", "P1b", "P3a")),
    Guard("a failed delivery stamps what it may have written", deliver, "_note_failure", _returns(None), ("P3b",)),
    Guard("a late sign-up fires no event", deliver, "request_for", _never_late, ("P3d",)),
    Guard("arrays of a stale search are not sent back", update, "is_recent", _returns(False), ("P4c", "P4b")),
    Guard("a form submission may have created the contact", submit_form, "_note_contact", _returns(None), ("P2a",)),
    Guard("another's unfinished delivery stays on record", PersonRecord, "clear", _clears_everybody, ("P2b", "P2a")),
    Guard(
        "a PUT that replaces repeats what is held",
        WhautomateContact,
        "carried",
        lambda self, held: _carried(self, {}),
        ("P4c",),
    ),
    Guard("a contact is looked for before it is created", upsert._Lookup, "find", _returns(None), ("P2a",)),  # noqa: SLF001
    Guard("a 5xx may have been written", answer_error, "_unanswered", _returns(Unavailable), ("P2a", "P3b", "P2b")),
    Guard("nothing transient is given up before three days", RetryPolicy, "given_up", _returns(True), ("P7b",)),
)
