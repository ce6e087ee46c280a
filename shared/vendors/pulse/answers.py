"""Where Pulse's answers hold what is read of them. No page says it, so a form file can, in JMESPath."""

from __future__ import annotations

from typing import Any

from shared.vendors.answer_path import AnswerPaths, Path, read
from shared.vendors.payload import Row, as_row


class PulseAnswers(AnswerPaths):
    """`[destinations.options.answers]`. A path that is left out is looked for in every plausible place."""

    contacts: Path | None = None
    """The hits in a search answer; an answer without this member is not understood, never taken for "nobody"."""
    total: Path | None = None
    """The number of hits on all pages, in a search answer."""
    contact: Path | None = None
    """A hit rewritten in the names of a create's body, e.g. `{id: ref, emails: mails[].{id: ref, emailAddress: text}}`.
    The paths below look into the result."""
    id: Path = "id"
    """The contact's id, in a hit and in the answer to a create."""
    created_id: Path | None = None
    """The contact's id in the answer to a create, where it has another place than in a hit."""
    addresses: Path | None = None
    """The e-mail addresses, in a hit."""

    def hit(self, found: Row) -> Row:
        """Return a hit with `id` and the names of a create's body; an empty one where it cannot be read."""
        contact = as_row(read(self.contact, found)) if self.contact else found
        return self._with_id(contact)

    def id_of_created(self, body: Any) -> str | None:
        """Return the contact's id in the answer to a create, bare or under a plausible wrapper (assumed)."""
        found = read(self.created_id, body) if self.created_id else self._with_id(_unwrapped(body)).get("id")
        return None if found in (None, "") else str(found)

    def _with_id(self, contact: Row) -> Row:
        found = contact.get("id") if self.id == "id" else read(self.id, contact)
        return contact if found == contact.get("id") else {**contact, "id": found}


def _unwrapped(body: Any) -> Row:
    for name in ("data", "contact", "item"):
        if isinstance(body, dict) and "id" not in body and isinstance(body.get(name), dict):
            body = body[name]
    return as_row(body)
