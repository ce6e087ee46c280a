"""Copies of the forms, at home on the stack's own page."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from local.form_files import FormFiles

_HERE = ("http://127.0.0.1:8000", "http://localhost:8000")


@pytest.fixture
def originals(tmp_path: Path) -> Path:
    (tmp_path / "copies").mkdir()
    (tmp_path / "forms").mkdir()
    return tmp_path / "forms"


@pytest.fixture
def files(originals: Path, tmp_path: Path) -> FormFiles:
    return FormFiles(originals, tmp_path / "copies", _HERE)


def _copied(originals: Path, form_id: str) -> dict[str, Any]:
    return tomllib.loads((originals.parent / "copies" / f"{form_id}.toml").read_text())


def test_a_copy_allows_the_stacks_page_and_leads_back_to_it(originals: Path, files: FormFiles) -> None:
    (originals / "a.toml").write_text(
        'title = "A"\nallowed_origins = ["https://www.example.com"]\n'
        '[redirect]\nsuccess = "https://www.example.com/thanks"\n[fields.email]\ntype = "email"\n'
    )

    files.refresh()

    copy = _copied(originals, "a")
    assert copy["allowed_origins"] == ["https://www.example.com", *_HERE]
    assert copy["redirect"] == {"success": "http://127.0.0.1:8000/thanks/a"}
    assert copy["title"] == "A"
    assert copy["fields"] == {"email": {"type": "email"}}


@pytest.mark.parametrize("text", ['allowed_origins = ["*"]', '[signature]\nscheme = "hmac-sha256"'])
def test_a_form_that_needs_no_origin_is_copied_as_it_is(originals: Path, files: FormFiles, text: str) -> None:
    (originals / "a.toml").write_text(text)

    files.refresh()

    assert _copied(originals, "a") == tomllib.loads(text)


def test_a_file_that_is_not_toml_is_copied_for_the_relay_to_refuse(originals: Path, files: FormFiles) -> None:
    (originals / "broken.toml").write_text("title =")

    files.refresh()

    assert (originals.parent / "copies" / "broken.toml").read_text() == "title ="
    assert [(form.id, form.destinations) for form in files.forms] == [("broken", [])]


def test_changes_and_removals_are_taken_up(originals: Path, files: FormFiles) -> None:
    (originals / "a.toml").write_text('title = "A"')
    (originals / "b.toml").write_text('title = "B"')
    assert files.refresh()
    assert not files.refresh()

    (originals / "a.toml").unlink()
    (originals / "b.toml").write_text('title = "New"')

    assert files.refresh()
    assert [(form.id, form.definition["title"]) for form in files.forms] == [("b", "New")]
    assert not (originals.parent / "copies" / "a.toml").exists()
