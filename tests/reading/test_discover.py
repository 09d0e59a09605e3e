"""Which directories are runs, which are splits of one."""

import os
import socket
from pathlib import Path, PurePosixPath

import pytest

import tblogreport
from tblogreport.reading import LogDirError
from tblogreport.reading.discover import natural_key, owners
from tests.eventfiles import event_file_name, scalar_event, write_events, write_run


def runs_of(directories: str) -> dict[str, set[str]]:
    """Return run -> its directories."""
    grouped: dict[str, set[str]] = {}
    for directory, run in owners([PurePosixPath(d) for d in directories.split()]).items():
        grouped.setdefault(run.as_posix(), set()).add(directory.as_posix())
    return grouped


@pytest.mark.parametrize(
    ("directories", "runs"),
    [
        ("a/train a/validation", {"a": {"a/train", "a/validation"}}),
        ("a/train b/train", {"a": {"a/train"}, "b": {"b/train"}}),
        ("Train VAL", {".": {"Train", "VAL"}}),
        ("training validation test", {".": {"training", "validation", "test"}}),
        (". eval", {".": {".", "eval"}}),
        ("model model/eval", {"model": {"model", "model/eval"}}),
        ("train train/eval", {".": {"train", "train/eval"}}),
        ("train/exp train/exp2", {"train/exp": {"train/exp"}, "train/exp2": {"train/exp2"}}),
        ("train/exp val/exp", {"train/exp": {"train/exp"}, "val/exp": {"val/exp"}}),
        ("validation", {"validation": {"validation"}}),
        ("test exp1", {"test": {"test"}, "exp1": {"exp1"}}),
        ("latest train", {"latest": {"latest"}, ".": {"train"}}),
        (
            "train val valid",
            {".": {"train", "val"}, "valid": {"valid"}},
        ),
    ],
)
def test_directories_are_joined_into_runs(directories: str, runs: dict[str, set[str]]) -> None:
    assert runs_of(directories) == runs


def test_natural_order() -> None:
    names = ["v10", "v9", "v9/a", "10", "9", "v"]
    assert sorted(names, key=natural_key) == ["9", "10", "v", "v9", "v9/a", "v10"]


def test_runs_are_named_by_their_path_and_come_in_natural_order(tmp_path: Path) -> None:
    for name in ("fit/v10", "fit/v9/train", "solo"):
        write_run(tmp_path / name, {"loss": [1.0]})
    runs = tblogreport.read(tmp_path)
    assert [run.name for run in runs] == ["fit/v9", "fit/v10", "solo"]
    assert [run.path for run in runs] == [tmp_path / run.name for run in runs]


def test_the_log_directory_itself_is_named_by_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(tmp_path / "exp", {"loss": [1.0]})
    monkeypatch.chdir(tmp_path / "exp")
    (run,) = tblogreport.read(".")
    assert run.name == "exp"
    assert list(run.path.iterdir())


def test_paths_open_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(tmp_path / "logs" / "mit Leerzeichen é", {"loss": [1.0]})
    monkeypatch.chdir(tmp_path)
    (run,) = tblogreport.read("logs")
    assert run.path == Path("logs/mit Leerzeichen é")


@pytest.mark.parametrize(
    ("logdir", "split"), [("train", "train"), ("Validation", "validation"), ("exp", "")]
)
def test_a_split_directory_given_itself_is_a_run_of_that_split(
    tmp_path: Path, logdir: str, split: str
) -> None:
    write_run(tmp_path / logdir, {"epoch_loss": [1.0]})
    (run,) = tblogreport.read(tmp_path / logdir)
    assert run.name == logdir
    assert run.scalars.split.tolist() == [split]


def test_a_parent_of_train_called_test_is_not_the_test_split(tmp_path: Path) -> None:
    write_run(tmp_path / "test", {"lr": [0.1]})
    write_run(tmp_path / "test" / "train", {"loss": [1.0]})
    (run,) = tblogreport.read(tmp_path / "test")
    assert run.scalars[["split", "tag"]].values.tolist() == [["train", "loss"], ["", "lr"]]


def test_one_event_file_is_a_run(tmp_path: Path) -> None:
    file = write_run(tmp_path / "exp", {"loss": [1.0]})
    write_run(tmp_path / "exp", {"loss": [2.0]}, begun=5.0)
    (run,) = tblogreport.read(file)
    assert run.name == "exp"
    assert run.path == tmp_path / "exp"
    assert run.scalars.value.tolist() == [1.0]


def test_an_event_file_given_by_an_unusual_name_is_read(tmp_path: Path) -> None:
    file = write_events(tmp_path / "exp" / "renamed.log", [scalar_event("loss", 1.0)])
    assert len(tblogreport.read(file)[0].scalars) == 1


def test_names_without_a_time_are_event_files_and_the_profiler_s_are_not(tmp_path: Path) -> None:
    write_events(tmp_path / "events.out.tfevents.ResNet", [scalar_event("loss", 1.0)])
    (tmp_path / "events.out.tfevents.1.host.profile-empty").touch()
    (run,) = tblogreport.read(tmp_path)
    assert len(run.scalars) == 1
    assert run.notes == ()


@pytest.mark.parametrize("what", ["missing", "empty", "other", "profile", "text", "special"])
def test_what_is_no_log_directory_is_refused_in_one_sentence(tmp_path: Path, what: str) -> None:
    path = tmp_path / what
    if what != "missing":
        path.mkdir()
    if what == "other":
        (path / "notes.txt").write_text("text")
    elif what == "profile":
        (path / "events.out.tfevents.1.profile-empty").touch()
    elif what == "text":
        path = path / "notes.txt"
        path.write_text("only text, and more than a few bytes of it")
    elif what == "special":
        path = path / "tfevents.fifo"
        os.mkfifo(path)
    with pytest.raises(LogDirError) as caught:
        tblogreport.read(path)
    message = str(caught.value)
    assert str(path) in message
    assert message.endswith(".")
    assert "\n" not in message


def test_a_log_directory_that_cannot_be_listed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, tmp_path)
    with pytest.raises(LogDirError, match="Permission denied"):
        tblogreport.read(tmp_path)


def test_a_directory_that_cannot_be_listed_is_noted_on_the_run_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(tmp_path / "a", {"loss": [1.0]})
    write_run(tmp_path / "b", {"loss": [1.0]})
    (tmp_path / "b" / "closed").mkdir()
    refuse(monkeypatch, tmp_path / "b" / "closed")
    first, second = tblogreport.read(tmp_path)
    assert first.notes == ()
    (note,) = second.notes
    assert note.kind == "unreadable"
    assert note.message == "b/closed could not be read: Permission denied."
    assert len(second.scalars) == 1


def test_a_directory_that_cannot_be_listed_is_noted_even_without_a_run_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(tmp_path / "a", {"loss": [1.0]})
    (tmp_path / "closed").mkdir()
    refuse(monkeypatch, tmp_path / "closed")
    (run,) = tblogreport.read(tmp_path)
    assert [note.kind for note in run.notes] == ["unreadable"]


def test_links_to_directories_are_not_followed_except_the_given_one(tmp_path: Path) -> None:
    write_run(tmp_path / "logs" / "run", {"loss": [1.0]})
    (tmp_path / "logs" / "latest").symlink_to("run")
    (tmp_path / "logs" / "run" / "round").symlink_to("..")
    (tmp_path / "link").symlink_to("logs")
    assert [run.name for run in tblogreport.read(tmp_path / "link")] == ["run"]


def test_sockets_and_pipes_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    write_run(Path("run"), {"loss": [1.0]})
    os.mkfifo("run/tfevents.fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("run/tfevents.sock")
        (run,) = tblogreport.read("run")
    assert len(run.scalars) == 1


def test_names_that_are_no_utf8_become_text(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this file system takes only UTF-8")
    write_run(folder, {"loss": [1.0]})
    (folder / event_file_name(7)).touch()
    (run,) = tblogreport.read(tmp_path)
    assert run.name == "caf\ufffd"
    assert run.notes[0].message.encode()
    assert list(run.path.iterdir())


def refuse(monkeypatch: pytest.MonkeyPatch, closed: Path) -> None:
    """Make listing a directory fail; removing permissions would not stop root."""
    listing = os.scandir

    def scandir(path: str | os.PathLike[str] = ".") -> "os._ScandirIterator[str]":
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return listing(path)

    monkeypatch.setattr(os, "scandir", scandir)


@pytest.mark.slow
def test_ten_thousand_files_of_one_run_are_one_series(tmp_path: Path) -> None:
    """A job that is preempted every few minutes leaves so many."""
    for index in range(10_000):
        name = event_file_name(1_700_000_000.0 + index)
        events = [scalar_event("loss", 1.0 / (1 + index), index, 1_700_000_000.0 + index)]
        write_events(tmp_path / "run" / name, events)
    (run,) = tblogreport.read(tmp_path)
    assert run.scalars.step.tolist() == list(range(10_000))
    assert run.notes == ()
