"""The honeypot: a field that people do not see and leave empty."""

from __future__ import annotations

from functions.submit.request.body import Values
from shared.forms import Form


def honeypot_value(form: Form, values: Values) -> Values:
    """Return what fills the honeypot, if anything does: only null and empty text leave it empty.

    The value tells a browser's autofill from a bot.
    """
    name = form.spam.honeypot
    sent = values.get(name, []) if name is not None else []
    filled = [value for value in sent if value is not None and not (isinstance(value, str) and not value.strip())]
    return {name: filled} if name is not None and filled else {}
