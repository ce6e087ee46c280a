"""Form definitions: what a form file may say, and reading it."""

from __future__ import annotations

from shared.forms.definition import Destination, Form
from shared.forms.loading import FormBroken, FormNotFound, Forms

__all__ = ["Destination", "Form", "FormBroken", "FormNotFound", "Forms"]
