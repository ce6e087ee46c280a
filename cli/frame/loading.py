"""Loads a command's module when the command is used, so that `relay --help` and completion answer at once."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager, redirect_stdout
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any

import typer.main
from typer import Context, Typer
from typer.core import TyperCommand, TyperGroup


class LazyGroup(TyperGroup):
    """A group whose commands are loaded from the module that `add_lazily` named."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Return the loaded command in place of its entry."""
        name, entry, rest = super().resolve_command(ctx, args)
        module = getattr(getattr(entry, "callback", None), "module", None)
        return name, (load(module) if module else entry), rest


def add_lazily(app: Typer, name: str, module: str, text: str) -> None:
    """Enter a command whose module is imported when it is used; `text` is its line in the list of commands."""

    def entry(context: Context) -> None:
        raise AssertionError(f"{module} was not loaded")

    entry.module = module  # type: ignore[attr-defined]  # read by `LazyGroup`
    app.command(name, help=text)(entry)


def load(module: str) -> Any:
    """Import a module and return its commands, each kept free of the functions' log lines."""
    command = typer.main.get_command(import_module(module).app)
    _silence(command)
    return command


def _silence(command: Any) -> None:
    if isinstance(command, TyperGroup):
        for each in command.commands.values():
            _silence(each)
    elif isinstance(command, TyperCommand) and command.callback is not None:
        command.callback = _without_function_logs(command.callback)


def _without_function_logs(run: Callable[..., int]) -> Callable[..., int]:
    @wraps(run)
    def silent(*args: Any, **kwargs: Any) -> int:
        with _function_logs_off():
            return run(*args, **kwargs)

    return silent


@contextmanager
def _function_logs_off() -> Generator[None]:
    """Keep log lines and metrics of shared code out of the answer: in Lambda both go to stdout."""
    from shared.telemetry import logger

    level = logger.log_level
    logger.setLevel(logging.CRITICAL)
    try:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
            yield
    finally:
        logger.setLevel(level)
