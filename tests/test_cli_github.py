"""`tblogreport analyze --format github`, as a step of GitHub Actions runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import LOST, run
from tests.eventfiles import write_run

pytestmark = pytest.mark.usefixtures("elsewhere")


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """A failing run whose loss is called what would be a command of its own."""
    write_run(tmp_path / "run" / "train", {"\n::error::x loss": LOST})
    return tmp_path / "run"


def test_stdout_is_commands_alone(
    logs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    assert run("analyze", logs, "--format", "github", "--fail-on", "error") == 1
    verdict, error = capsys.readouterr().out.splitlines()
    assert verdict.startswith("::notice title=run%3A failing::")
    assert error.startswith("::error title=")
    assert "%0A::error::x" in error


@pytest.mark.parametrize("form", ["github", "markdown"])
def test_a_terminal_without_unicode_gets_what_it_can_hold(form: str, logs: Path) -> None:
    code = "import sys; from tblogreport.cli import main; sys.exit(main(sys.argv[1:]))"
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "GITHUB_STEP_SUMMARY": ""}
    command = (sys.executable, "-c", code, "analyze", str(logs), "--format", form)
    done = subprocess.run(command, capture_output=True, env=environment, check=False, timeout=60)
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert b"failing" in done.stdout


def test_the_report_is_added_to_the_summary_of_the_job(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert run("analyze", logs) == 0
    assert not summary.exists()
    assert run("analyze", logs, "--format", "github", "-o", "r.md") == 0
    assert summary.read_text(encoding="utf-8") == Path("r.md").read_text(encoding="utf-8")


def test_a_summary_that_cannot_be_written_is_told(
    logs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "no" / "such"))
    assert run("analyze", logs, "--format", "github") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("tblogreport: Cannot write the step summary ")
    assert err.count("\n") == 1
