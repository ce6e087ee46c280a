"""The suite notices a careless vendor: one line of the example is made worse, and the sentence that guards it fails."""

from __future__ import annotations

import inspect
import sys
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest

from shared.errors import VendorError
from shared.http.vendor_http import VendorHttp
from tests.vendors.conformance.scene import Scene
from tests.vendors.example import mailroom
from tests.vendors.example.test_conformance import TestUpsert as Example

SOURCE = Path(mailroom.__file__).read_text(encoding="utf-8")


@dataclass(frozen=True)
class Flaw:
    """A line of the vendor, what a careless author wrote instead, and the test that must fail then."""

    careful: str
    careless: str
    test: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


FLAWS = [
    Flaw(" if self._is_wanted(hit)]", "]", "test_near_misses_are_somebody_else"),
    Flaw(
        'return same_email(contact["email"], self._contact["email"])',
        'return contact["email"] == self._contact["email"]',
        "test_another_spelling_is_the_same_person",
    ),
    Flaw(
        "pick_match(VENDOR, exact, has_texts(names))",
        "exact[0]",
        "test_of_two_matches_the_one_of_this_name_is_updated",
    ),
    Flaw(
        '.get("contacts"))',
        '.get("contacts")) or []',
        "test_an_answer_to_a_search_that_is_not_understood_is_not_nobody",
        {"body": {"unexpected": "shape"}},
    ),
    Flaw(
        "return contact if self._is_wanted(contact) else None",
        "return None",
        "test_the_remembered_id_hides_the_lag_of_the_search",
    ),
    Flaw(
        "return contact if self._is_wanted(contact) else None",
        "return contact",
        "test_a_remembered_contact_that_is_somebody_elses_now_is_left_alone",
    ),
    Flaw(
        "held = self._client.read(self.id_of(found))",
        "held = found",
        "test_what_the_search_does_not_show_yet_is_not_undone",
    ),
    Flaw(
        "if not _has(held, name, value)",
        "if not _has(found, name, value)",
        "test_a_change_that_is_taken_back_at_once_is_written",
    ),
    Flaw("[*tags, *(", "[*(", "test_what_the_sign_up_does_not_mention_stays"),
    Flaw(
        'failures=("undelivered",)',
        "",
        "test_a_failure_inside_a_200_is_no_success",
        {"failure": {"undelivered": "the mailbox is full"}},
    ),
    Flaw(
        '"POST", "/contacts", body',
        '"POST", "/contacts", effect=Effect.READ, body',
        "test_a_lost_create_ends_as_one_contact",
        {"fault": "drop_after"},
    ),
    Flaw('if "email" in request.channels else {}', "", "test_nobody_is_subscribed_by_their_silence"),
    Flaw(
        '{"newsletter": True} if "email" in request.channels else {}',
        '{"newsletter": "email" in request.channels}',
        "test_a_box_left_empty_takes_no_consent_back",
        {"channel": "email"},
    ),
    Flaw("self._client.create(drop_empty(", "self._client.create(dict(", "test_neither_null_nor_an_empty_text_is_sent"),
    Flaw('"PATCH"', '"PUT"', "test_a_second_sign_up_updates_the_contact"),
    Flaw(
        "unplaced(request.contact, options.sends())",
        "()",
        "test_a_full_contact_is_taken_and_what_has_no_place_is_counted",
    ),
    Flaw("if not _has(held, name, value)", "", "test_what_the_vendor_has_already_is_not_written_again"),
    Flaw(
        "not is_empty(_held(held, name))", "False", "test_a_field_that_is_only_filled_stays_where_the_vendor_holds_it"
    ),
    Flaw(
        "held = self._client.read(self.id_of(found))",
        'held = {"id": self.id_of(found)}',
        "test_a_field_that_is_only_filled_is_not_overwritten_unseen",
    ),
    Flaw(
        'reply = self.request("find contacts"',
        'reply = self.request(f"find {email}"',
        "test_neither_errors_nor_logs_show_the_person_or_a_key",
        {"status": 422},
    ),
    Flaw("if contact.email else {}", "", "test_without_what_the_vendor_knows_people_by_nobody_is_meant"),
    Flaw(", reads_contact=True", "", "test_what_is_said_of_the_vendor_is_so"),
    Flaw('"mailbox": self._options.mailbox, ', "", "test_an_option_has_an_effect", {"option": "mailbox"}),
]


@pytest.fixture(params=FLAWS, ids=lambda flaw: flaw.test.removeprefix("test_"))
def flaw(request: pytest.FixtureRequest) -> Flaw:
    flaw: Flaw = request.param
    assert SOURCE.count(flaw.careful) == 1, f"the example no longer says: {flaw.careful}"
    return flaw


@pytest.fixture
def careless(flaw: Flaw) -> Iterator[ModuleType]:
    """The example, but for one line."""
    module = ModuleType(f"careless_{uuid.uuid4().hex}")
    sys.modules[module.__name__] = module  # where pydantic looks the models' types up
    exec(SOURCE.replace(flaw.careful, flaw.careless), vars(module))  # noqa: S102
    yield module
    del sys.modules[module.__name__]


def test_the_suite_notices_a_careless_vendor(
    flaw: Flaw, careless: ModuleType, http: VendorHttp, caplog: pytest.LogCaptureFixture
) -> None:
    class Careless(Example):
        spec = careless.ACTIONS[0]

    # Given the example with one careless line
    vendor = Careless()
    scene = Scene(vendor, http)
    guard = getattr(vendor, flaw.test)
    known = {"scene": scene, "caplog": caplog, **flaw.parameters}

    # When the test is run that guards it, then it fails
    with scene.twin, pytest.raises((AssertionError, VendorError, pytest.fail.Exception)):
        guard(**{name: known[name] for name in inspect.signature(guard).parameters})


def test_an_option_that_the_class_forgot_is_asked_for_by_its_name(http: VendorHttp) -> None:
    class Forgetful(Example):
        samples: ClassVar[dict[str, Any]] = {"tags": ["Other"]}

    vendor = Forgetful()

    with pytest.raises(pytest.fail.Exception, match="`samples` has no value for the option mailbox"):
        vendor.test_an_option_has_an_effect(Scene(vendor, http), "mailbox")
