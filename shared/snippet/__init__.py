"""The snippet as websites load it: its text, and the addresses it is served under."""

from __future__ import annotations

from shared.snippet.snippet import PATH, Snippet, current_snippet, snippet_at

__all__ = ["PATH", "Snippet", "current_snippet", "snippet_at"]
