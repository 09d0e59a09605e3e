"""The layouts that Keras, PyTorch and others leave, and restarts over several files."""

from pathlib import Path

import pytest

import tblogreport
from tests.eventfiles import (
    Event,
    event_file_name,
    histogram_event,
    hparams_events,
    keras_model_event,
    scalar_event,
    tensor_histogram_event,
    tensor_scalar_event,
    write_events,
    write_run,
)


def read_one(logdir: Path) -> tblogreport.Run:
    (run,) = tblogreport.read(logdir)
    return run


def series(run: tblogreport.Run) -> dict[tuple[str, str], list[float]]:
    found: dict[tuple[str, str], list[float]] = {}
    columns = run.scalars["split"], run.scalars["tag"], run.scalars["value"]
    for split, tag, value in zip(*columns, strict=True):
        found.setdefault((split, tag), []).append(value)
    return found


@pytest.fixture
def keras_run(tmp_path: Path) -> Path:
    """What the callback of Keras 3 writes with histogram_freq=1 and validation data."""
    train: list[Event] = [keras_model_event({"class_name": "Sequential", "config": {}})]
    validation = []
    for epoch in range(3):
        train += [
            tensor_scalar_event("epoch_loss", 1.0 - epoch / 10, epoch),
            tensor_scalar_event("epoch_learning_rate", 0.001, epoch),
            tensor_histogram_event("dense_1/kernel/histogram", [0, 1, 2], [1, 2], epoch),
            tensor_histogram_event("dense_1/kernel_0", [0, 1, 2], [1, 2], epoch),
            tensor_histogram_event("kernel/histogram", [0, 1], [1], epoch),
            tensor_histogram_event("kernel/histogram", [0, 2], [2], epoch),
        ]
        validation += [
            tensor_scalar_event("evaluation_loss_vs_iterations", 2.0, 6 * (epoch + 1)),
            tensor_scalar_event("epoch_loss", 2.0 - epoch / 10, epoch),
        ]
    write_events(tmp_path / "20260101-120000/train" / event_file_name(suffix="0.v2"), train)
    write_events(
        tmp_path / "20260101-120000/validation" / event_file_name(suffix="1.v2"), validation
    )
    return tmp_path


def test_keras_is_one_run_with_two_splits(keras_run: Path) -> None:
    run = read_one(keras_run)
    assert run.name == "20260101-120000"
    assert run.path == keras_run / "20260101-120000"
    assert list(series(run)) == [
        ("train", "epoch_learning_rate"),
        ("train", "epoch_loss"),
        ("validation", "epoch_loss"),
        ("validation", "evaluation_loss_vs_iterations"),
    ]
    assert run.notes == ()


def test_keras_step_axes_are_not_mixed(keras_run: Path) -> None:
    scalars = read_one(keras_run).scalars
    steps = {tag: group.step.tolist() for tag, group in scalars.groupby("tag")}
    assert steps["evaluation_loss_vs_iterations"] == [6, 12, 18]
    assert steps["epoch_learning_rate"] == [0, 1, 2]


def test_several_histograms_of_one_tag_and_step_stay_in_layer_order(keras_run: Path) -> None:
    histograms = read_one(keras_run).histograms
    unnamed = histograms[histograms.tag == "kernel/histogram"]
    assert unnamed.step.tolist() == [0, 0, 1, 1, 2, 2]
    assert unnamed["max"].tolist() == [1, 2, 1, 2, 1, 2]
    assert set(histograms.split) == {"train"}
    assert set(histograms.tag) >= {"dense_1/kernel/histogram", "dense_1/kernel_0"}


def test_keras_config_is_kept(keras_run: Path) -> None:
    assert read_one(keras_run).keras_config == {"class_name": "Sequential", "config": {}}


@pytest.mark.parametrize("text", ["{not json", "[1, 2]", "[" * 100_000, ""])
def test_malformed_keras_config_is_noted(tmp_path: Path, text: str) -> None:
    write_events(tmp_path / event_file_name(), [keras_model_event(text)])
    run = read_one(tmp_path)
    assert run.keras_config is None
    assert [note.kind for note in run.notes] == ["damaged-keras-config"]


def test_a_callback_s_own_file_in_train_joins_the_run(keras_run: Path) -> None:
    own = [tensor_histogram_event("gradients/dense/kernel", [0, 1], [1], 0)]
    write_events(keras_run / "20260101-120000/train" / event_file_name(suffix="own"), own)
    histograms = read_one(keras_run).histograms
    assert "gradients/dense/kernel" in set(histograms.tag)
    assert len(histograms) == 13


def test_tags_that_name_their_split_win_over_the_directory(tmp_path: Path) -> None:
    tags = ["loss", "Loss/val", "test_acc", "value_loss"]
    write_run(tmp_path / "train", {tag: [1.0] for tag in tags})
    assert list(series(read_one(tmp_path))) == [
        ("validation", "Loss/val"),
        ("train", "loss"),
        ("test", "test_acc"),
        ("train", "value_loss"),
    ]


def add_scalars(writer: Path, tag: str, values: dict[str, list[float]]) -> None:
    write_events(writer / event_file_name(), [])
    for key, points in values.items():
        write_run(writer / f"{tag.replace('/', '_')}_{key}", {tag: points})


def test_add_scalars_belongs_to_the_writer_s_run(tmp_path: Path) -> None:
    add_scalars(tmp_path / "exp", "Big loss/all", {"train": [1.0], "val": [2.0], "ema": [3.0]})
    run = read_one(tmp_path)
    assert run.name == "exp"
    assert series(run) == {
        ("train", "Big loss/all"): [1.0],
        ("validation", "Big loss/all"): [2.0],
        ("", "Big loss/all/ema"): [3.0],
    }
    assert run.notes == ()


def test_add_scalars_under_a_tag_that_names_a_split(tmp_path: Path) -> None:
    add_scalars(tmp_path, "train/loss", {"a": [1.0], "val": [2.0]})
    assert series(read_one(tmp_path)) == {
        ("train", "train/loss/a"): [1.0],
        ("validation", "train/loss/val"): [2.0],
    }


def test_add_scalars_with_cleaned_tags_of_older_writers(tmp_path: Path) -> None:
    write_events(tmp_path / event_file_name(), [])
    write_run(tmp_path / "my loss_train", {"my_loss": [1.0]})
    assert series(read_one(tmp_path)) == {("train", "my_loss"): [1.0]}


def test_a_run_below_a_run_that_is_not_of_add_scalars_stays_a_run(tmp_path: Path) -> None:
    write_run(tmp_path, {"loss": [1.0]})
    write_run(tmp_path / "loss_1", {"loss": [1.0], "accuracy": [1.0]})
    assert len(tblogreport.read(tmp_path)) == 2


def test_the_same_series_from_two_directories_is_never_mixed(tmp_path: Path) -> None:
    write_run(tmp_path, {"train/loss": [1.0]})
    write_run(tmp_path / "train", {"train/loss": [2.0]})
    run = read_one(tmp_path)
    assert series(run) == {("train", "train/loss"): [1.0], ("train", "train/train/loss"): [2.0]}
    assert [note.kind for note in run.notes] == ["same-tag"]


def test_add_hparams_is_folded_into_the_writer_s_run(tmp_path: Path) -> None:
    write_run(tmp_path / "exp", {"Loss/train": [3.0, 2.0]})
    metrics = [scalar_event("hparam/accuracy", 0.5), scalar_event("Loss/train", 9.0)]
    write_events(
        tmp_path / "exp" / "1700000000.25" / event_file_name(), [*hparams_events(), *metrics]
    )
    run = read_one(tmp_path)
    assert series(run) == {("train", "Loss/train"): [3.0, 2.0], ("", "hparam/accuracy"): [0.5]}
    (note,) = run.notes
    assert note.kind == "hparams-metric"
    assert "Loss/train" in note.message


def test_runs_that_log_their_own_hparams_are_runs(tmp_path: Path) -> None:
    write_events(tmp_path / event_file_name(), hparams_events()[:1])
    for name in ("run-0", "run-1"):
        history = [scalar_event("accuracy", 0.5, step) for step in range(2)]
        write_events(tmp_path / name / event_file_name(), [*hparams_events(), *history])
    assert {run.name for run in tblogreport.read(tmp_path)} >= {"run-0", "run-1"}


def test_lightning_and_hugging_face_tags(tmp_path: Path) -> None:
    tags = ["train_loss_step", "train_loss_epoch", "val_loss", "epoch", "train/grad_norm"]
    tags += ["eval/loss", "train/learning_rate"]
    write_run(tmp_path, {tag: [1.0] for tag in tags})
    splits = {tag: split for split, tag in series(read_one(tmp_path))}
    assert splits == {
        "train_loss_step": "train",
        "train_loss_epoch": "train",
        "val_loss": "validation",
        "epoch": "",
        "train/grad_norm": "train",
        "eval/loss": "validation",
        "train/learning_rate": "train",
    }


def test_a_resumed_run_keeps_the_later_writing_and_says_so(tmp_path: Path) -> None:
    # The file names are in the wrong order on purpose: the first event's time decides.
    write_events(
        tmp_path / "tfevents.b",
        [scalar_event("loss", 1.0, step, 100.0 + step) for step in range(6)],
    )
    write_events(
        tmp_path / "tfevents.a",
        [scalar_event("loss", 2.0, step, 200.0 + step) for step in range(4, 9)],
    )
    run = read_one(tmp_path)
    assert run.scalars.step.tolist() == list(range(9))
    assert run.scalars.value.tolist() == [1.0] * 4 + [2.0] * 5
    (note,) = run.notes
    assert note.kind == "superseded-points"
    assert "2 points" in note.message
    assert "steps 4 to 5" in note.message
    assert "tfevents.b" in note.message


def test_restarts_of_both_splits_are_one_note(tmp_path: Path) -> None:
    for split in ("train", "validation"):
        for begun in (100, 200):
            write_run(tmp_path / split, {"epoch_loss": [1.0, 2.0]}, begun=begun, tensors=True)
    run = read_one(tmp_path)
    assert len(run.scalars) == 4
    (note,) = run.notes
    assert note.message.startswith("4 points were written again")


def test_a_restart_supersedes_histograms_as_well(tmp_path: Path) -> None:
    for begun in (100.0, 200.0):
        events = [histogram_event("w", [1.0], [begun], step, begun + step) for step in range(3)]
        write_events(tmp_path / event_file_name(begun), events)
    assert read_one(tmp_path).histograms["count"].tolist() == [200.0] * 3


def test_a_file_that_goes_on_where_the_other_ended_supersedes_nothing(tmp_path: Path) -> None:
    write_run(tmp_path, {"loss": [1.0, 1.0]}, begun=100)
    write_run(tmp_path, {"loss": [1.0, 1.0]}, begun=200, first_step=2)
    run = read_one(tmp_path)
    assert run.scalars.step.tolist() == [0, 1, 2, 3]
    assert run.notes == ()
