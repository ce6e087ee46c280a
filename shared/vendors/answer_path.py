"""Where a vendor's answer holds what is read of it: JMESPath in the form file, where no page of the vendor says it."""

from __future__ import annotations

from typing import Annotated, Any

import jmespath  # type: ignore[import-untyped]
from jmespath.exceptions import JMESPathError  # type: ignore[import-untyped]
from pydantic import AfterValidator, BaseModel, ConfigDict


def _is_path(text: str) -> str:
    try:
        jmespath.compile(text)
    except JMESPathError:
        raise ValueError("must be JMESPath, e.g. items or data.contacts") from None
    return text


Path = Annotated[str, AfterValidator(_is_path)]


class AnswerPaths(BaseModel):
    """Base of every vendor's `[destinations.options.answers]`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def read(path: str, body: Any) -> Any:
    """Return what `body` holds there; None where it holds nothing, or nothing that the path can be used on."""
    try:
        return jmespath.search(path, body)
    except JMESPathError:
        return None  # a function of the path got another type than it takes
