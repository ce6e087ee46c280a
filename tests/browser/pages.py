"""The website's pages and the relay's forms of the browser tests. `WEBSITE` and `RELAY` stand for their origins."""

from __future__ import annotations

from tests.browser.guide import example

_DESTINATIONS = """
[[destinations]]
name = "pulse-us"
vendor = "pulse"
action = "upsert"
options = { source = 7 }

[[destinations]]
name = "yespo"
vendor = "esputnik"
action = "subscribe"
options = { form_type = "newsletter" }
"""

_OPEN = """
title = "Newsletter"
allowed_origins = ["WEBSITE"]
rate_limit = "off"
recipient_limit = "off"
"""
_NEWSLETTER = (
    _OPEN
    + """
[fields.email]
type = "email"
label = "Email"
required = true

[fields.given_name]
type = "text"
label = "First name"
maps_to = "first_name"
max_length = 20

[fields.topic]
type = "choice"
options = ["Trials", "Events"]

[fields.news]
type = "consent"
grants = ["email"]
statement = "Send me the monthly newsletter. I can stop at any time."
version = "1"

[spam]
honeypot = "website"
"""
)

FORMS = {
    "newsletter": _NEWSLETTER + _DESTINATIONS,
    "brief": _NEWSLETTER.replace('rate_limit = "off"', 'rate_limit = "1/day"') + _DESTINATIONS,
    "elsewhere": _NEWSLETTER.replace("WEBSITE", "https://www.example.com") + _DESTINATIONS,
    "led-on": _NEWSLETTER + '[redirect]\nsuccess = "https://www.example.com/thanks"\n' + _DESTINATIONS,
    "guarded": _NEWSLETTER + "min_seconds = 1\n" + _DESTINATIONS,
    "attributed": _OPEN + "[fields.email]\ntype = 'email'\nrequired = true\n" + example("toml", 1),
    "choices": _NEWSLETTER
    + """
[fields.interests]
type = "choices"
label = "Interests"
options = ["cardiology", "oncology", "paediatrics"]
required = true

[fields.days]
type = "choices"
label = "Days"
options = ["Monday", "Wednesday", "Friday"]

[fields.practice_size]
type = "choice"
label = "Size of your practice"
options = ["1-5", "6-20", "20+"]
"""
    + _DESTINATIONS.replace(
        "options = { source = 7 }",
        "options = { source = 7 }\ncustom_fields = { interests = 'interests', days = 'days', practice_size = 'size' }",
    ),
    "deutsch": _NEWSLETTER.replace('title = "Newsletter"', 'title = "Rundbrief"\nlanguage = "de"')
    + """
[messages]
invalid-fields-title = "Bitte prüfen Sie Ihre Angaben"
invalid-fields = "Etwas fehlt noch oder stimmt nicht."
invalid_email = "Das ist keine E-Mail-Adresse."
go-back = "Gehen Sie mit Ihrem Browser zurück; Ihre Angaben sind noch da."
"""
    + _DESTINATIONS,
}

_FORM = """
<form id="form" method="post" action="RELAY/forms/FORM">
  <p><label for="email">Email</label>
     <input id="email" name="email" type="email" required autocomplete="email"></p>
  <p><label for="given_name">First name (optional)</label>
     <input id="given_name" name="given_name" autocomplete="given-name" aria-describedby="hint">
     <small id="hint">As we should address you.</small></p>
  <fieldset><legend>What about?</legend>
    <label><input type="radio" name="topic" value="Trials"> Trials</label>
    <label><input type="radio" name="topic" value="Events"> Events</label>
    <label><input type="radio" name="topic" value="Elsewhere"> Something that the form does not know</label>
  </fieldset>
  <p><label><input type="checkbox" name="news" value="true">
     Send me the monthly newsletter. I can stop at any time.</label></p>
  <p hidden><label>Leave this empty <input name="website" tabindex="-1" autocomplete="off"></label></p>
  <p><button>Sign up</button></p>
</form>
"""
_CHOICES = """
<form id="form" method="post" action="RELAY/forms/choices">
  <p><label for="email">Email</label>
     <input id="email" name="email" type="email" required autocomplete="email"></p>
  INTERESTS
  <p><label for="size">Size of your practice (optional)</label><br>
     <select id="size" name="practice_size"><option value="">?<option>1-5<option>6-20<option>20+</select></p>
  <fieldset><legend>What about? (optional)</legend>
    <p><label><input type="radio" name="topic" value="Trials"> Trials</label></p>
    <p><label><input type="radio" name="topic" value="Events"> Events</label></p>
  </fieldset>
  <p><label><input type="checkbox" name="news" value="true">
     Send me the monthly newsletter. I can stop at any time.</label></p>
  <p hidden><label>Leave this empty <input name="website" tabindex="-1" autocomplete="off"></label></p>
  <p><button>Sign up</button></p>
</form>
""".replace("INTERESTS", example("html", 1))
_ENHANCED = _FORM.replace("<form", "<form data-signup-relay")

PAGES = {
    "/plain": _FORM.replace("FORM", "newsletter"),
    "/led-on": _FORM.replace("FORM", "led-on"),
    "/deutsch": _FORM.replace("FORM", "deutsch"),
    "/enhanced": _ENHANCED.replace("FORM", "newsletter"),
    "/choices": _CHOICES,
    "/choices-enhanced": _CHOICES.replace("<form", "<form data-signup-relay"),
    "/own-words": _ENHANCED.replace("FORM", "newsletter").replace(
        "data-signup-relay",
        'data-signup-relay data-sending="Wird gesendet" data-success="Danke!" data-status="said"',
    )
    + '<aside id="said"></aside>',
    "/guarded": _ENHANCED.replace("FORM", "guarded").replace("data-signup-relay", "data-signup-relay data-token"),
    "/elsewhere": _ENHANCED.replace("FORM", "elsewhere"),
    "/no-such-form": _ENHANCED.replace("FORM", "no-such-form"),
}

_STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 36rem; padding: 0 1rem; }
.signup-relay-error { color: #b00020; display: block; font-weight: 600; }
[aria-invalid=true] { outline: 2px solid #b00020; }
"""


def render(body: str, relay: str) -> str:
    """Make a whole page of the website; its only script is the snippet."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A website</title>'
        f'<style>{_STYLE}</style><script src="RELAY/signup-relay.js" defer></script></head>'
        f"<body><main><h1>A website</h1>{body}</main></body></html>"
    ).replace("RELAY", relay)
