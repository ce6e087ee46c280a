"""`relay consents export`: consent receipts as JSON lines, one per submission."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import UTC, datetime
from typing import Any

from cli import ledger_items
from cli.console import Console, counted, iso_time
from cli.deployment import Connect
from shared.aws.dynamodb import Item
from shared.ledger.consents import PREFIX, receipt_in


def add_arguments(parser: ArgumentParser) -> None:
    """Add the subcommand."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    exporting = commands.add_parser("export", help="print receipts as JSON lines; people are keyed hashes")
    exporting.add_argument("--since", type=_date, default=0.0, metavar="DATE", help="given on this day (UTC) or later")
    exporting.add_argument("--form", metavar="ID")
    exporting.set_defaults(run=_export)


def _date(text: str) -> float:
    """Return the start of a day, seconds since the epoch."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise ArgumentTypeError("must be a date like 2026-12-31") from None


def _export(arguments: Namespace, console: Console, connect: Connect) -> int:
    exported = 0
    for item in ledger_items.scan_prefix(connect(), PREFIX):
        if item["given_at"] / 1000 >= arguments.since and arguments.form in (None, item["form"]):
            console.json(_line(item), indent=None)
            exported += 1
    console.warn(counted(exported, "receipt"))  # stdout holds the export
    return 0


def _line(item: Item) -> dict[str, Any]:
    return {**receipt_in(item), "kept_until": iso_time(item["expiration"])}
