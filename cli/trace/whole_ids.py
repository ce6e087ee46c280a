"""Which sign-up a person means who gives an id, or only the beginning of one, as the timeline shows it."""

from __future__ import annotations

from collections.abc import Iterator

from boto3.dynamodb.conditions import Attr, ConditionBase

from cli.deployment import Deployment
from cli.frame.console import Console
from cli.frame.ids import WHOLE, beginning_so
from cli.trace.in_sight import InSight
from cli.trace.stamps import stamped_ids
from shared.aws.dynamodb import Item
from shared.errors import ConfigurationError
from shared.ledger import consents, quarantine, retries
from shared.ledger.leases import PERSON

_KEYED = (consents.PREFIX, quarantine.PREFIX, quarantine.RELEASED, retries.PREFIX)
"""Beginnings of the keys that name a sign-up."""


def whole_ids(given: str, in_sight: InSight, deployment: Deployment, console: Console) -> list[str]:
    """Return the ids that `given` may stand for: itself where it is whole, else those known that begin so.

    Raises:
        ConfigurationError: nothing was given.
        LedgerUnavailable: DynamoDB failed.
    """
    beginning = given.strip().lower()
    if not beginning:
        raise ConfigurationError("name the sign-up: its submission id, or how that begins")
    if WHOLE.fullmatch(beginning):
        return [beginning]
    known = {*in_sight.submission_ids(), *_in_ledger(beginning, deployment, console)}
    return beginning_so(beginning, filter(WHOLE.fullmatch, known))


def _in_ledger(beginning: str, deployment: Deployment, console: Console) -> Iterator[str]:
    about: ConditionBase = Attr("id").begins_with(PERSON) | Attr("data").contains(beginning)
    for prefix in _KEYED:
        about = about | Attr("id").begins_with(prefix + beginning)
    with console.progress("Looking for the sign-up") as advance:
        for item in deployment.table.scan(about):
            advance()
            yield from _ids_in(item)


def _ids_in(item: Item) -> Iterator[str]:
    """Return the sign-ups that an item of the ledger names."""
    item_id = str(item["id"])
    if item_id.startswith(_KEYED):
        yield item_id.split("#")[1]
    elif item_id.startswith(PERSON):
        yield from stamped_ids(item)
        yield from item.get("failed_attempts", {})
    elif "data" in item:
        yield from WHOLE.findall(str(item["data"]))
