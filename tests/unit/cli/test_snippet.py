from __future__ import annotations

import json

import pytest

from cli.main import main
from shared.snippet import current_snippet

SOURCE = f"https://relay.example.com{current_snippet().path}"


@pytest.mark.parametrize("url", ["", "/", "/forms/newsletter"])
def test_the_tag_for_a_relay_or_one_of_its_forms_pins_this_version(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["snippet", f"https://relay.example.com{url}"]) == 0

    assert capsys.readouterr().out == (
        f'<script src="{SOURCE}" integrity="{current_snippet().integrity}" crossorigin="anonymous" defer></script>\n'
    )


def test_a_relay_below_a_path_keeps_it(capsys: pytest.CaptureFixture[str]) -> None:
    main(["snippet", "https://www.example.com/relay/forms/newsletter", "--json"])

    said = json.loads(capsys.readouterr().out)
    assert said["src"] == f"https://www.example.com/relay{current_snippet().path}"
    assert said["integrity"] == current_snippet().integrity
    assert said["src"] in said["tag"]


@pytest.mark.parametrize("url", ["relay.example.com", "ftp://relay.example.com", "https://", "https://a.example?b"])
def test_what_is_no_address_of_a_relay_is_refused(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["snippet", url]) == 2
    assert "must be the relay's address" in capsys.readouterr().err


def test_nothing_breaks_out_of_the_tag(capsys: pytest.CaptureFixture[str]) -> None:
    main(["snippet", 'https://relay.example.com/"><b>'])

    assert "<b>" not in capsys.readouterr().out
