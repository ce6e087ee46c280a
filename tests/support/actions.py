"""Every action of every vendor, and what its events are promised to do when an answer is lost."""

from __future__ import annotations

from dataclasses import dataclass

from local.twins.pulse.twin import FORM_UUID
from local.twins.server import Twin
from local.twins.whautomate.twin import LOCATION_ID


@dataclass(frozen=True)
class Promise:
    """A destination for an action, and how often its event may run for one sign-up."""

    options: str
    """The destination's line in the form file."""
    event: str = ""
    """What the event is called at the twin; empty: the action has none."""
    fewest: int = 1
    most: int = 1

    waits_a_minute: bool = False
    """A person who is known already waits for the vendor's minute to end; tests/docs proves that with a clock."""

    def is_kept(self, twin: Twin, *, is_known: bool = False) -> bool:
        """Whether the event ran as often as promised; for somebody known it need not run again."""
        ran = sum(bool(self.event) and event.name.startswith(self.event) for event in list(twin.events))
        return not self.event or (0 if is_known else self.fewest) <= ran <= self.most


ACTIONS: dict[tuple[str, str], Promise] = {
    ("pulse", "upsert"): Promise("options = { source = 7 }"),
    # Pulse recognises no repeat, so a form whose answer was lost is sent again, three times at most.
    ("pulse", "submit_form"): Promise(f'options = {{ form_uuid = "{FORM_UUID}" }}', "form_action", most=3),
    # Nor does Which50, whose events send e-mails: an e-mail too few is forgiven, one too many is not.
    ("which50", "upsert"): Promise(
        "options = { contact_list_id = 3, accept_default_consent = true, "
        'fields = { email = "Email", first_name = "FirstName" }, custom_events = ["Welcome"] }',
        "Welcome",
        fewest=0,
    ),
    ("higherlogic", "upsert"): Promise('options = { lists = [{ id = "L1", name = "News" }] }', "list_joined"),
    ("esputnik", "subscribe"): Promise(
        'options = { form_type = "news", groups = ["News"] }', "subscribe", waits_a_minute=True
    ),
    ("esputnik", "upsert"): Promise('options = { groups = ["News"] }'),
    ("whautomate", "upsert"): Promise(
        f'options = {{ location_id = "{LOCATION_ID}", tags = ["Newsletter"] }}', "contact_tag_added"
    ),
}
