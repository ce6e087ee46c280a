"""`relay erase`: previews or removes one person's data in everything the relay stores, and prints a certificate."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from cli.console import Console
from cli.deployment import Connect
from cli.erase.certificate import COLUMNS
from cli.erase.erasure import Erasure
from cli.erase.subject import Subject
from shared.errors import ConfigurationError


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--email", metavar="ADDRESS")
    parser.add_argument("--phone", metavar="NUMBER", help="with + and country code; finds everybody who gave it")
    parser.add_argument("--receipts", action="store_true", help="remove consent receipts too, which are kept as proof")
    parser.add_argument("--vendors", action="store_true", help="ask the vendors to delete; not possible in a later run")
    parser.add_argument("--yes", action="store_true", help="remove; without this only print what would be removed")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_run)


def _run(arguments: Namespace, console: Console, connect: Connect) -> int:
    """Return 0 for a preview and for a complete erasure, 1 for an incomplete one."""
    if not (arguments.email or arguments.phone):
        raise ConfigurationError("name the person: --email, --phone or both")
    deployment = connect()
    subject = Subject.of(arguments.email, arguments.phone, deployment.hasher)
    preview = not arguments.yes
    erasure = Erasure(deployment, subject, receipts=arguments.receipts, vendors=arguments.vendors, preview=preview)
    certificate = erasure.run()
    if arguments.json:
        console.json(certificate.record())
    else:
        console.table(list(certificate.rows()), COLUMNS)
    if preview:
        console.warn("preview only: repeat with --yes to remove")
    return 0 if preview or certificate.complete else 1
