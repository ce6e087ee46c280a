"""`python -m tests.browser.readme_picture`: take the picture of the timeline for the README again."""

from __future__ import annotations

import logging
import os
import struct
import tempfile
import zlib
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from local.__main__ import DEMO_VARIABLES
from local.lambdas.execution import ROOT
from local.stack import Stack, StackOptions
from tests.browser.tab import ARGUMENTS, PATIENCE

PICTURE = ROOT / "docs" / "images" / "timeline.png"
WIDTH, HEIGHT, SCALE = 1120, 1120, 0.8


def main() -> None:
    """Play a short story on a stack of its own, and take the picture."""
    logging.getLogger("local").setLevel(logging.CRITICAL)
    with (
        tempfile.TemporaryFile() as log,
        Stack(StackOptions(variables=DEMO_VARIABLES, log=log)) as stack,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or "/usr/bin/chromium", args=ARGUMENTS
        )
        page = browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=SCALE, color_scheme="light"
        )
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        page.goto(f"{stack.url}/timeline")
        _play(page)
        take(page, PICTURE)
        browser.close()
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size // 1000} KB")  # noqa: T201


def _play(page: Page) -> None:
    # A failure inside a 200: parked.
    _press(page, "pulse-failure-in-200", opening="pulse-faults")
    _sign_up(page, "newsletter", "parked: the vendor refused it")
    # An outage that is over: queued, then delivered.
    _press(page, "esputnik-stop")
    _sign_up(page, "newsletter", "queued: the vendor cannot be reached")
    _press(page, "esputnik-start")
    expect(page.locator(".deliveries .state.wait")).to_have_count(0)
    # A wrong key: held.
    _press(page, "whautomate-wrong-key")
    _sign_up(page, "congress", "held: the key does not work")


def _press(page: Page, button: str, opening: str = "") -> None:
    if opening:
        page.locator(f"#{opening} summary").click()
    page.locator(f"#{button}").click()


def _sign_up(page: Page, form: str, told: str) -> None:
    page.get_by_label("Form").select_option(form)
    page.locator("#try-once").click()
    expect(page.get_by_role("article").first).to_contain_text(told)


def take(page: Page, path: Path) -> None:
    """Take the picture of the top of the page."""
    page.goto(page.url.partition("#")[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed(page.screenshot()))


def packed(png: bytes) -> bytes:
    """Return a picture with its pixels compressed as far as zlib can: browsers do it in a hurry."""
    head, position, chunks, pixels = png[:8], 8, [], b""
    while position < len(png):
        (length,) = struct.unpack_from(">I", png, position)
        kind, data = png[position + 4 : position + 8], png[position + 8 : position + 8 + length]
        position += length + 12
        if kind == b"IDAT":
            pixels += data
        else:
            chunks.append((kind, data))
    chunks.insert(-1, (b"IDAT", zlib.compress(zlib.decompress(pixels), 9)))
    return head + b"".join(map(_chunk, chunks))


def _chunk(kind_and_data: tuple[bytes, bytes]) -> bytes:
    kind, data = kind_and_data
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


if __name__ == "__main__":
    main()
