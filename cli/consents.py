"""`relay consents export` and `verify`: consent receipts as JSON lines, one per submission, and their seals."""

from __future__ import annotations

import hmac
import json
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli import ledger_items
from cli.console import Console, counted, iso_time
from cli.deployment import Connect
from cli.iso27560 import consent_record
from shared.aws.dynamodb import Item
from shared.errors import RelayError
from shared.ledger.consents import PREFIX, receipt_in, seal
from shared.ledger.person_hashing import PersonHasher


def add_arguments(parser: ArgumentParser) -> None:
    """Add the subcommand."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    exporting = commands.add_parser("export", help="print receipts as JSON lines; people are keyed hashes")
    exporting.add_argument("--since", type=_date, default=0.0, metavar="DATE", help="given on this day (UTC) or later")
    exporting.add_argument("--form", metavar="ID")
    exporting.add_argument("--format", choices=["receipt", "iso27560"], default="receipt", help="iso27560: JSON-LD")
    exporting.set_defaults(run=_export)
    verifying = commands.add_parser("verify", help="check the seals of exported receipts; exit code 1 if one is bad")
    verifying.add_argument("file", type=Path, metavar="FILE", help="what `relay consents export` printed")
    verifying.set_defaults(run=_verify)


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
            line = _line(item)
            console.json(consent_record(line) if arguments.format == "iso27560" else line, indent=None)
            exported += 1
    console.warn(counted(exported, "receipt"))  # stdout holds the export
    return 0


def _line(item: Item) -> dict[str, Any]:
    return {**receipt_in(item), "kept_until": iso_time(item["expiration"])}


def _verify(arguments: Namespace, console: Console, connect: Connect) -> int:
    lines = _lines_of(arguments.file)
    hasher = connect().hasher
    mistakes = [(number, _mistake(hasher, line)) for number, line in lines]
    bad = [f"line {number}: {mistake}" for number, mistake in mistakes if mistake]
    for line in bad:
        console.say(line)
    console.warn(f"{counted(len(lines), 'receipt')}, {len(bad)} bad")
    return 1 if bad else 0


def _lines_of(file: Path) -> list[tuple[int, bytes]]:
    """Return the lines that hold something, each with its number."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise RelayError(f"{file} cannot be read: {error.strerror}") from None
    return [(number, line) for number, line in enumerate(content.split(b"\n"), 1) if line.strip()]


def _mistake(hasher: PersonHasher, line: bytes) -> str | None:
    """Return why a line is no receipt that this deployment has sealed; None if it is one."""
    try:
        receipt = json.loads(line, object_pairs_hook=_once)
    except _KeyTwice:
        return "a key stands twice"
    except (ValueError, RecursionError):
        return "not JSON"
    if not isinstance(receipt, dict):
        return "not a JSON object"
    claimed = receipt.get("seal")
    if not isinstance(claimed, str):
        return "no seal"
    # As bytes: `compare_digest` takes texts of ASCII alone.
    fits = hmac.compare_digest(claimed.encode("utf-8", "replace"), seal(hasher, receipt).encode())
    return None if fits else "the seal does not fit: the line was changed, or sealed with another key"


class _KeyTwice(Exception):
    """A reader would see one value, and the seal cover another."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _KeyTwice
    return found
