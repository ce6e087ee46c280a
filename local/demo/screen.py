"""What the demo prints: chapters, progress, and the books as tables."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from local.trial.books import ENDS, Books
from local.trial.promises import EVENTS, PROMISES
from local.twins.server import Twin


class Screen:
    """The terminal; where there is none, plain lines."""

    def __init__(self, console: Console) -> None:
        """Print nothing yet."""
        self._console = console
        self._chapters = 0

    def chapter(self, title: str, text: str) -> None:
        """Begin a chapter."""
        self._chapters += 1
        self._print(f"\n[bold]{self._chapters}. {title}[/bold]\n   [dim]{text}[/dim]")

    def say(self, text: str) -> None:
        """Tell what came of it."""
        self._print(f"   {text}")

    @contextmanager
    def bar(self, words: str, total: int) -> Generator[Callable[[int], None]]:
        """Show a bar for as long as the block lasts; yield what sets how much is done."""
        columns = (TextColumn("   {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(
            *columns, console=self._console, transient=True, disable=not self._console.is_terminal
        ) as progress:
            task = progress.add_task(words, total=total)
            yield lambda done: progress.update(task, completed=done)

    def show_books(self, books: Books, twins: Mapping[str, Twin], seconds: float) -> None:
        """Print what became of everything, and whether every promise was kept."""
        self._print("\n[bold]The books[/bold]")
        self._console.print(_deliveries(books))
        self._console.print(_vendors(twins))
        self._console.print(_promises(books))
        words = "[green]Every promise was kept[/green]" if books.balanced else "[red]A promise was broken[/red]"
        self._print(f"{words}: {books.sign_ups} sign-ups, {books.accepted} deliveries, {seconds:.0f} s.")
        for kind, where in books.broken.items():
            for each in where[:10]:
                self._print(f"   [red]{kind}[/red]: {each}")

    def _print(self, text: str) -> None:
        self._console.print(text, highlight=False, soft_wrap=not self._console.is_terminal)


def _table(title: str, headings: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for heading in headings:
        table.add_column(heading, justify="left" if heading == headings[0] else "right")
    return table


def _deliveries(books: Books) -> Table:
    table = _table("What became of the deliveries", ["accepted", *ENDS, "waiting"])
    table.add_row(*map(str, (books.accepted, *(books.ends[end] for end in ENDS), books.waiting)))
    return table


def _vendors(twins: Mapping[str, Twin]) -> Table:
    table = _table("What the vendors hold", ["vendor", "contacts", "events", "requests", "writes", "faults met"])
    for twin in twins.values():
        faults = sum(bool(each.fault) for each in list(twin.requests))
        numbers = (len(twin.contacts()), len(twin.events), len(twin.requests), len(twin.writes()), faults)
        table.add_row(twin.title, *map(str, numbers))
    return table


def _promises(books: Books) -> Table:
    table = _table("What was promised", ["promise", "kept", "broken"])
    for kind, promise in {**PROMISES, "events": EVENTS}.items():
        broken = len(books.broken[kind])
        table.add_row(promise, "[red]no[/red]" if broken else "[green]yes[/green]", str(broken))
    return table
