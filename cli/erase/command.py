"""`relay erase`: remove one person from everything the relay holds, and print a certificate of it; first a preview."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from cli.console import Console
from cli.deployment import Connect
from cli.erase.erasure import Erasure
from cli.erase.subject import Subject
from shared.errors import ConfigurationError


def add_arguments(parser: ArgumentParser) -> None:
    """Describe the command."""
    parser.add_argument("--email", metavar="ADDRESS")
    parser.add_argument("--phone", metavar="NUMBER", help="with + and country code; finds everybody who gave it")
    parser.add_argument("--receipts", action="store_true", help="consent receipts too, which are proof and else kept")
    parser.add_argument(
        "--vendors", action="store_true", help="at the vendors too: now or never, the ids are forgotten"
    )
    parser.add_argument("--yes", action="store_true", help="do it; without this only say what would be removed")
    parser.add_argument("--json", action="store_true", help="answer for machines")
    parser.set_defaults(run=_run)


def _run(arguments: Namespace, console: Console, connect: Connect) -> int:
    if not (arguments.email or arguments.phone):
        raise ConfigurationError("whom? --email or --phone, or both")
    deployment = connect()
    subject = Subject.of(arguments.email, arguments.phone, deployment.people)
    preview = not arguments.yes
    erasure = Erasure(deployment, subject, receipts=arguments.receipts, vendors=arguments.vendors, preview=preview)
    certificate = erasure.run()
    if arguments.json:
        console.json(certificate.record())
    else:
        certificate.print_to(console)
    if not preview:
        return 0 if certificate.complete else 1
    if not (certificate.found or certificate.out_of_sight):
        return 0
    console.complain("nothing was removed: repeat it with --yes")
    return 1
