"""The commands as a page, `docs/cli.md`, from what the commands say of themselves.

`python -m cli.reference > docs/cli.md` writes it.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from typing import Any

import typer.main
from typer.core import TyperArgument, TyperGroup, TyperOption

from cli.frame.loading import load
from cli.main import COMMANDS, app

WIDTH = 120

INTRODUCTION = """\
# The `relay` command

Written by `python -m cli.reference > docs/cli.md` from the commands themselves; a test keeps it so.
[operations.md](operations.md) says when to use which of them.

```sh
.venv/bin/relay --stack signup-relay status        # a deployed stack, by its name: nothing to export
.venv/bin/relay --local status                     # the stack that `make run` runs on this machine
.venv/bin/relay --install-completion               # the shell completes commands, options and form ids
```

Every command works the same on both. Without `--stack` and `--local` the environment says which deployment is meant, by
the variables of the functions.

- Answers go to stdout, warnings, questions and progress to stderr. Progress is only shown on a terminal.
- `--json` prints JSON. Without it tables are aligned text; on a terminal they fit its width.
- Exit codes: **0** done, a preview too; **1** a problem was found, or not all was done; **2** the command could not
  run.
- Secrets are asked for, or read as JSON from stdin. They are no arguments, and never printed.
- No command prints personal data, but `dead-letters show` and `quarantine show`, whose purpose it is, and
  `consents export` where a page shows it in its path or its consent's text.

## Before the command
"""


def reference() -> str:
    """Return the whole page."""
    lines = [INTRODUCTION, *_options(typer.main.get_command(app))]
    for name, module, _ in COMMANDS:
        lines += ["", *_pages(f"relay {name}", load(module), "##")]
    return "\n".join(lines) + "\n"


def _pages(path: str, command: Any, heading: str) -> Iterator[str]:
    """Return the section of a command, and those of its subcommands."""
    yield f"{heading} `{' '.join([path, *_arguments(command)])}`"
    yield ""
    yield textwrap.fill(" ".join((command.help or "").split()), WIDTH)
    if isinstance(command, TyperGroup):
        for name, each in command.commands.items():
            yield ""
            yield from _pages(f"{path} {name}", each, f"{heading}#")
        return
    options = list(_options(command))
    if options:
        yield from ("", *options)


def _arguments(command: Any) -> list[str]:
    return [str(each.metavar) for each in command.params if isinstance(each, TyperArgument)]


def _options(command: Any) -> Iterator[str]:
    for option in command.params:
        if isinstance(option, TyperOption) and option.name != "show_completion":
            value = "" if option.is_flag else f" {option.metavar or 'VALUE'}"
            text = f"- `{option.opts[0]}{value}`" + (f": {option.help}" if option.help else "")
            yield textwrap.fill(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)


if __name__ == "__main__":
    sys.stdout.write(reference())
