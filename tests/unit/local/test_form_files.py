"""Copies of the form files that accept sign-ups from the stack's own page."""

import re
import tomllib
from html import escape
from pathlib import Path
from typing import Any

import pytest

from local.form_files import FormFiles
from local.pages.forms import forms_page

_REST = """
[fields.email]
type = "email"
required = true

[[destinations]]
name = "pulse-us"
vendor = "pulse"
action = "upsert"
options = { source = 7 }
"""
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


def test_a_copy_allows_the_stacks_page_and_redirects_back_to_it(originals: Path, files: FormFiles) -> None:
    (originals / "a.toml").write_text(
        'title = "A"\nallowed_origins = ["https://www.example.com"]\n'
        '[redirect]\nsuccess = "https://www.example.com/thanks"\n' + _REST
    )

    files.refresh()

    copy = _copied(originals, "a")
    assert copy["allowed_origins"] == ["https://www.example.com", *_HERE]
    assert copy["redirect"] == {"success": "http://127.0.0.1:8000/thanks/a"}
    assert copy["title"] == "A"
    assert copy["fields"] == {"email": {"type": "email", "required": True}}


@pytest.mark.parametrize("text", ['allowed_origins = ["*"]', '[signature]\nscheme = "hmac-sha256"\nsecret = "tally"'])
def test_a_form_that_needs_no_origin_is_copied_unchanged(originals: Path, files: FormFiles, text: str) -> None:
    whole = f'title = "A"\n{text}\n{_REST}'
    (originals / "a.toml").write_text(whole)

    files.refresh()

    assert _copied(originals, "a") == tomllib.loads(whole)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('title = "A"\ncolour\n', "line 2"),
        ('title = "A"\ndedupe_second = 300\nallowed_origins = ["*"]\n' + _REST, "dedupe_second"),
    ],
)
def test_a_broken_file_is_copied_for_the_relay_to_refuse_and_shows_its_problems(
    originals: Path, files: FormFiles, text: str, problem: str
) -> None:
    (originals / "broken.toml").write_text(text)

    files.refresh()

    assert (originals.parent / "copies" / "broken.toml").read_text() == text
    (file,) = files.files
    assert file.form is None
    assert problem in " ".join(file.problems)


def test_changes_and_removals_are_taken_up(originals: Path, files: FormFiles) -> None:
    head = 'allowed_origins = ["*"]\n'
    (originals / "a.toml").write_text(f'title = "A"\n{head}{_REST}')
    (originals / "b.toml").write_text(f'title = "B"\n{head}{_REST}')
    assert files.refresh()
    assert not files.refresh()

    (originals / "a.toml").unlink()
    (originals / "b.toml").write_text(f'title = "New"\n{head}{_REST}')

    assert files.refresh()
    assert [(form.id, form.title) for form in files.forms] == [("b", "New")]
    assert not (originals.parent / "copies" / "a.toml").exists()


def test_an_editors_dangling_link_is_no_form(originals: Path, files: FormFiles) -> None:
    (originals / ".#a.toml").symlink_to("nowhere")

    files.refresh()

    assert files.files == []


_HALF_WRITTEN = [
    "destinations = 5",
    'fields = "x"',
    "spam = 5",
    'signature = "x"',
    'redirect = "x"',
    "allowed_origins = 5",
    '[fields.size]\ntype = "choice"\noptions = 5',
    '[fields.email]\nsource = 5\ntype = "email"',
    "fields = { email = 5 }",
    "title = 5",
    "title = \xff",
]


def test_half_written_forms_show_their_problems_and_leave_the_others_alone(originals: Path, files: FormFiles) -> None:
    (originals / "fine.toml").write_text(f'title = "Fine"\nallowed_origins = ["*"]\n{_REST}')
    for number, text in enumerate(_HALF_WRITTEN):
        (originals / f"half-{number}.toml").write_bytes(text.encode("latin-1"))
    files.refresh()

    page = forms_page("http://127.0.0.1:8000", files.files).body.decode()

    assert re.findall(r'action="/forms/([\w-]+)"', page) == ["fine"]
    assert page.count("so the form answers 503") == len(_HALF_WRITTEN)
    for file in files.files:
        assert file.id == "fine" or file.problems
        assert all(escape(problem) in page for problem in file.problems)


def test_a_field_of_several_choices_is_a_group_of_tick_boxes(originals: Path, files: FormFiles) -> None:
    interests = '[fields.interests]\ntype = "choices"\noptions = ["cardiology", "oncology"]\n'
    (originals / "a.toml").write_text(f'title = "A"\nallowed_origins = ["*"]\n{interests}{_REST}')
    files.refresh()

    page = forms_page("http://127.0.0.1:8000", files.files).body.decode()

    assert '<legend>Interests<span class="hint"> (optional)</span></legend>' in page
    assert page.count('<input type="checkbox" name="interests" value="oncology">') == 1
    assert escape('"interests": "cardiology"') in page, "the curl command sends one"
