"""`relay erase`: previews or removes one person's data in everything the relay stores, and prints a certificate."""

from __future__ import annotations

from typing import Annotated

from typer import Context, Option

from cli.erase.certificate import COLUMNS
from cli.erase.erasure import Erasure
from cli.erase.subject import Subject
from cli.frame.options import Json
from cli.frame.session import commands, session_of
from shared.errors import ConfigurationError

app = commands("Remove one person's data and print a certificate.")


@app.command()
def erase(
    context: Context,
    email: Annotated[str | None, Option(metavar="ADDRESS")] = None,
    phone: Annotated[
        str | None, Option(metavar="NUMBER", help="With + and country code; finds everybody who gave it.")
    ] = None,
    receipts: Annotated[
        bool, Option("--receipts", help="Remove consent receipts too, which are kept as proof.")
    ] = False,
    vendors: Annotated[
        bool, Option("--vendors", help="Ask the vendors to delete; not possible in a later run.")
    ] = False,
    yes: Annotated[bool, Option("--yes", help="Remove; without this only print what would be removed.")] = False,
    as_json: Json = False,
) -> int:
    """Remove one person's data and print a certificate. Exit code 1 for an incomplete erasure."""
    session = session_of(context)
    if not (email or phone):
        raise ConfigurationError("name the person: --email, --phone or both")
    deployment = session.connect()
    subject = Subject.of(email, phone, deployment.hasher)
    if not session.console.err.isatty():
        session.console.warn("looking through queues and ledger, for some seconds")
    erasure = Erasure(deployment, subject, receipts=receipts, vendors=vendors, preview=not yes)
    certificate = erasure.certificate
    try:
        with session.console.progress("Looking through queues and ledger"):
            erasure.run()
    except BaseException:
        certificate.interrupted = True
        raise
    finally:
        # Nothing else has the ids of the contacts that were forgotten until then.
        if as_json:
            session.console.json(certificate.record())
        else:
            session.console.table(list(certificate.rows()), COLUMNS)
    if not yes:
        session.console.warn("preview only: repeat with --yes to remove")
    return 0 if not yes or certificate.complete else 1
