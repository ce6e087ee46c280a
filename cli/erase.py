"""`relay erase`: remove one person from everything the relay holds, and print a certificate of it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from cli.console import Console
from cli.deployment import Connect
from cli.erasure import Erasure
from cli.subject import Subject
from shared.errors import ConfigurationError


def add_arguments(parser: ArgumentParser) -> None:
    """Describe the command."""
    parser.add_argument("--email", metavar="ADDRESS")
    parser.add_argument("--phone", metavar="NUMBER", help="with + and country code; finds everybody who gave it")
    parser.add_argument("--receipts", action="store_true", help="consent receipts too, which are proof and else kept")
    parser.add_argument("--vendors", action="store_true", help="delete the contact at vendors too; needs --yes")
    parser.add_argument("--yes", action="store_true", help="yes, at the vendors too")
    parser.add_argument("--json", action="store_true", help="certificate for machines")
    parser.set_defaults(run=_run)


def _run(arguments: Namespace, console: Console, connect: Connect) -> int:
    if not (arguments.email or arguments.phone):
        raise ConfigurationError("whom? --email or --phone, or both")
    if arguments.vendors and not arguments.yes:
        raise ConfigurationError("--vendors deletes contacts at the vendors, for good: repeat it with --yes")
    deployment = connect()
    subject = Subject.of(arguments.email, arguments.phone, deployment.people)
    erasure = Erasure(deployment, subject, receipts=arguments.receipts, vendors=arguments.vendors)
    certificate = erasure.run()
    if arguments.json:
        console.json(certificate.record())
    else:
        certificate.print_to(console)
    return 0 if certificate.complete else 1
