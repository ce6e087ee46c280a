"""Where Pulse's answers hold what is read of them. No page says it, so a form file can, in JMESPath."""

from __future__ import annotations

from typing import Annotated, Any

import jmespath  # type: ignore[import-untyped]
from jmespath.exceptions import JMESPathError  # type: ignore[import-untyped]
from pydantic import AfterValidator, BaseModel, ConfigDict

from shared.vendors.payload import Row


def _is_path(text: str) -> str:
    try:
        jmespath.compile(text)
    except JMESPathError:
        raise ValueError("must be JMESPath, e.g. items or data.contacts") from None
    return text


Path = Annotated[str, AfterValidator(_is_path)]


class Answers(BaseModel):
    """`[destinations.options.answers]`. A path that is left out is looked for in every plausible place."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    contacts: Path | None = None
    """The hits in a search answer; an answer without this member is not understood, never taken for "nobody"."""
    total: Path | None = None
    """The number of hits on all pages, in a search answer."""
    id: Path = "id"
    """The contact's id, in a hit and in the answer to a create."""
    addresses: Path | None = None
    """The e-mail addresses, in a hit."""

    def read(self, path: str, body: Any) -> Any:
        """Return what `body` holds there, or None."""
        return jmespath.search(path, body)

    def with_id(self, record: Row) -> Row:
        """Return a record whose `id` is the contact's id."""
        found = record.get("id") if self.id == "id" else self.read(self.id, record)
        return record if found == record.get("id") else {**record, "id": found}
