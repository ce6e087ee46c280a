"""Forms: their files, the values that are submitted to them, and the texts that visitors see."""

from __future__ import annotations

from shared.forms.definition import Form
from shared.forms.destination import Destination
from shared.forms.folder import FormNotFound, Forms
from shared.forms.loading import FormBroken

__all__ = ["Destination", "Form", "FormBroken", "FormNotFound", "Forms"]
