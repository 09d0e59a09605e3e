"""`%load_ext tblogreport` and `%tblogreport`, in the shell that notebooks run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from tblogreport import Diagnosis
from tests.commands import LOST
from tests.eventfiles import write_run
from tests.processes import python

pytestmark = pytest.mark.usefixtures("elsewhere")


@pytest.fixture
def logs(elsewhere: Path) -> Path:
    """A failing run in a directory whose name has a space."""
    write_run(elsewhere / "my logs" / "train", {"epoch_loss": LOST})
    return elsewhere / "my logs"


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def cell(shell: InteractiveShell, line: str) -> object:
    """What the cell returns, after the extension was loaded."""
    shell.run_cell("%load_ext tblogreport").raise_error()
    ended = shell.run_cell(line)
    ended.raise_error()
    return ended.result


def test_the_cell_shows_the_diagnosis(logs: Path, shell: InteractiveShell) -> None:
    found = cell(shell, f"%tblogreport '{logs}'")
    assert isinstance(found, Diagnosis)
    assert found.verdict == "failing"
    shown, _ = shell.display_formatter.format(found)
    assert "<iframe" in shown["text/html"]


def test_checks_are_chosen_on_the_line_and_in_the_configuration(
    logs: Path, elsewhere: Path, shell: InteractiveShell
) -> None:
    (elsewhere / "my.toml").write_text('ignore = ["nan-or-inf"]\n', encoding="utf-8")
    for options in ("--ignore nan-or-inf", "--select overfitting", "--config my.toml"):
        found = cell(shell, f"%tblogreport 'my logs' {options}")
        assert isinstance(found, Diagnosis)
        assert found.runs[0].findings == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%tblogreport", "the following arguments are required: LOGDIR"),
        ("%tblogreport 'my logs", "cannot be read: no closing quotation"),
        ("%tblogreport . --colour", "unrecognized arguments: --colour"),
        ("%tblogreport missing", "missing cannot be opened"),
        ("%tblogreport . --ignore over-fitting", "did you mean overfitting?"),
        ("%tblogreport . --config missing.toml", "cannot read missing.toml"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    line: str, said: str, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cell(shell, line) is None
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("tblogreport: ")
    assert said in err
    assert err.count("\n") == 1


def test_help_is_printed(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    assert cell(shell, "%tblogreport --help") is None
    out, err = capsys.readouterr()
    assert out.startswith("usage: %tblogreport")
    assert err == ""


def test_the_package_does_not_import_the_magic_before_it_is_asked_for() -> None:
    code = (
        "import sys, tblogreport;"
        "print(sorted({'IPython', 'argparse', 'tblogreport.notebook'} & set(sys.modules)))"
    )
    done = python("-c", code)
    assert (done.returncode, done.stdout.strip()) == (0, "[]")


def test_the_directory_may_be_named_as_for_tensorboard(logs: Path, shell: InteractiveShell) -> None:
    found = cell(shell, f"%tblogreport --logdir '{logs}'")
    assert isinstance(found, Diagnosis)
    assert len(repr(found)) < 400
