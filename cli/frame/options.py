"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from typer import BadParameter, Option

from cli.frame.ids import whole_id

FORMS = "forms"
"""The folder of form files in a checkout."""


def form_ids(incomplete: str) -> Iterator[str]:
    """Return the ids that a shell may complete: names of form files, read without loading them."""
    folder = Path(os.environ.get("FORMS_DIR") or FORMS)
    return (path.stem for path in sorted(folder.glob("*.toml")) if path.stem.startswith(incomplete))


def _rate(text: str | float) -> float:  # Typer hands the default over, too
    try:
        rate = float(str(text).removesuffix("/s"))
    except ValueError:
        rate = 0.0
    if not 0.01 <= rate <= 1000:
        raise BadParameter("must be a number of messages a second, like 5/s")
    return rate


Json = Annotated[bool, Option("--json", help="Print JSON.")]
FormId = Annotated[str | None, Option("--form", metavar="ID", autocompletion=form_ids, help="Only this form's.")]
DestinationName = Annotated[str | None, Option("--destination", metavar="NAME", help="Only this destination's.")]
SubmissionId = Annotated[str | None, Option("--submission", parser=whole_id, metavar="ID", help="Only this sign-up's.")]
Rate = Annotated[float, Option("--rate", parser=_rate, metavar="N/s", help="At most N a second.")]
Limit = Annotated[int | None, Option("--limit", min=1, metavar="N", help="At most N, the oldest first.")]
