"""Names of inputs that are no fields: scripts of the page, or the browser, fill them in."""

from __future__ import annotations

from shared.forms.witness import WITNESS

TOKEN = "_token"
"""Holds the time token."""
CAPTCHA_FIELDS = {
    "turnstile": "cf-turnstile-response",
    "hcaptcha": "h-captcha-response",
    "recaptcha": "g-recaptcha-response",
}
"""Captcha → the field in which its widget puts the response."""
CHARSET = "_charset_"
"""The field in which browsers name the page's encoding ("Naming form controls", HTML)."""
RESERVED = frozenset({TOKEN, WITNESS, CHARSET, *CAPTCHA_FIELDS.values()})
"""No field and no honeypot can have such a name."""
RESERVED_NAME = "is a name that scripts of the page, or the browser, fill in; choose another"
