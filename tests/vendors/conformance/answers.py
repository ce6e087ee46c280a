"""No answer is misread: failures inside 200, pages, redirects, and what each status means."""

from __future__ import annotations

from typing import Any

import pytest

from shared.errors import (
    CredentialsMissing,
    Forbidden,
    Misconfigured,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unauthorized,
    Unavailable,
    VendorError,
)
from tests.vendors.conformance.ability import Ability, needs
from tests.vendors.conformance.scene import Scene, texts
from tests.vendors.conformance.vendor import VendorUnderTest


class Answers(VendorUnderTest):
    """What the vendor's own server may answer, or a gateway on the way."""

    def test_a_failure_inside_a_200_is_no_success(self, scene: Scene, failure: Any) -> None:
        scene.breaks_a_write("status", status=200, body=failure)
        with pytest.raises(Refused, match="reports a failure"):
            scene.sign_up("Ada")
        assert (scene.record.contact_id, scene.record.unconfirmed) == (None, [])
        scene.sign_up("Ada")
        assert scene.first_names() == ["Ada"]

    def test_a_page_instead_of_json_proves_no_write(self, scene: Scene) -> None:
        scene.breaks_a_write("html", status=200)
        with pytest.raises(OutcomeUnknown):
            scene.sign_up("Ada")
        scene.wait()
        scene.sign_up("Ada")
        assert scene.first_names() == ["Ada"]

    @needs(Ability.READ)
    @pytest.mark.parametrize("status", [200, 403, 404])
    def test_a_page_instead_of_what_was_asked_for_writes_nothing(self, scene: Scene, status: int) -> None:
        scene.breaks_a_read("html", status=status)
        with pytest.raises(Unavailable):
            scene.sign_up()
        assert not scene.twin.writes()

    def test_a_firewalls_403_is_not_the_credentials(self, scene: Scene) -> None:
        scene.breaks_a_write("html", status=403)
        with pytest.raises(Unavailable):
            scene.sign_up()
        assert scene.record.unconfirmed == []

    @pytest.mark.parametrize(
        ("status", "error"),
        [(401, Unauthorized), (403, Forbidden), (405, Misconfigured), (415, Misconfigured), (429, RateLimited)],
    )
    def test_each_refusal_means_what_its_status_says(self, scene: Scene, status: int, error: type[VendorError]) -> None:
        scene.breaks_a_write("status", status=status, body={"message": "no"})
        with pytest.raises(error):
            scene.sign_up()
        assert (scene.first_names(), scene.record.unconfirmed) == ([], [])

    def test_the_wait_that_the_vendor_asks_for_is_kept(self, scene: Scene) -> None:
        scene.twin.fail("status", status=429, retry_after=20)
        with pytest.raises(RateLimited) as limited:
            scene.sign_up()
        assert limited.value.retry_after == 20

    @pytest.mark.parametrize(("target", "error"), [("/elsewhere", Misconfigured), ("/account/login", Unauthorized)])
    def test_a_redirect_is_never_followed(self, scene: Scene, target: str, error: type[VendorError]) -> None:
        scene.breaks_a_write("status", status=302, headers={"Location": target})
        with pytest.raises(error):
            scene.sign_up()
        assert target not in [entry.path for entry in scene.twin.requests]
        assert scene.record.unconfirmed == []

    def test_wrong_credentials_are_told_from_everything_else(self, scene: Scene) -> None:
        wrong = wrong_keys(scene.twin.connection())
        with pytest.raises((Unauthorized, Forbidden)) as refused:
            scene.sign_up(secret=wrong)
        assert "wrong-key" not in f"{refused.value!s}{refused.value!r}"
        assert scene.first_names() == []

    @needs(Ability.PROBE)
    def test_credentials_are_tried_without_writing(self, scene: Scene) -> None:
        secret = scene.twin.connection()
        scene.probe(secret)
        with pytest.raises((Unauthorized, Forbidden)):
            scene.probe(wrong_keys(secret))
        assert {entry.method for entry in scene.twin.requests} == {"GET"}

    def test_a_secret_without_its_keys_is_refused_by_name_only(self, scene: Scene) -> None:
        secret = scene.twin.connection()
        for kept in ({"base_url": secret["base_url"]}, {**secret, "base_url": None}):
            with pytest.raises(CredentialsMissing, match="under-test: ") as missing:
                scene.action(kept)
            assert not [text for text in texts(secret) if text in str(missing.value)]
            names = {name for name, field in self.spec.connection.model_fields.items() if field.is_required()}
            assert all(name in str(missing.value) for name in names if not kept.get(name))
        connection = self.spec.connection.of_secret("under-test", secret)
        assert not [text for text in texts(secret) if text in f"{connection!r}{connection!s}"]

    @pytest.mark.parametrize("status", [400, 401, 403, 422, 500])
    def test_neither_errors_nor_logs_show_the_person_or_a_key(
        self, scene: Scene, status: int, caplog: pytest.LogCaptureFixture
    ) -> None:
        secret = scene.twin.connection()
        hidden = texts(secret) - {secret["base_url"], secret.get("username")} | {scene.person, "Augusta"}
        scene.breaks_a_write("status", status=status, body={"message": f"{scene.person}, Augusta, {secret}"})
        with pytest.raises(VendorError) as error:
            scene.sign_up("Augusta")
        assert caplog.records
        shown = f"{error.value!s}{error.value!r}{[vars(record) for record in caplog.records]}"
        assert not [text for text in hidden if text in shown]


def wrong_keys(secret: dict[str, Any]) -> dict[str, Any]:
    """Return the secret with other credentials for the same place."""
    return {name: value if name == "base_url" else _wrong(value) for name, value in secret.items()}


def _wrong(value: Any) -> Any:
    return {name: _wrong(inner) for name, inner in value.items()} if isinstance(value, dict) else "wrong-key"
