"""What is new against an earlier report, and what is said of the rest."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tblogreport.baseline import SCHEMA_VERSION, BaselineError, load_baseline
from tblogreport.findings import Diagnosis, RunDiagnosis, Severity, Verdict
from tblogreport.report import json as report_json
from tblogreport.report import write
from tests.commands import LOST, run
from tests.eventfiles import write_run
from tests.outputs import strict_json
from tests.report import factory


def new(before: Diagnosis, after: Diagnosis, tmp_path: Path) -> Diagnosis:
    """What is new in the second diagnosis, by way of the first one's JSON report."""
    write(before, tmp_path / "old.json")
    return load_baseline(tmp_path / "old.json").only_new(after)


def only(diagnosis: Diagnosis) -> RunDiagnosis:
    (found,) = diagnosis.runs
    return found


def without(run: RunDiagnosis, *checks: str) -> RunDiagnosis:
    return replace(run, findings=tuple(f for f in run.findings if f.check not in checks))


def test_the_schema_is_the_one_that_is_written() -> None:
    assert SCHEMA_VERSION == report_json.SCHEMA_VERSION


def test_what_is_known_is_left_out_and_that_is_said(tmp_path: Path) -> None:
    failing = factory.failing()
    found = only(new(failing, failing, tmp_path))
    assert (found.findings, found.causes) == ((), ())
    assert found.verdict is Verdict.FAILING
    assert found.checks == failing.runs[0].checks
    assert found.headline == (
        "Failing, as in the baseline: nothing new; 3 known findings are left out."
    )
    (note,) = found.notes[len(failing.runs[0].notes) :]
    assert note.kind == "baseline"
    old = tmp_path / "old.json"
    assert str(note) == f"3 findings are left out: the baseline `{old}` has the same."


def test_what_is_new_is_told_with_what_explains_it(tmp_path: Path) -> None:
    failing = factory.failing()
    before = factory.diagnosis(without(failing.runs[0], "oscillating-loss"))
    found = only(new(before, failing, tmp_path))
    assert [finding.check for finding in found.findings] == ["oscillating-loss"]
    assert [cause.cause for cause in found.causes] == ["learning-rate-too-high"]
    assert found.headline == (
        "The loss swings without settling: the learning rate (0.5) is too high for this model."
    )


def test_a_cause_goes_with_all_that_it_explains(tmp_path: Path) -> None:
    failing = factory.failing()
    before = factory.diagnosis(without(failing.runs[0], "overfitting"))
    found = only(new(before, failing, tmp_path))
    assert [finding.check for finding in found.findings] == ["overfitting"]
    assert found.causes == ()
    assert found.headline == "Validation loss has been rising since epoch 2."


def test_what_the_findings_stand_under_comes_first(tmp_path: Path) -> None:
    run = factory.failing_run()
    rate, other = run.causes[0], replace(run.causes[0], cause="data-not-shuffled")
    oscillating = replace(run.findings[1], explained_by=other.cause)
    after = replace(run, causes=(rate, other), findings=(run.findings[0], oscillating))
    before = factory.diagnosis(without(run, "oscillating-loss"))
    found = only(new(before, factory.diagnosis(after), tmp_path))
    assert found.causes == (other, rate)


def test_another_layer_is_new(tmp_path: Path) -> None:
    run = factory.failing_run()
    dead = run.findings[0]
    after = replace(run, findings=(*run.findings, replace(dead, layer="dense_3")))
    found = only(new(factory.failing(), factory.diagnosis(after), tmp_path))
    assert [finding.layer for finding in found.findings] == ["dense_3"]


@pytest.mark.parametrize(
    ("before", "after", "is_new"),
    [
        (Severity.WARNING, Severity.ERROR, True),
        (Severity.INFO, Severity.WARNING, True),
        (Severity.WARNING, Severity.WARNING, False),
        (Severity.ERROR, Severity.WARNING, False),
    ],
)
def test_what_got_worse_is_new(
    before: Severity, after: Severity, is_new: bool, tmp_path: Path
) -> None:
    run = factory.suspect_run()

    def diagnosis(severity: Severity) -> Diagnosis:
        findings = (replace(run.findings[0], severity=severity),)
        return factory.diagnosis(replace(run, findings=findings))

    found = only(new(diagnosis(before), diagnosis(after), tmp_path))
    assert bool(found.findings) is is_new


def test_of_several_known_ones_the_worst_counts(tmp_path: Path) -> None:
    run = factory.suspect_run()
    mild = replace(run.findings[0], severity=Severity.INFO)
    before = factory.diagnosis(replace(run, findings=(mild, run.findings[0], mild)))
    assert only(new(before, factory.diagnosis(run), tmp_path)).findings == ()


def test_a_verdict_that_changed_is_told(tmp_path: Path) -> None:
    run = factory.suspect_run()
    worse = replace(run.findings[0], severity=Severity.ERROR)
    before = replace(run, verdict=Verdict.FAILING, findings=(worse,))
    found = only(new(factory.diagnosis(before), factory.diagnosis(run), tmp_path))
    assert found.headline == (
        "Suspect, failing in the baseline: nothing new; 1 known finding is left out."
    )


def test_new_notes_do_not_make_the_headline(tmp_path: Path) -> None:
    run = factory.suspect_run()
    note = replace(run.findings[0], check="damaged-log", severity=Severity.INFO)
    after = factory.diagnosis(replace(run, findings=(*run.findings, note)))
    found = only(new(factory.diagnosis(run), after, tmp_path))
    assert found.findings == (note,)
    assert found.headline.startswith("Suspect, as in the baseline: nothing new but notes; 1 ")


def test_a_single_run_is_known_by_any_name_and_several_by_theirs(tmp_path: Path) -> None:
    failing, other = factory.failing_run("monday"), factory.failing_run("tuesday")
    one, renamed = factory.diagnosis(failing), factory.diagnosis(other)
    assert only(new(one, renamed, tmp_path)).findings == ()
    both = new(one, factory.diagnosis(failing, other), tmp_path)
    assert [len(run.findings) for run in both.runs] == [0, 3]
    assert both.runs[1] is other
    assert only(new(factory.diagnosis(failing, other), one, tmp_path)).findings == ()


def test_a_run_in_which_nothing_is_known_stays_as_it_is(tmp_path: Path) -> None:
    failing = factory.failing()
    assert only(new(factory.healthy(), failing, tmp_path)) is failing.runs[0]


def test_every_report_says_that_nothing_is_new(tmp_path: Path) -> None:
    write(new(factory.failing(), factory.failing(), tmp_path), tmp_path / "new.md")
    text = (tmp_path / "new.md").read_text(encoding="utf-8")
    assert "✗ 20260101-120000: failing" in text
    assert "3 findings are left out: the baseline" in text
    assert "no new finding · 3 checks clean" in text


def changed(**values: Any) -> bytes:
    return json.dumps(json.loads(report_json.render(factory.failing())) | values).encode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not valid JSON"),
        (b"\xff\x00", "is not valid JSON"),
        (b"[" * 100_000, "is not valid JSON"),
        (b"[]", "is no JSON report of tblogreport"),
        (b"null", "is no JSON report of tblogreport"),
        (b'{"schema_version": 1, "runs": []}', "is no JSON report of tblogreport"),
        (changed(tool={"name": "other"}), "is no JSON report of tblogreport"),
        (changed(runs=None), "is no JSON report of tblogreport"),
        (changed(runs=[{"name": []}]), "is no JSON report of tblogreport"),
        (changed(schema_version=2), "has schema_version 2, and 1 is needed"),
        (changed(schema_version="\x1b"), r"has schema_version '\x1b', and 1 is needed"),
    ],
)
def test_what_is_no_baseline_is_one_sentence(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "old.json").write_bytes(content)
    with pytest.raises(BaselineError) as raised:
        load_baseline(tmp_path / "old.json")
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match=r"cannot read the baseline .*: No such file"):
        load_baseline(tmp_path / "missing.json")
    with pytest.raises(BaselineError, match=r"cannot read the baseline .*: Is a directory"):
        load_baseline(tmp_path)


def test_only_what_is_new_fails_the_command(
    tmp_path: Path, elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs = write_run(tmp_path / "logs" / "train", {"epoch_loss": LOST}).parent
    fail = ("--fail-on", "error")
    assert run("analyze", logs, "-o", "old.json", *fail) == 1
    assert run("analyze", logs, "-o", "new.json", *fail, "--baseline", "old.json") == 0
    assert "Failing, as in the baseline: nothing new" in capsys.readouterr().out
    found = strict_json((elsewhere / "new.json").read_text(encoding="utf-8"))
    assert found["verdict"] == "failing"
    assert found["command"].endswith("--baseline old.json")
    (only_run,) = found["runs"]
    assert only_run["findings"] == []
    assert {"check": "nan-or-inf", "status": "fired", "reason": None} in only_run["checks"]


def test_a_baseline_that_cannot_be_used_is_told_before_anything_is_read(
    tmp_path: Path, elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("analyze", tmp_path / "no logs", "--baseline", "missing.json") == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "cannot read the baseline missing.json" in err
    assert [path.name for path in elsewhere.iterdir()] == ["tblogreport.toml"]
