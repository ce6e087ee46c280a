"""`relay consents export` and `verify`: consent receipts as JSON lines, one per submission, and their seals."""

from __future__ import annotations

import hmac
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from typer import Argument, Context, Option

from cli import ledger_items
from cli.frame.console import counted, iso_time
from cli.frame.options import FormId, Json, SubmissionId
from cli.frame.session import commands, session_of
from cli.iso27560 import RECORD, consent_record
from cli.known_names import warn_of_unknown
from shared.aws.dynamodb import Item
from shared.errors import ConfigurationError, RelayError
from shared.ledger.consents import PREFIX, receipt_in, seal
from shared.ledger.person_hashing import PersonHasher

STDIN = Path("-")

app = commands("Export consent receipts and verify their seals.")


@app.command()
def export(
    context: Context,
    since: Annotated[
        datetime | None, Option(formats=["%Y-%m-%d"], metavar="DATE", help="Given on this day (UTC) or later.")
    ] = None,
    form: FormId = None,
    submission: SubmissionId = None,
    layout: Annotated[
        Literal["receipt", "iso27560"], Option("--format", metavar="receipt|iso27560", help="iso27560: JSON-LD.")
    ] = "receipt",
    as_json: Json = False,
) -> int:
    """Print receipts as JSON lines, in any case; people are keyed hashes."""
    session = session_of(context)
    earliest = since.replace(tzinfo=UTC).timestamp() if since else 0.0
    deployment, exported, forms = session.connect(), 0, set()
    with session.console.progress("Reading the ledger", prints=True) as advance:
        for item in ledger_items.scan_prefix(deployment, PREFIX):
            forms.add((item["form"], ""))
            is_wanted = form in (None, item["form"]) and submission in (None, item["id"].removeprefix(PREFIX))
            if is_wanted and item["given_at"] / 1000 >= earliest:
                line = _line(item)
                session.console.json(consent_record(line) if layout == "iso27560" else line, indent=None)
                exported += 1
                advance()
    warn_of_unknown(session.console, deployment, form=form, seen=forms)
    session.console.warn(counted(exported, "receipt"))  # stdout holds the export
    return 0


def _line(item: Item) -> dict[str, Any]:
    return {**receipt_in(item), "kept_until": iso_time(item["expiration"])}


@app.command()
def verify(
    context: Context,
    file: Annotated[Path, Argument(metavar="FILE", help="What `relay consents export` printed; - for stdin.")],
    as_json: Json = False,
) -> int:
    """Check the seals of exported receipts. Exit code 1 if one is bad."""
    session = session_of(context)
    lines = _lines_of(file)
    if lines and all(_is_record(line) for _, line in lines):
        raise ConfigurationError(f"{file} holds records of ISO 27560; verify reads receipts: export without --format")
    hasher = session.connect().hasher
    mistakes = [(number, _mistake(hasher, line)) for number, line in lines]
    bad = [{"line": number, "mistake": mistake} for number, mistake in mistakes if mistake]
    if as_json:
        session.console.json({"receipts": len(lines), "bad": bad})
        return 1 if bad else 0
    for each in bad:
        session.console.say(f"line {each['line']}: {each['mistake']}")
    session.console.warn(f"{counted(len(lines), 'receipt')}, {len(bad)} bad")
    return 1 if bad else 0


def _lines_of(file: Path) -> list[tuple[int, bytes]]:
    """Return the lines that hold something, each with its number."""
    try:
        content = sys.stdin.buffer.read() if file == STDIN else file.read_bytes()
    except OSError as error:
        raise RelayError(f"{file} cannot be read: {error.strerror}") from None
    return [(number, line) for number, line in enumerate(content.split(b"\n"), 1) if line.strip()]


def _is_record(line: bytes) -> bool:
    """Whether a line is of the other format, which bears the seal of its receipt and cannot be checked itself."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(record, dict) and record.get("@type") == RECORD


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
    if receipt.get("@type") == RECORD:
        return "not a receipt but a record of ISO 27560"
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
