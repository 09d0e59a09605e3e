"""`tblogreport compare` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands import FALL, LOST, run
from tests.eventfiles import write_run
from tests.outputs import strict_json

pytestmark = pytest.mark.usefixtures("elsewhere")


@pytest.fixture
def good(tmp_path: Path) -> Path:
    write_run(tmp_path / "good" / "train", {"epoch_loss": FALL})
    return tmp_path / "good"


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    write_run(tmp_path / "bad" / "train", {"epoch_loss": LOST})
    return tmp_path / "bad"


def test_a_summary_is_printed_and_the_default_report_written(
    good: Path, bad: Path, elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("compare", bad, good) == 0
    assert "failing → ✓ healthy" in capsys.readouterr().out
    assert [path.name for path in elsewhere.glob("*.html")] == ["tblogreport-compare.html"]


def test_outputs_repeat_and_the_command_in_them_can_be_typed_again(
    good: Path, bad: Path, elsewhere: Path
) -> None:
    outputs = [elsewhere / f"c{suffix}" for suffix in (".html", ".pdf", ".md", ".json")]
    words = [word for output in outputs for word in ("-o", output.name)]
    assert run("compare", bad, good, *words, "--ignore", "overfitting") == 0
    assert all(output.stat().st_size for output in outputs)
    command = strict_json(outputs[-1].read_text())["command"]
    assert command.split()[:4] == ["tblogreport", "compare", str(bad), str(good)]
    assert command.endswith("--ignore overfitting")


def test_a_regression_fails_the_command_only_where_that_is_asked_for(good: Path, bad: Path) -> None:
    assert run("compare", good, bad) == 0
    assert run("compare", good, bad, "--fail-on-regression") == 1
    assert run("compare", bad, good, "--fail-on-regression") == 0
    assert run("compare", good, good, "--fail-on-regression") == 0


def test_json_and_markdown_go_to_stdout_alone(
    good: Path, bad: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("compare", good, bad, "--format", "json")
    assert strict_json(capsys.readouterr().out)["regressed"] is True
    run("compare", good, bad, "--format", "markdown")
    assert capsys.readouterr().out.startswith("# good → bad: ")


@pytest.mark.parametrize("output", ["report.csv", "nowhere/report.html"])
def test_a_report_that_cannot_be_written_is_told_before_anything_is_read(
    output: str, good: Path, bad: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("compare", good, bad, "-o", output) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_side_without_a_run_is_told(
    good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("compare", good, tmp_path / "missing") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "missing" in err


def test_runs_of_other_names_are_not_compared_and_do_not_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for side, names in (("old", "ab"), ("new", "cd")):
        for name in names:
            write_run(tmp_path / side / name, {"loss": FALL})
    assert run("compare", tmp_path / "old", tmp_path / "new") == 0
    assert "no two runs to compare" in capsys.readouterr().out
    assert run("compare", tmp_path / "old", tmp_path / "new", "--fail-on-regression") == 2
    assert "nothing was compared" in capsys.readouterr().err
