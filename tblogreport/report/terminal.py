"""The summary on the terminal: the first screen of the report, in text."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tblogreport.findings import Comparison, Diagnosis
from tblogreport.report import words
from tblogreport.report.comparison_view import PairView, build_comparison
from tblogreport.report.finding_view import FindingView
from tblogreport.report.text import Prose
from tblogreport.report.view import ReportView, RunView, build
from tblogreport.report.words import Shape

_STYLES = {
    "error": "bold red",
    "warning": "bold yellow",
    "info": "bold blue",
    "clean": "bold green",
    "unknown": "bold",
}
_MOST_WIDTH = 100
_PLAIN_WIDTH = 88
_MOST_RUNS = 3
# Of more rows than a screen or two hold, the worst are listed.
_MANY_ROWS, _WORST_ROWS = 50, 20
# For terminals whose encoding has none of these.
_ASCII = str.maketrans(
    {"✗": "x", "▲": "!", "•": "*", "✓": "+", "–": "-", "−": "-", "×": "x", "…": "...", "·": "|"}
    | dict.fromkeys("\u202f\u2009\u00a0", " ")
    | dict.fromkeys("’‘", "'")
    | dict.fromkeys("“”", '"')
    | dict.fromkeys("─━", "-")
)


def print_summary(diagnosis: Diagnosis, file: TextIO) -> None:
    """Write the summary to `file`; in colour on a terminal only, within its width.

    Names from the log are text: they carry neither markup nor control characters.
    """
    view = build(diagnosis)
    with _writing(file) as console:
        if view.rows:
            _print_overview(console, view)
        told = [run for run in view.runs if len(view.runs) == 1 or run.has_findings]
        for run in told[:_MOST_RUNS]:
            _print_run(console, run)
        if len(told) > _MOST_RUNS:
            more = words.count(len(told) - _MOST_RUNS, "more run")
            console.print(Text(f"\nFindings in {more}: the report shows them all."))
        if not view.runs:
            console.print("There is no run to report on.")
        for note in view.notes:
            console.print(_prose(note))


@contextmanager
def _writing(file: TextIO) -> Iterator[Console]:
    """A console of its own, whose text goes to the file as that can hold it."""
    interactive = file.isatty()
    buffer = io.StringIO()
    yield Console(
        file=buffer,
        force_terminal=interactive,
        width=min(Console(file=file).width, _MOST_WIDTH) if interactive else _PLAIN_WIDTH,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    text = "\n".join(line.rstrip() for line in buffer.getvalue().split("\n"))
    file.write(encodable(text, file.encoding))


def print_comparison(comparison: Comparison, file: TextIO) -> None:
    """Write what changed to `file`, as `print_summary` does."""
    view = build_comparison(comparison)
    with _writing(file) as console:
        for pair in view.pairs:
            _print_pair(console, pair)
        if not view.pairs:
            console.print("There are no two runs to compare.")
        for sentence in (*view.alone, *view.notes):
            console.print(_prose(sentence))


def _print_pair(console: Console, pair: PairView) -> None:
    states = Text(" → ").join([_state(pair.before_verdict), _state(pair.after_verdict)])
    console.print(Text.assemble(states, "  ", (pair.after.shown, "bold")))
    console.print(_prose(pair.headline, "bold"))
    for sentence in (*pair.regressions, pair.pace):
        if sentence:
            console.print(_prose(sentence))
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    for item in pair.findings:
        table.add_row(_state(item.change), Text(item.title))
    if pair.findings:
        console.print(Padding(table, (1, 0, 1, 2)))


def encodable(text: str, encoding: str | None) -> str:
    """The text as this file's encoding can hold it."""
    encoding = encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        plain = text.translate(_ASCII)
        return plain.encode(encoding, errors="backslashreplace").decode(encoding)
    return text


def _state(shape: Shape) -> Text:
    return Text(f"{shape.mark} {shape.word}", style=_STYLES[shape.key])


def _prose(spans: Prose, style: str = "") -> Text:
    text = Text(style=style)
    for span in spans:
        text.append(span.text, style="cyan" if span.code else "")
    return text


def _print_overview(console: Console, view: ReportView) -> None:
    console.print(Text(f"{view.title}: {view.tally}", style="bold"))
    for sentence in view.shared:
        console.print(_prose(sentence))
    if view.compared:
        console.print(_prose(view.compared))
    shown = view.rows if len(view.rows) <= _MANY_ROWS else view.rows[:_WORST_ROWS]
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for heading in ("Run", "Verdict", "Cause", view.best_heading, "Steps", "Duration"):
        table.add_column(heading, overflow="fold")
    for row in shown:
        table.add_row(
            Text(row.name.shown),
            _state(row.verdict),
            Text(row.cause),
            Text(row.best),
            Text(row.steps),
            Text(row.duration),
        )
    console.print(table)
    if left := len(view.rows) - len(shown):
        console.print(Text(f"… and {words.count(left, 'run')} more.", style="dim"))


def _print_run(console: Console, run: RunView) -> None:
    console.print()
    console.print(Text.assemble(_state(run.verdict), "  ", (run.name.shown, "bold")))
    console.print(_prose(run.headline, "bold"))
    console.print()
    answers = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    answers.add_column(style="dim", no_wrap=True)
    answers.add_column(overflow="fold")
    for term, text in (
        ("Do first", _prose(run.do_first, "bold")),
        ("Why we say so", _prose(run.because)),
        ("Length", Text(run.length)),
        (run.best_term, Text(run.best)),
        ("Wasted", Text(run.wasted)),
    ):
        if text.plain:
            answers.add_row(term, text)
    console.print(answers)
    if run.has_findings:
        console.print()
        _print_findings(console, run)
    console.print()
    console.print(Text(" · ".join(count.text for count in run.counts), style="dim"))


def _print_findings(console: Console, run: RunView) -> None:
    for cause in run.causes:
        console.print(Text.assemble("Cause: ", (cause.name, "bold"), f" ({cause.sure})"))
        _print_rows(console, cause.findings)
    if run.causes and run.findings:
        console.print("Besides")
    _print_rows(console, run.findings)


def _print_rows(console: Console, findings: tuple[FindingView, ...]) -> None:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    table.add_column(style="dim", overflow="fold")
    for finding in findings:
        where = " · ".join(filter(None, [finding.sure, finding.where]))
        table.add_row(_state(finding.severity), Text(finding.title), Text(where))
    if findings:
        console.print(Padding(table, (0, 0, 0, 2)))
