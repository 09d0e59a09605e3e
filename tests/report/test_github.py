from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from tblogreport.findings import Diagnosis, Finding, Severity
from tblogreport.report import ReportError, github, markdown

from . import factory

Command = tuple[str, str, str]


def unescaped(text: str, mapping: dict[str, str]) -> str:
    """The text as GitHub's runner reads it: one replacement after the other, the per cent last."""
    for escape, character in {**mapping, "%25": "%"}.items():
        text = text.replace(escape, character)
    return text


def commands(text: str) -> list[Command]:
    """Every line as the runner reads it: the command, its title, and its data."""
    breaks = {"%0D": "\r", "%0A": "\n"}
    found = []
    for line in text.removesuffix("\n").split("\n"):
        info, data = line.removeprefix("::").split("::", 1)
        name, properties = info.split(" ", 1)
        (title,) = [pair.split("=", 1)[1] for pair in properties.split(",")]
        title = unescaped(title, breaks | {"%3A": ":", "%2C": ","})
        found.append((name, title, unescaped(data, breaks)))
    return found


def annotations(diagnosis: Diagnosis) -> list[Command]:
    return commands(github.render(diagnosis))


def finding(severity: Severity, title: str) -> Finding:
    return Finding("overfitting", severity, 0.9, title, "Seen.", "", ("Change it.",))


def test_the_commands_of_a_failing_run(snapshot: SnapshotAssertion) -> None:
    assert github.render(factory.failing()) == snapshot


def test_a_finding_is_a_command_of_its_severity() -> None:
    run = replace(
        factory.healthy_run(),
        findings=tuple(finding(severity, severity.value) for severity in Severity),
    )
    assert [(name, title) for name, title, _ in annotations(factory.diagnosis(run))[1:]] == [
        ("error", "error"),
        ("warning", "warning"),
        ("notice", "info"),
    ]


def test_the_worst_of_all_runs_come_first_and_say_which_run_they_are_of() -> None:
    first, *found = annotations(factory.several())
    assert first == ("notice", "4 training runs", "1 failing · 1 suspect · 1 unknown · 1 healthy")
    assert [name for name, _, _ in found] == ["error", "error", "warning", "warning"]
    assert found[0][1] == "20260101-120000: dense_2 is dead"
    assert found[-1][1].startswith("épreuve n° 2/läufe: Validation loss")


def test_health_is_said_and_so_is_no_run_at_all() -> None:
    assert annotations(factory.healthy()) == [
        (
            "notice",
            "digits-mlp: healthy",
            "Nothing is wrong that these logs can show.\n"
            "no finding · 7 checks clean · 1 not checkable",
        )
    ]
    assert annotations(factory.nothing()) == [
        ("notice", "No training run", "There is no run to report on.")
    ]


@settings(deadline=None)
@given(st.text(st.sampled_from("%0A%3A:,;=#[]\r\n\x85\u2028\x1b a::error ::set-env"), min_size=1))
def test_no_text_starts_another_command_or_changes_its_own(text: str) -> None:
    hostile = replace(
        factory.failing_run(text),
        headline=text,
        findings=(replace(finding(Severity.ERROR, text), message=text, fixes=(text,)),),
    )
    content = github.render(factory.diagnosis(hostile, replace(hostile, name=f"{text}2")))
    assert len(content.splitlines()) == 3
    assert all(re.match("::(error|notice) title=[^:,]*::", line) for line in content.splitlines())
    assert all(len(title) <= 255 for _, title, _ in commands(content))


def test_what_looks_escaped_stays_as_it_is() -> None:
    title = "100 %, %0A::error::x: y"
    run = replace(factory.failing_run(), findings=(finding(Severity.ERROR, title),))
    assert annotations(factory.diagnosis(run))[1][1] == title


def test_hostile_names_are_text() -> None:
    content = github.render(factory.hostile())
    assert [name for name, _, _ in commands(content)] == ["notice", "error"]
    assert "\x1b" not in content


def test_the_summary_is_appended(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    github.add_to_step_summary(factory.failing(), path)
    report = markdown.render(factory.failing())
    assert path.read_text(encoding="utf-8") == report
    path.write_text("a line without an end", encoding="utf-8")
    github.add_to_step_summary(factory.failing(), path)
    assert path.read_text(encoding="utf-8") == f"a line without an end\n\n{report}"


def test_a_summary_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"Cannot write the step summary .*: Is a directory\.$"):
        github.add_to_step_summary(factory.failing(), tmp_path)
