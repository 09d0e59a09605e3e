"""What reading loads, and what it leaves alone in the user's process."""

import logging
from pathlib import Path

import pytest

import tblogreport
from tests.eventfiles import event_file_name, tensor_event, tensor_scalar_event, write_events
from tests.processes import python


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    events = [tensor_scalar_event("loss", 0.5), tensor_event("odd", 1.0, plugin="")]
    write_events(tmp_path / event_file_name(), events)
    return tmp_path


def test_tensorflow_is_not_imported(logs: Path) -> None:
    code = (
        "import sys, tblogreport; tblogreport.read(sys.argv[1]); "
        "heavy = {'tensorflow', 'keras', 'torch', 'matplotlib', 'scipy'}; "
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = python("-c", code, str(logs))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_tensorflow_that_is_loaded_already_is_not_used(logs: Path) -> None:
    code = (
        "import sys, types\n"
        "class Untouchable(types.ModuleType):\n"
        "    def __getattr__(self, name): raise AssertionError(name)\n"
        "sys.modules['tensorflow'] = Untouchable('tensorflow')\n"
        "import tblogreport\n"
        "print(tblogreport.read(sys.argv[1])[0].scalars.value.tolist())"
    )
    done = python("-c", code, str(logs))
    assert (done.stdout.strip(), done.stderr) == ("[0.5, 1.0]", "")


def test_tensorboard_s_own_messages_are_kept_back_and_its_logger_is_left_as_it_was(
    logs: Path, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger("tensorboard")
    tblogreport.read(logs)
    assert not logger.disabled
    assert caplog.records == []


def test_nothing_is_written_into_the_log_directory(logs: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in [logs, *logs.rglob("*")]}
    tblogreport.read(logs)
    assert {path: path.stat().st_mtime_ns for path in [logs, *logs.rglob("*")]} == before


@pytest.mark.slow
def test_tensorflow_logs_as_before_after_a_log_was_read(logs: Path, tmp_path: Path) -> None:
    """Analysing a run and training the next one in one notebook is a usual thing to do."""
    code = (
        "import sys, tblogreport; tblogreport.read(sys.argv[1])\n"
        "import tensorflow as tf\n"
        "with tf.summary.create_file_writer(sys.argv[2]).as_default():\n"
        "    tf.summary.histogram('weights', [1.0, 2.0], step=0)\n"
        "print(len(tblogreport.read(sys.argv[2])[0].histograms))"
    )
    done = python("-c", code, str(logs), str(tmp_path / "next"))
    assert done.stdout.strip() == "1", done.stderr[-2000:]
