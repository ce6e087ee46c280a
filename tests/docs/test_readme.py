"""`README.md`: the form that it shows is the form that is there."""

from __future__ import annotations

import re

from shared.forms.fields import ConsentField
from shared.forms.loading import parse_form
from tests.support.paths import ROOT

README = (ROOT / "README.md").read_text()
NEWSLETTER = (ROOT / "forms" / "newsletter.toml").read_text()


def test_the_readmes_picture_is_there_and_loads_quickly() -> None:
    pictures = re.findall(r"^!\[.+\]\((.+)\)$", README, re.MULTILINE)

    assert pictures == ["docs/images/timeline.png"]
    assert (ROOT / pictures[0]).read_bytes().startswith(b"\x89PNG")
    assert (ROOT / pictures[0]).stat().st_size < 150_000


def test_the_form_that_the_readme_lists_is_the_whole_file() -> None:
    (listing,) = re.findall(r"^```toml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)

    assert listing == NEWSLETTER


def test_the_newsletter_goes_to_nobody_who_did_not_ask_for_it() -> None:
    form = parse_form("newsletter", NEWSLETTER)

    assert [field.required for field in form.fields.values() if isinstance(field, ConsentField)] == [True]


def test_a_tour_of_the_demo_stays_below_the_rate_limit() -> None:
    assert parse_form("newsletter", NEWSLETTER).rate_limit == "60/minute"
