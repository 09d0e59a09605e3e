"""The tables of the benchmark, as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from benchmarks.accuracy import score
from benchmarks.accuracy.labels import Label
from benchmarks.accuracy.programs import CALIBRATE, HELDOUT
from benchmarks.accuracy.readers import Said
from tblogreport.checks.base import all_checks

About = Mapping[str, Mapping[str, str]]
OURS = "tblogreport"


def render(labels: Mapping[str, Label], about: About, said: Mapping[str, dict[str, Said]]) -> str:
    """Return all tables for the halves that are there."""
    halves = [h for h in (CALIBRATE, HELDOUT) if any(a["half"] == h for a in _known(labels, about))]
    parts = [_corpus(labels, about, halves)]
    for half in halves:
        runs = [run for run in labels if about[run]["half"] == half]
        by_reader = {r: [(labels[run], of[run]) for run in runs] for r, of in said.items()}
        parts += [f"### {half}", _readers(by_reader)]
        if OURS in by_reader:
            parts += [_checks(by_reader[OURS]), _causes(by_reader[OURS])]
            parts.append(_mistakes(runs, labels, about, said[OURS]))
    return "\n\n".join(parts) + "\n"


def _known(labels: Mapping[str, Label], about: About) -> Iterable[Mapping[str, str]]:
    return (about[run] for run in labels)


def _corpus(labels: Mapping[str, Label], about: About, halves: list[str]) -> str:
    rows = []
    for half in halves:
        runs = [run for run in labels if about[run]["half"] == half]
        kinds = Counter((about[run]["kind"], labels[run].faulty) for run in runs)
        programs = {about[run]["program"] for run in runs if about[run]["kind"] == "trained"}
        rows.append(
            [half, len(programs), *(f"{kinds[k, False]} + {kinds[k, True]}"
             for k in ("trained", "special", "drawn")), len(runs)]
        )  # fmt: skip
    header = ["half", "programs", "trained: healthy + faulty", "of their own kind", "drawn", "runs"]
    return _table(header, rows)


def _readers(by_reader: Mapping[str, score.Judged]) -> str:
    rows = [
        [
            reader,
            score.false_alarms(judged),
            score.noticed(judged),
            score.cause_right(judged) if reader == OURS else "names none",
            sum(bool(said.failed) for _, said in judged),
        ]
        for reader, judged in by_reader.items()
    ]
    header = [
        "reader", "healthy runs with a false alarm", "faulty runs noticed",
        "true cause named first", "runs not read in full",
    ]  # fmt: skip
    return _table(header, rows)


def _checks(judged: score.Judged) -> str:
    rows = []
    for check in sorted({*score.labelled(judged), *all_checks()}):
        exists = check in all_checks()
        found = (score.recall(check, judged), score.precision(check, judged))
        alarms = score.false_alarms_of(check, judged)
        rows.append([f"`{check}`", *(found if exists else ("no check yet", "")), alarms])
        if not exists:
            rows[-1][-1] = f"{found[0].of} runs wait for it"
    return _table(["check", "recall", "precision", "false alarms on healthy runs"], rows)


def _causes(judged: score.Judged) -> str:
    names = sorted({label.causes for label, _ in judged if label.causes and label.faulty})
    rows = [
        [" or ".join(f"`{c}`" for c in causes), score.cause_right(of_cause), _instead(of_cause)]
        for causes in names
        for of_cause in [[(label, said) for label, said in judged if label.causes == causes]]
    ]
    return _table(["true cause", "named first", "what is named instead"], rows)


def _instead(judged: score.Judged) -> str:
    wrong = Counter(
        said.cause or "none"
        for label, said in judged
        if label.faulty and said.cause not in label.causes
    )
    return ", ".join(f"{cause} {count}×" for cause, count in wrong.most_common())


def _mistakes(
    runs: list[str], labels: Mapping[str, Label], about: About, said: dict[str, Said]
) -> str:
    lines = []
    for run in sorted(runs, key=lambda r: (about[r]["program"], about[r]["case"], r)):
        wrong = score.mistakes(labels[run], said[run])
        known = about[run]
        if wrong or said[run].failed:
            what = f"{known['program']}, {known['case']}"
            how = f", {known['manner']}" if known["manner"] else ""
            problems = [*wrong, *([said[run].failed] if said[run].failed else [])]
            lines.append(f"- `{known['half']}/{run}` ({what}{how}): {'; '.join(problems)}")
    title = f"<details><summary>{len(lines)} of {len(runs)} runs with something wrong</summary>"
    return "\n".join([title, "", *lines, "", "</details>"])


def _table(header: list[str], rows: Iterable[Iterable[object]]) -> str:
    lines = [header, ["---"] * len(header), *([str(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
