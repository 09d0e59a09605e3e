"""The command in a process of its own: what it imports, and how it ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import tblogreport
from tests.commands import FALL
from tests.eventfiles import write_run
from tests.processes import python


@pytest.fixture
def logs(elsewhere: Path) -> Path:
    """A log directory beside the working directory."""
    directory = elsewhere.parent / "logs"
    write_run(directory / "train", {"epoch_loss": FALL})
    return directory


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["analyze", "--help"]])
def test_help_and_version_import_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\n"
        "from tblogreport.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as end: assert end.code == 0, end.code\n"
        "heavy = 'numpy pandas scipy tensorboard tensorflow matplotlib jinja2 typst rich'.split()\n"
        "print(*(set(heavy) & set(sys.modules)), file=sys.stderr, end='')"
    )
    done = python("-c", code, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    expected = f"tblogreport {tblogreport.__version__}\n"
    assert done.stdout == expected if "--version" in arguments else "usage:" in done.stdout


def test_an_analysis_imports_no_training_framework(logs: Path) -> None:
    code = (
        "import sys\n"
        "from tblogreport.cli import main\n"
        "assert main(sys.argv[1:]) == 0\n"
        "print(*({'tensorflow', 'keras', 'torch'} & set(sys.modules)), file=sys.stderr, end='')"
    )
    arguments = ("analyze", str(logs), "-o", "r.html", "-o", "r.pdf")
    done = python("-c", code, *arguments)
    assert done.returncode == 0
    assert done.stderr == "Report written to r.html\nReport written to r.pdf\n"


def test_a_reader_that_goes_away_is_no_crash(logs: Path) -> None:
    command = f"{sys.executable} -m tblogreport analyze {logs} --format json -o r.json | true"
    arguments = ("bash", "-o", "pipefail", "-c", command)
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
