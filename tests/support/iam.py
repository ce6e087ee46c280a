"""What a role's statements allow, by IAM's own rule: an explicit deny wins, and a star spans slashes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any


def allows(statements: Iterable[Mapping[str, Any]], action: str, resource: str) -> bool:
    """Whether a role with these statements may do this ("Policy evaluation logic")."""
    effects = {
        statement["Effect"]
        for statement in statements
        if any(matches(pattern, action) for pattern in statement["Action"])
        and any(matches(pattern, resource) for pattern in statement["Resource"])
    }
    return effects == {"Allow"}


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern of IAM covers a text; upper and lower case differ, as in the ARNs that we use."""
    regular = "".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in re.split(r"([*?])", pattern))
    return re.fullmatch(regular, text) is not None
