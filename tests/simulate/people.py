"""The people of the simulator: what a sign-up of a plan states, and the `Submission` that the form makes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from shared.contact import Contact
from shared.submission import ConsentReceipt, Grant, Submission
from tests.simulate.plan import SignUp
from tests.simulate.vendor import Value

MARKUP_PERSON = 2
"""Writes markup into its name, which a firewall in front of the vendor refuses for good."""


def email_of(person: int) -> str:
    return f"person{person}@example.com"


def phone_of(person: int, number: int) -> str:
    """Return a person's first number, or a further one."""
    return f"+1202555{person:02}{number:02}"


@lru_cache(maxsize=1000)
def stated(sign_up: SignUp, vendor: str) -> dict[str, Value]:
    """Return what a sign-up states, by our names; every text is its own, so that a value tells who wrote it."""
    letter = "".join(chr(ord("A") + int(digit)) for digit in str(sign_up.number))
    name = f"<b>Ann{letter}" if sign_up.person == MARKUP_PERSON else f"Ann{'@' if sign_up.bad_name else ''}{letter}"
    phone = sign_up.phone if sign_up.phone is not None or vendor != "whautomate" else 0
    is_bad_name = sign_up.bad_name or sign_up.person == MARKUP_PERSON
    has_size = sign_up.has_size or (vendor == "esputnik" and is_bad_name)  # so that each says something of its own
    has_name = sign_up.has_name or not has_size
    return {
        **({"first_name": name} if has_name else {}),
        **({"size": f"size {letter}"} if has_size else {}),
        **({"phone": phone_of(sign_up.person, phone)} if phone is not None else {}),
        **({"consent.email": True} if sign_up.email_consent else {}),
        **({"consent.sms": True} if sign_up.sms_consent and phone is not None else {}),
    }


def submission_of(sign_up: SignUp, vendor: str, now: float) -> Submission:
    """Return the sign-up as the relay accepts it `now`."""
    says = stated(sign_up, vendor)
    texts = {name: str(value) for name, value in says.items()}
    grants = (("news", "email"), ("texts", "sms"))
    given = tuple(
        Grant(channels=(channel,), field=field, statement="Send me news.", version="1")  # type: ignore[arg-type]
        for field, channel in grants
        if f"consent.{channel}" in says
    )
    at = datetime.fromtimestamp(now, UTC).isoformat()
    return Submission(
        id=f"s{sign_up.number:03}",
        form=f"{vendor}-{sign_up.form}",
        received_at=int(now * 1000),
        contact=Contact(email=email_of(sign_up.person), first_name=texts.get("first_name"), phone=texts.get("phone")),
        custom={"size": texts["size"]} if "size" in texts else {},
        receipt=ConsentReceipt(given_at=at, grants=given) if given else None,
    )
