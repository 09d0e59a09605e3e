import pytest
from hypothesis import given
from hypothesis import strategies as st

from tblogreport.reading.splits import (
    SPLITS,
    label,
    split_of_histogram_tag,
    split_of_name,
    split_of_tag,
)


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("train", "train"),
        ("Training", "train"),
        ("TRN", "train"),
        ("validation", "validation"),
        ("val", "validation"),
        ("Valid", "validation"),
        ("eval", "validation"),
        ("evaluation", "validation"),
        ("dev", "validation"),
        ("test", "test"),
        ("Testing", "test"),
        ("latest", ""),
        ("train_1", ""),
        ("", ""),
    ],
)
def test_split_of_a_directory_name(name: str, split: str) -> None:
    assert split_of_name(name) == split


@pytest.mark.parametrize(
    ("tag", "split"),
    [
        ("Loss/train", "train"),
        ("train/loss", "train"),
        ("training loss", "train"),
        ("train_loss_step", "train"),
        ("reduced_train_loss", "train"),
        ("combined/step_training_loss", "train"),
        ("training_time", "train"),
        ("train/value_loss", "train"),
        ("trainLoss", "train"),
        ("val_loss", "validation"),
        ("epoch_val_loss", "validation"),
        ("eval/loss", "validation"),
        ("valLoss", "validation"),
        ("val2_loss", "validation"),
        ("evaluation_loss_vs_iterations", "validation"),
        ("train/val_loss", "validation"),
        ("dev/accuracy", "validation"),
        ("test_acc", "test"),
        ("Accuracy/test", "test"),
        ("value_loss", ""),
        ("Losses/Value Loss", ""),
        ("latest/loss", ""),
        ("attest", ""),
        ("constrained_loss", ""),
        ("trainable_params", ""),
        ("weights/std_dev", ""),
        ("train_val_gap", ""),
        ("épreuve_éval", ""),
        ("loss", ""),
        ("", ""),
    ],
)
def test_split_of_a_tag_is_that_of_its_whole_words(tag: str, split: str) -> None:
    assert split_of_tag(tag) == split


def test_a_word_in_a_layer_name_does_not_make_a_split() -> None:
    assert split_of_histogram_tag("attention/val_proj.weight") == ""
    assert split_of_histogram_tag("val/fc1.weight") == "validation"


@pytest.mark.parametrize(
    ("split", "tag", "expected"),
    [
        ("train", "epoch_loss", "train/epoch_loss"),
        ("validation", "val_loss", "val_loss"),
        ("train", "Loss/train", "Loss/train"),
        ("", "loss", "loss"),
        ("train", "val_proj.weight", "train/val_proj.weight"),
    ],
)
def test_label_names_the_split_once(split: str, tag: str, expected: str) -> None:
    assert label(split, tag) == expected


@given(st.text())
def test_any_text_is_a_tag(tag: str) -> None:
    assert split_of_tag(tag) in SPLITS
    assert split_of_histogram_tag(tag) in SPLITS


@given(st.sampled_from(SPLITS), st.text())
def test_label_tells_apart_the_splits_of_one_tag(split: str, tag: str) -> None:
    labels = {label(other, tag) for other in SPLITS[:3]}
    assert len(labels) == 3
    assert label(split, tag).endswith(tag)
