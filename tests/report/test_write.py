from __future__ import annotations

import os
from pathlib import Path

import pytest

from tblogreport import report
from tblogreport.report import SUFFIXES, ReportError, write
from tests.processes import python

from . import factory

STARTS = {
    ".html": b"<!DOC",
    ".pdf": b"%PDF-",
    ".json": b"{",
    ".md": b"# ",
    ".xml": b"<?xml",
    ".csv": b"run,",
    ".parquet": b"PAR1",
}


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".HTML"])
def test_the_suffix_decides_the_format(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a report ü{suffix}"
    write(factory.unknown(), path)
    start = STARTS[suffix.lower()]
    assert path.read_bytes().startswith(start)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["report.docx", "report", "html"])
def test_an_unknown_suffix_is_an_error_that_names_the_known_ones(name: str, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"\.html, \.json, \.md, \.pdf"):
        write(factory.unknown(), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_an_error_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken.json").mkdir()
    with pytest.raises(ReportError, match=r"there is no directory .*missing\.$"):
        write(factory.unknown(), tmp_path / "missing" / "report.json")
    with pytest.raises(ReportError, match=r"it is a directory\.$"):
        write(factory.unknown(), tmp_path / "taken.json")


def test_a_failure_leaves_the_old_report_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")

    def fail(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(ReportError, match="No space left"):
        write(factory.unknown(), path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_permissions_are_those_of_the_umask_or_of_the_file_before(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write(factory.unknown(), tmp_path / "new.json")
        old = tmp_path / "old.json"
        old.write_text("old")
        old.chmod(0o604)
        write(factory.unknown(), old)
    finally:
        os.umask(before)
    assert (tmp_path / "new.json").stat().st_mode & 0o777 == 0o640
    assert old.stat().st_mode & 0o777 == 0o604
    assert old.read_text().startswith("{")


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "real.json", tmp_path / "link.json"
    target.write_text("old")
    link.symlink_to(target)
    write(factory.unknown(), link)
    assert link.is_symlink()
    assert target.read_text().startswith("{")


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    code = (
        "import sys, tblogreport.report as r;"
        "heavy = {'matplotlib', 'typst', 'jinja2', 'rich', 'pandas'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = python("-c", code)
    assert (done.returncode, done.stdout.strip()) == (0, "[]")


def test_diagnosis_writes_and_shows_itself(tmp_path: Path) -> None:
    diagnosis = factory.failing()
    diagnosis.write(str(tmp_path / "report.md"))
    assert (tmp_path / "report.md").read_text().startswith("# ✗")
    assert diagnosis._repr_html_() == report.notebook(diagnosis)
