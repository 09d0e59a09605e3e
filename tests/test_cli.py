from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import jsonschema
import pytest

import tblogreport
from tblogreport import report
from tblogreport.checks.base import all_checks
from tblogreport.trainer import all_scenarios
from tests.commands import FALL, LOST, run
from tests.eventfiles import write_run
from tests.outputs import strict_json

pytestmark = pytest.mark.usefixtures("elsewhere")

SLIGHT_SWING = [1 + 0.11 * (-1) ** i for i in range(60)]


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    write_run(tmp_path / "failing" / "train", {"epoch_loss": LOST})
    return tmp_path / "failing"


@pytest.fixture
def suspect(tmp_path: Path) -> Path:
    write_run(tmp_path / "suspect" / "train", {"epoch_loss": SLIGHT_SWING})
    return tmp_path / "suspect"


@pytest.fixture
def healthy(tmp_path: Path) -> Path:
    write_run(tmp_path / "healthy" / "train", {"epoch_loss": FALL})
    return tmp_path / "healthy"


def exit_of(*arguments: str | Path) -> int:
    """The exit status where argparse itself ends the process."""
    with pytest.raises(SystemExit) as ended:
        run(*arguments)
    return int(ended.value.code or 0)


def told(capsys: pytest.CaptureFixture[str]) -> str:
    """The one sentence on stderr; nothing may stand on stdout."""
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("tblogreport: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


def test_a_summary_is_printed_and_the_default_report_written(
    failing: Path, elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("analyze", failing) == 0
    out, err = capsys.readouterr()
    assert "failing" in out
    assert "epoch 30" in out
    assert err == "Report written to tblogreport.html\n"
    assert (elsewhere / "tblogreport.html").read_text(encoding="utf-8").startswith("<!DOCTYPE")


def test_outputs_repeat_and_their_suffixes_decide(
    failing: Path, elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["a report.html", "b.json", "ü.md", "d.pdf"]
    assert run("analyze", failing, *(word for name in names for word in ("-o", name))) == 0
    assert {path.name for path in elsewhere.iterdir()} == {*names, "tblogreport.toml"}
    assert (elsewhere / "d.pdf").read_bytes().startswith(b"%PDF-")
    assert capsys.readouterr().err.count("Report written to") == 4


def test_json_on_stdout_is_json_alone_and_fits_its_schema(
    failing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("analyze", failing, "--format", "json") == 0
    found = strict_json(capsys.readouterr().out)
    schema = Path(report.__file__).parent / "schema.json"
    jsonschema.validate(found, json.loads(schema.read_text(encoding="utf-8")))
    assert found["schema_version"] == 1
    assert found["tool"] == {"name": "tblogreport", "version": tblogreport.__version__}
    (only,) = found["runs"]
    assert (found["verdict"], only["verdict"]) == ("failing", "failing")
    assert Path(only["path"]) == failing
    assert [f["check"] for f in only["findings"]] == ["nan-or-inf"]
    assert {c["check"] for c in only["checks"]} == set(all_checks())


def test_markdown_goes_to_stdout(failing: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("analyze", failing, "--format", "markdown") == 0
    assert capsys.readouterr().out.startswith("# ")


def test_the_command_in_the_report_can_be_typed_again(
    failing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spaced = failing.rename(failing.with_name("my run's logs é"))
    options = ["-o", "out put.html", "--ignore", "overfitting"]
    run("analyze", spaced, *options, "--format", "markdown")
    out = capsys.readouterr().out
    (command,) = re.findall(r"tblogreport analyze .*--ignore overfitting", out)
    assert shlex.split(command)[1:] == ["analyze", str(spaced), *options]


@pytest.mark.parametrize(
    ("logs", "level", "status"),
    [
        ("failing", None, 0),
        ("failing", "never", 0),
        ("failing", "error", 1),
        ("failing", "warning", 1),
        ("suspect", "error", 0),
        ("suspect", "warning", 1),
        ("healthy", "warning", 0),
    ],
)
def test_the_exit_status_follows_fail_on(
    logs: str, level: str | None, status: int, request: pytest.FixtureRequest
) -> None:
    directory: Path = request.getfixturevalue(logs)
    options = ["--fail-on", level] if level else []
    assert run("analyze", directory, "-o", "r.json", *options) == status
    assert Path("r.json").exists()


def test_the_configuration_is_followed_and_the_command_line_wins(
    failing: Path, elsewhere: Path
) -> None:
    (elsewhere / "tblogreport.toml").write_text('fail-on = "error"\n', encoding="utf-8")
    assert run("analyze", failing, "-o", "r.json") == 1
    assert run("analyze", failing, "-o", "r.json", "--fail-on", "never") == 0
    (elsewhere / "my.toml").write_text('ignore = ["nan-or-inf"]\n', encoding="utf-8")
    options = ("-o", "r.json", "--fail-on", "error", "--config", "my.toml")
    assert run("analyze", failing, *options) == 0


@pytest.mark.parametrize(
    ("option", "names", "made"),
    [
        ("--select", "overfitting, dead-layer", {"overfitting", "dead-layer"}),
        ("--ignore", "overfitting", None),
    ],
)
def test_checks_are_chosen(
    option: str, names: str, made: set[str] | None, failing: Path, elsewhere: Path
) -> None:
    assert run("analyze", failing, option, names, "-o", "r.json") == 0
    (only,) = strict_json((elsewhere / "r.json").read_text(encoding="utf-8"))["runs"]
    left_out = {c["check"] for c in only["checks"] if "left out" in (c["reason"] or "")}
    assert {c["check"] for c in only["checks"]} == set(all_checks())
    assert set(all_checks()) - left_out == (made or set(all_checks()) - {"overfitting"})


def test_choosing_no_check_at_all_is_told(
    failing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("analyze", failing, "--select", "overfitting", "--ignore", "overfitting") == 2
    assert "no check" in told(capsys)


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_an_unknown_check_is_told_with_the_nearest_name(
    option: str, failing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("analyze", failing, option, "over-fitting") == 2
    assert "did you mean overfitting?" in told(capsys)


def test_what_holds_no_run_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    other = tmp_path / "other ü"
    other.mkdir()
    (other / "notes.txt").write_text("no events", encoding="utf-8")
    assert run("analyze", tmp_path / "missing") == 2
    assert "missing cannot be opened: No such file" in told(capsys)
    assert run("analyze", empty) == 2
    assert "holds no event file" in told(capsys)
    assert run("analyze", other) == 2
    assert "other ü holds no event file" in told(capsys)
    assert run("analyze", other / "notes.txt") == 2
    assert "neither a directory nor an event file" in told(capsys)
    assert not Path("tblogreport.html").exists()


def test_a_report_that_cannot_be_written_is_told_before_anything_is_read(
    failing: Path, elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("analyze", failing, "-o", "report.docx") == 2
    assert "its suffix must be one of" in told(capsys)
    assert run("analyze", failing, "-o", "fine.json", "-o", "no/such/report.html") == 2
    assert "there is no directory" in told(capsys)
    assert [path.name for path in elsewhere.iterdir()] == ["tblogreport.toml"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["analyze"],
        ["nonsense"],
        ["analyze", ".", "--fail-on", "sometimes"],
        ["analyze", ".", "--format", "docx"],
        ["explain"],
    ],
)
def test_wrong_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_of(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "usage: tblogreport" in err


def test_a_broken_configuration_is_told(
    failing: Path, elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (elsewhere / "tblogreport.toml").write_text("colour = 1\n", encoding="utf-8")
    assert run("analyze", failing) == 2
    assert "unknown setting 'colour'" in told(capsys)
    assert run("analyze", failing, "--config", "missing.toml") == 2
    assert "cannot read missing.toml" in told(capsys)


def test_nothing_is_written_into_the_log_directory(failing: Path) -> None:
    def state() -> dict[Path, tuple[int, int]]:
        return {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in [failing, *failing.rglob("*")]}

    before = state()
    assert run("analyze", failing, "-o", "r.html", "-o", "r.pdf") == 0
    assert state() == before


@pytest.mark.parametrize("check", all_checks())
def test_explain_prints_the_page_of_a_check(check: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("explain", check) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{check}\n{'=' * len(check)}\n")
    assert all_checks()[check].section("How to fix") in out
    assert out.count("\nExample\n-------\n") == 1


def test_explain_ends_with_an_example_that_can_be_trained(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("explain", "vanishing-gradients") == 0
    example = capsys.readouterr().out.partition("\nExample\n-------\n")[2]
    broken, repaired = re.findall(r"tblogreport train (\S+) (\S+)", example)[0]
    scenarios = all_scenarios()
    assert "vanishing-gradients" in scenarios[broken].expected_findings
    assert broken in scenarios[repaired].repairs
    assert scenarios[broken].shows in example


def test_explain_of_nothing_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("explain", "no-such\x1b[31m") == 2
    message = told(capsys)
    assert "there is no check named" in message
    assert "\x1b" not in message


def test_checks_are_listed_with_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("checks") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(all_checks())
    assert all(len(line.split()) > 3 for line in lines)


def test_an_interrupt_is_no_traceback(
    failing: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tblogreport.analysis.find", interrupt)
    assert run("analyze", failing) == 130
    assert "interrupted" in told(capsys)


def test_a_scheduler_that_does_not_answer_is_one_sentence(
    failing: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("tblogreport.analysis.DASK_TIMEOUT", 1)
    assert run("analyze", failing, "--dask", "tcp://127.0.0.1:9") == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in told(capsys)


@pytest.mark.parametrize("jobs", ["0", "-1", "many"])
def test_jobs_are_one_or_more(failing: Path, jobs: str) -> None:
    assert exit_of("analyze", failing, "--jobs", jobs) == 2


def test_findings_are_written_as_a_table(failing: Path, elsewhere: Path) -> None:
    assert run("analyze", failing, "-o", "findings.csv", "--jobs", "1") == 0
    lines = (elsewhere / "findings.csv").read_text().splitlines()
    assert lines[0].startswith("run,path,verdict,cause,check,severity")
    assert lines[1].startswith("failing,")


def test_an_interrupt_while_writing_says_what_was_written(
    failing: Path,
    elsewhere: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("tblogreport.report.markdown.render", interrupt)
    assert run("analyze", failing, "-o", "a.json", "-o", "b.md") == 130
    assert "interrupted while writing b.md; a.json had been written" in told(capsys)
    assert [path.name for path in elsewhere.glob("[ab].*")] == ["a.json"]
