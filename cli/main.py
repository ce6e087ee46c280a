"""`relay`: the parser, and how errors become exit codes: 0 done, 1 found a problem, 2 could not run."""

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

PROBLEM_FOUND, COULD_NOT_RUN, INTERRUPTED = 1, 2, 130


def main(argv: Sequence[str] | None = None, connect: Connect = connect) -> int:
    """Run one command and return its exit code.

    Args:
        argv: the command's arguments; `sys.argv` when None.
        connect: builds the deployment, for the commands that need one.
    """
    arguments = parser().parse_args(argv)
    console = Console(sys.stdout, sys.stderr)
    try:
        return _run(arguments, console, connect)
    except RelayError as error:
        console.warn(f"relay: {error}")
    except ClientError as error:
        console.warn(f"relay: AWS answered {error.response['Error'].get('Code')} to {error.operation_name}")
    except BotoCoreError as error:
        # Its text may quote the request.
        console.warn(f"relay: AWS cannot be reached ({type(error).__name__}); are region and credentials set?")
    except BrokenPipeError:
        # The reader has closed the pipe, as `head` does. Python would raise again when it flushes stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PROBLEM_FOUND
    except KeyboardInterrupt:
        return INTERRUPTED
    return COULD_NOT_RUN


def _run(arguments: Namespace, console: Console, connect: Connect) -> int:
    with _function_logs_off():
        code = int(arguments.run(arguments, console, connect))
    console.out.flush()
    return code


def parser() -> ArgumentParser:
    """Return the parser of all commands."""
    relay = ArgumentParser(
        prog="relay", description="Operate a deployed Signup Relay. The runbook is docs/operations.md."
    )
    commands = relay.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, add_arguments, text in (
        ("check", check.add_arguments, "find mistakes in form files, or try credentials"),
        ("status", status.add_arguments, "queues, circuits and holds, by destination"),
        ("holds", status.add_holds_arguments, "destinations whose deliveries wait for working credentials"),
        ("dead-letters", dead_letters.add_arguments, "list, show, replay or drop deliveries that no retry can mend"),
        ("quarantine", quarantine.add_arguments, "list, show, release or drop suspected spam"),
        ("consents", consents.add_arguments, "export consent receipts and verify their seals"),
        ("erase", erase.add_arguments, "remove one person's data and print a certificate"),
    ):
        add_arguments(commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}."))
    return relay


@contextmanager
def _function_logs_off() -> Generator[None]:
    """Keep log lines and metrics of shared code out of the answer: in Lambda both go to stdout."""
    level = logger.log_level
    logger.setLevel(logging.CRITICAL)
    try:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
            yield
    finally:
        logger.setLevel(level)
