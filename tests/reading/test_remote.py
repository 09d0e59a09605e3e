"""Log directories elsewhere, through fsspec."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import tblogreport
from tblogreport.cli import main
from tblogreport.reading import LogDirError
from tblogreport.report import render
from tests.eventfiles import write_run

fsspec = pytest.importorskip("fsspec")
FALL = [2.0 / (1 + step) for step in range(20)]


def write_logs(root: Path) -> None:
    for name in ("a", "b"):
        for split in ("train", "validation"):
            write_run(root / name / split, {"epoch_loss": FALL})
    write_run(root, {"loss": FALL})


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[str]:
    write_logs(tmp_path / "logs")
    fs = fsspec.filesystem("memory")
    fs.put(str(tmp_path / "logs"), "/bucket/", recursive=True)
    yield "memory://bucket/logs"
    fs.rm("/bucket", recursive=True)


def test_runs_elsewhere_are_those_that_were_put_there(memory: str, tmp_path: Path) -> None:
    here, there = tblogreport.read(tmp_path / "logs"), tblogreport.read(memory)
    assert [run.name for run in there] == [run.name for run in here]
    for ours, theirs in zip(here, there, strict=True):
        assert theirs.scalars.equals(ours.scalars)
        assert theirs.notes == ours.notes
    assert [run.url for run in there] == [f"{memory}/a", f"{memory}/b", memory]


def test_the_report_names_where_they_are(memory: str, tmp_path: Path) -> None:
    diagnosis = tblogreport.analyze(memory)
    assert {run.path for run in diagnosis.runs} == {memory, f"{memory}/a", f"{memory}/b"}
    assert str(tmp_path) not in render(diagnosis, ".html").decode()


def test_one_file_elsewhere_is_a_run(memory: str) -> None:
    (name,) = (path for path in fsspec.filesystem("memory").find("/bucket/logs/a/train"))
    (run,) = tblogreport.read(f"memory:/{name}")
    assert run.name == "train"
    assert len(run.scalars) == len(FALL)


def test_the_command_line_takes_urls(
    memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["analyze", memory, "-o", "report.json"]) == 0
    assert f"tblogreport analyze {memory} -o report.json" in Path("report.json").read_text()


def test_a_file_that_cannot_be_fetched_costs_itself_alone(
    memory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = type(fsspec.filesystem("memory"))
    fetch = kind.get_file

    def refuse(self: object, remote: str, *rest: object, **more: object) -> object:
        if "a/validation" in remote:
            raise PermissionError("not yours")
        return fetch(self, remote, *rest, **more)

    monkeypatch.setattr(kind, "get_file", refuse)
    runs = {run.name: run for run in tblogreport.read(memory)}
    assert [note.kind for note in runs["a"].notes] == ["unreadable"]
    assert "not yours" in runs["a"].notes[0].message
    assert set(runs["a"].scalars.split) == {"train"}
    assert runs["b"].notes == ()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("memory://nowhere/logs", "there is no such directory"),
        ("nosuch://bucket/logs", "cannot be opened"),
        ("memory://bucket/none", "no such directory"),
    ],
)
def test_what_is_no_log_directory_is_one_sentence(url: str, said: str) -> None:
    with pytest.raises(LogDirError, match=said) as caught:
        tblogreport.read(url)
    assert str(caught.value).startswith(url)
    assert str(caught.value).endswith(".")


def test_a_directory_without_event_files_is_one_sentence(tmp_path: Path) -> None:
    fs = fsspec.filesystem("memory")
    fs.pipe("/other/notes.txt", b"text")
    with pytest.raises(LogDirError, match='no file name contains "tfevents"'):
        tblogreport.read("memory://other")


@pytest.mark.slow
def test_a_bucket_of_s3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server_module = pytest.importorskip("moto.server")
    pytest.importorskip("s3fs")
    write_logs(tmp_path / "logs")
    server = server_module.ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
    }.items():
        monkeypatch.setenv(name, value)
    try:
        fs = fsspec.filesystem("s3", skip_instance_cache=True)
        fs.mkdir("s3://bucket")
        fs.put(str(tmp_path / "logs"), "s3://bucket/", recursive=True)
        runs = tblogreport.read("s3://bucket/logs")
        assert [(run.name, len(run.scalars)) for run in runs] == [
            ("a", 40),
            ("b", 40),
            ("logs", 20),
        ]
        assert tblogreport.analyze("s3://bucket/logs/").runs[0].path.startswith("s3://bucket/logs")
        with pytest.raises(LogDirError):
            tblogreport.read("s3://bucket/nothing")
    finally:
        server.stop()
