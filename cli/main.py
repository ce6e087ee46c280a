"""`relay`: the parser, and the table from errors to exit codes: 0 done, 1 something is wrong, 2 could not be asked."""

from __future__ import annotations

import logging
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Generator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from cli import check, consents, quarantine, status
from cli.console import Console
from cli.dead_letters import commands as dead_letters
from cli.deployment import Connect, connect
from cli.erase import command as erase
from shared.errors import RelayError
from shared.telemetry import logger

WRONG, IMPOSSIBLE, INTERRUPTED = 1, 2, 130


def main(argv: Sequence[str] | None = None, connect: Connect = connect) -> int:
    """Run one command and return its exit code.

    Args:
        argv: the command's words; the process's own when None.
        connect: builds the deployment, for the commands that need one.
    """
    arguments = parser().parse_args(argv)
    console = Console(sys.stdout, sys.stderr)
    try:
        return _run(arguments, console, connect)
    except RelayError as error:
        console.complain(f"relay: {error}")
    except ClientError as error:
        console.complain(f"relay: AWS answered {error.response['Error'].get('Code')} to {error.operation_name}")
    except BotoCoreError as error:
        # Its text may hold what was sent.
        console.complain(f"relay: AWS could not be asked ({type(error).__name__}); are region and credentials set?")
    except BrokenPipeError:
        # The reader has left, as `head` does. Python would complain of it once more when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return WRONG
    except KeyboardInterrupt:
        return INTERRUPTED
    return IMPOSSIBLE


def _run(arguments: Namespace, console: Console, connect: Connect) -> int:
    with _quiet_functions():
        code = int(arguments.run(arguments, console, connect))
    console.out.flush()
    return code


def parser() -> ArgumentParser:
    """Return the parser of all commands."""
    relay = ArgumentParser(
        prog="relay", description="Look after a deployed Signup Relay; docs/operations.md is the runbook."
    )
    commands = relay.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, add_arguments, text in (
        ("check", check.add_arguments, "find what is wrong with form files, or with credentials"),
        ("status", status.add_arguments, "queues, circuits and holds, by destination"),
        ("holds", status.add_holds_arguments, "destinations whose credentials are refused"),
        ("dead-letters", dead_letters.add_arguments, "list, show, replay or drop what no retry could mend"),
        ("quarantine", quarantine.add_arguments, "list, show, release or drop suspected spam"),
        ("consents", consents.add_arguments, "export consent receipts"),
        ("erase", erase.add_arguments, "remove one person, and certify what was removed"),
    ):
        add_arguments(commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}."))
    return relay


@contextmanager
def _quiet_functions() -> Generator[None]:
    """Keep the functions' log lines and metrics out of a command's answer: in Lambda both go to stdout."""
    level = logger.log_level
    logger.setLevel(logging.CRITICAL)
    try:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
            yield
    finally:
        logger.setLevel(level)
