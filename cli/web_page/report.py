"""What was found about a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Finding = dict[str, str]
"""`form`, empty where it is about the page; `key`, what it is about; and `reason`."""
SnippetState = Literal["current", "outdated", "none"]


@dataclass(slots=True)
class PageReport:
    """Findings about one page.

    Attributes:
        page: its address, after redirects.
        forms: the ids of the forms that were found on it.
        snippet: the script `signup-relay.js` on the page: as the relay serves it, another version, or not there.
        snippet_version: the version on the page, as in the names of `/assets`; None where there is none.
        problems: why a sign-up would fail, or would be wrong.
        warnings: what is probably a mistake.
    """

    page: str
    forms: list[str] = field(default_factory=list)
    snippet: SnippetState = "none"
    snippet_version: str | None = None
    problems: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Findings:
    """Adds to a report what is said of one form, or of the page where `form` is empty."""

    report: PageReport
    form: str = ""

    def problem(self, key: str, reason: str) -> None:
        """Add why a sign-up would fail."""
        self.report.problems.append({"form": self.form, "key": key, "reason": reason})

    def warning(self, key: str, reason: str) -> None:
        """Add what is probably a mistake."""
        self.report.warnings.append({"form": self.form, "key": key, "reason": reason})

    def problems(self, found: Iterable[tuple[str, str]]) -> None:
        """Add several."""
        for key, reason in found:
            self.problem(key, reason)
