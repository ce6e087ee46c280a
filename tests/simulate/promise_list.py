"""The invariants by id. The number is that of the promise in docs/guarantees.md."""

from __future__ import annotations

PROMISES = {
    "P1a": "After every move, what was acknowledged is at the vendor, queued or dead-lettered.",
    "P1b": "An acknowledged sign-up ends with its values at the vendor, but for what a newer one has replaced.",
    "P1c": "A consent receipt is in the ledger before a vendor is told of the consent.",
    "P2a": "One person is one contact per vendor account.",
    "P2b": "An event is fired once for a sign-up; again only where its outcome was unknown, as often as documented.",
    "P3a": "What ends at the vendor is the newest sign-up's value.",
    "P3b": "No write ever replaces what a newer sign-up wrote, also one that the vendor works off late.",
    "P3c": "The newest sign-up's event has been fired; where each submission counts, each one's.",
    "P3d": "A form's event is not fired again for a sign-up that is older than one delivered.",
    "P4a": "No flag is turned on without the consent of the sign-up that is written.",
    "P4b": "No flag is ever turned off.",
    "P4c": "No field is changed of which the sign-up does not speak.",
    "P4d": "Consent to be called or texted is not granted beside a newer number.",
    "P5a": "A write goes to the person's own contact.",
    "P5b": "A person who asked to be forgotten is not delivered from the queue any more.",
    "P6a": "The visitor is answered within the budget and the time to queue.",
    "P6b": "Only refused credentials hold a destination, never one visitor's data.",
    "P6c": "While a circuit is open the vendor is left alone.",
    "P6d": "A circuit that opened is probed and closes when the vendor works again; nobody waits for it any more.",
    "P7a": "The queue empties itself.",
    "P7b": "Dead letters have a reason that is true: refused, too old, or no answer too often.",
    "P7c": "A destination that asked for fewer calls gets none until it is time.",
    "P7d": "A destination whose credentials were refused is asked once a minute at most.",
    "P7e": "The answer to a batch names exactly the messages that stay, whatever becomes of their neighbours.",
    "P8a": "Nothing that goes wrong outside is a defect of ours.",
    "P9a": "No log line, metric dimension or text of an error holds a value of a person or a secret.",
    "P9b": "No key of the ledger holds a value of a person.",
}
MOST_EVENTS = {"pulse": 3, "esputnik": 99, "whautomate": 0, "which50": 1, "higherlogic": 0}
"""How often one sign-up's event may be fired at most, see "When the outcome of a write is unknown"."""
EVENTS_OWED = {"pulse": "c", "esputnik": "ab"}
"""Vendor → forms whose event must have been fired. Which50's may be forgiven."""
