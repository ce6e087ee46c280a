"""What pydantic found wrong, in words that are safe to log."""

from __future__ import annotations

from pydantic import ValidationError


def problems_of(error: ValidationError) -> list[tuple[str, str]]:
    """Return each problem's dotted place, empty for the whole, and its message; never the value that was found there.

    Pydantic would show the value twice: as the input, and in the context of some problems.
    """
    details = error.errors(include_input=False, include_url=False, include_context=False)
    return [(".".join(map(str, detail["loc"])), detail["msg"]) for detail in details]
