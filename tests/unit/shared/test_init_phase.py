"""The INIT phase: what it reads, and that it never fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.forms import Forms
from shared.init_phase import MOST_FORMS, in_init_phase, load_first
from shared.settings import Settings
from tests.support.form_texts import PULSE_AND_EMAIL


def write(folder: Path, count: int) -> Forms:
    for number in range(count):
        (folder / f"form-{number:04}.toml").write_text(PULSE_AND_EMAIL)
    return Forms(folder)


def test_a_thousand_forms_do_not_make_a_cold_start_long(tmp_path: Path) -> None:
    loaded = load_first(write(tmp_path, MOST_FORMS + 5))

    assert len(loaded) == MOST_FORMS


def test_a_broken_form_keeps_no_other_from_being_read(tmp_path: Path) -> None:
    forms = write(tmp_path, 2)
    (tmp_path / "broken.toml").write_text("title = ")

    assert [form.id for form in load_first(forms)] == ["form-0000", "form-0001"]


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_LAMBDA_INITIALIZATION_TYPE", raising=False)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "FORMS_DIR": str(tmp_path),
        "LEDGER_TABLE": "ledger",
        "RETRY_QUEUE_URL": "https://sqs.example.com/retry",
        "DEAD_LETTER_QUEUE_URL": "https://sqs.example.com/dead",
    }.items():
        monkeypatch.setenv(name, value)


def test_what_is_needed_is_prepared_from_the_settings(environment: None) -> None:
    prepared: list[Settings] = []

    in_init_phase(prepared.append)

    assert [settings.ledger_table for settings in prepared] == ["ledger"]


def test_without_credentials_nothing_is_looked_for_over_the_network(
    environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")

    in_init_phase(lambda _: pytest.fail("prepared"))


def test_snap_start_has_its_credentials_elsewhere(environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared: list[Settings] = []
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start")

    in_init_phase(prepared.append)

    assert len(prepared) == 1


def test_what_cannot_be_prepared_is_left_to_the_first_invocation(
    environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(settings: Settings) -> None:
        raise RuntimeError(settings.ledger_table)

    in_init_phase(fail)
    monkeypatch.delenv("LEDGER_TABLE")

    in_init_phase(lambda _: pytest.fail("prepared without the table's name"))
