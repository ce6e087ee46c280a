"""A test that needs the local stack finds uv without make."""

from __future__ import annotations

from pathlib import Path

from local.uv import find_uv


def test_uv_is_found_where_make_installed_it(tmp_path: Path) -> None:
    installed = tmp_path / "uv-1.0" / "bin" / "uv"
    installed.parent.mkdir(parents=True)
    installed.touch(mode=0o755)

    assert find_uv({"PATH": ""}, tmp_path) == str(installed)


def test_the_uv_that_make_names_comes_first(tmp_path: Path) -> None:
    assert find_uv({"UV": "/opt/uv", "PATH": ""}, tmp_path) == "/opt/uv"


def test_without_uv_there_is_none(tmp_path: Path) -> None:
    assert find_uv({"PATH": ""}, tmp_path) is None
