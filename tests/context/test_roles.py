"""Tags as real writers spell them → what they mean."""

from __future__ import annotations

import numpy as np
import pytest

from tblogreport.context import Context
from tblogreport.context.roles import axis_of, guess_role
from tblogreport.context.series import Axis, Role
from tblogreport.context.words import Direction, words_of
from tblogreport.reading.splits import split_of_tag
from tests.runs import Scalar, context_of, make_run

TRAIN, VALIDATION = Role.TRAIN_LOSS, Role.VALIDATION_LOSS
METRIC, HELD_OUT_METRIC = Role.TRAIN_METRIC, Role.VALIDATION_METRIC
RATE, NORM, OTHER = Role.LEARNING_RATE, Role.GRADIENT_NORM, Role.OTHER

# (split of the directory, tag) as the writers in the table of real logs write them.
SPELLINGS = {
    "keras": [
        ("train", "epoch_loss", TRAIN),
        ("validation", "epoch_loss", VALIDATION),
        ("validation", "evaluation_loss_vs_iterations", VALIDATION),
        ("train", "epoch_accuracy", METRIC),
        ("validation", "epoch_acc", HELD_OUT_METRIC),
        ("validation", "evaluation_accuracy_vs_iterations", HELD_OUT_METRIC),
        ("train", "epoch_learning_rate", RATE),
        ("", "batch_loss", TRAIN),
        ("", "epoch_val_loss", VALIDATION),
        ("", "val_acc", HELD_OUT_METRIC),
    ],
    "paddle": [
        ("", "Train/loss", TRAIN),
        ("", "Evaluate/loss", VALIDATION),
        ("", "Evaluate/Acc", HELD_OUT_METRIC),
    ],
    "in one word": [
        ("", "training/batchloss", TRAIN),
        ("", "valloss", VALIDATION),
        ("", "valacc", HELD_OUT_METRIC),
        ("", "valid/logloss", VALIDATION),
        ("", "heldout_loss", VALIDATION),
        ("", "Held-out loss", VALIDATION),
        ("", "holdout/error_rate", HELD_OUT_METRIC),
        ("", "dev_exact_match", HELD_OUT_METRIC),
    ],
    "skorch": [
        ("", "Loss/train_loss", TRAIN),
        ("", "Loss/valid_loss", VALIDATION),
        ("", "Loss/valid_acc", HELD_OUT_METRIC),
        ("", "Loss/train_dice", TRAIN),
        ("", "dur", Role.THROUGHPUT),
        ("", "forecast/rmse", METRIC),
    ],
    "lightning": [
        ("", "train_loss_step", TRAIN),
        ("", "train_loss_epoch", TRAIN),
        ("", "val_loss", VALIDATION),
        ("", "val_acc", HELD_OUT_METRIC),
        ("", "lr-AdamW", RATE),
        ("", "grad_2.0_norm_total", NORM),
    ],
    "hugging face": [
        ("", "train/loss", TRAIN),
        ("", "eval/loss", VALIDATION),
        ("", "eval/accuracy", HELD_OUT_METRIC),
        ("", "train/learning_rate", RATE),
        ("", "train/grad_norm", NORM),
        ("", "train/loss_scale", Role.LOSS_SCALE),
        ("", "amp/grad_scaler", Role.LOSS_SCALE),
        ("", "train/scale_invariant_loss", TRAIN),
        ("", "multi_scale_loss", TRAIN),
        ("", "loss/scale_1", TRAIN),
    ],
    "yolo": [
        ("", "train/box_loss", TRAIN),
        ("", "val/box_loss", VALIDATION),
        ("", "metrics/mAP_0.5", METRIC),
        ("", "metrics/accuracy_top1", METRIC),
        ("", "x/lr0", RATE),
        ("", "lr/pg0", RATE),
    ],
    "detection": [
        ("", "total_loss", TRAIN),
        ("", "loss_cls", TRAIN),
        ("", "Loss/total_loss", TRAIN),
        ("", "bbox/AP", METRIC),
        ("", "DetectionBoxes_Precision/mAP", METRIC),
    ],
    "agents": [
        ("", "train/loss", TRAIN),
        ("", "train/value_loss", TRAIN),
        ("", "Losses/Value Loss", TRAIN),
        ("", "rollout/ep_rew_mean", METRIC),
        ("", "Environment/Cumulative Reward", METRIC),
        ("", "Policy/Learning Rate", RATE),
        ("", "input_info/learning_rate", RATE),
    ],
    "others": [
        ("", "reduced_train_loss", TRAIN),
        ("train", "gradient_norm", NORM),
        ("", "Loss/train", TRAIN),
        ("", "Loss/val", VALIDATION),
        ("", "Loss/test", VALIDATION),
        ("", "training loss", TRAIN),
        ("", "Accuracy/val", HELD_OUT_METRIC),
        ("", "LR", RATE),
        ("", "valLoss", VALIDATION),
        ("train", "combined/step_training_loss", TRAIN),
    ],
    "unknown": [
        ("", "energy", OTHER),
        ("", "epoch", Role.THROUGHPUT),
        ("", "损失", OTHER),
        ("", "", OTHER),
        ("", "<script>alert(1)</script>", OTHER),
        ("", "gradient_mean/fc1.weight", OTHER),
        ("", "fc1/grad_norm", OTHER),
        ("", "dnn/hiddenlayer_0/fraction_of_zero_values", OTHER),
        ("", "floss", OTHER),
        ("", "latest/glossary", OTHER),
    ],
}


@pytest.mark.parametrize(
    ("split", "tag", "role"), [row for rows in SPELLINGS.values() for row in rows]
)
def test_a_tag_has_the_role_that_its_writer_means(split: str, tag: str, role: Role) -> None:
    assert guess_role(words_of(tag), split or split_of_tag(tag)) == role


@pytest.mark.parametrize(
    ("tag", "role"),
    [
        ("gradient_norm", NORM),
        ("learning_rate", RATE),
        ("batch_loss", TRAIN),
        ("gradient_norm/total/weight", OTHER),
        ("gradient_norm/dense/kernel", OTHER),
        ("update_ratio/loss_head/kernel", OTHER),
        ("zero_share/accuracy", OTHER),
        ("saturated_share/lr", OTHER),
        ("inactive_units/val_loss", OTHER),
    ],
)
def test_what_is_measured_of_a_layer_speaks_for_no_run(tag: str, role: Role) -> None:
    (series,) = context_of(make_run(Scalar(tag, [1.0, 2.0], "train"))).series
    assert series.role == role


@pytest.mark.parametrize(
    ("tag", "direction"),
    [
        ("epoch_accuracy", Direction.HIGHER),
        ("eval/f1", Direction.HIGHER),
        ("metrics/mAP_0.5", Direction.HIGHER),
        ("rougeL/rouge_score", Direction.HIGHER),
        ("val_auc", Direction.HIGHER),
        ("epoch_mean_squared_error", Direction.LOWER),
        ("epoch_mae", Direction.LOWER),
        ("eval/wer", Direction.LOWER),
        ("perplexity", Direction.LOWER),
        ("train_loss", Direction.LOWER),
        ("energy", None),
        ("epoch_learning_rate", None),
    ],
)
def test_a_metric_knows_which_way_it_improves(tag: str, direction: Direction | None) -> None:
    context = context_of(make_run(Scalar("loss", [1.0]), Scalar(tag, [1.0])))
    assert [s.direction for s in context.series if s.tag == tag] == [direction]


@pytest.mark.parametrize(
    ("tag", "axis"),
    [
        ("epoch_loss", Axis.EPOCH),
        ("evaluation_loss_vs_iterations", Axis.ITERATION),
        ("batch_loss", Axis.ITERATION),
        ("step_loss", Axis.ITERATION),
        ("train/loss", Axis.STEP),
        ("epoch", Axis.STEP),
    ],
)
def test_a_tag_says_what_its_steps_count(tag: str, axis: Axis) -> None:
    assert axis_of(tag) == axis


def test_the_user_s_word_wins_over_the_guess() -> None:
    run = make_run(
        Scalar("metrics/nll", np.ones(9), "train"),
        Scalar("metrics/nll", np.ones(9), "validation"),
        Scalar("loss", np.ones(9), "train"),
    )
    roles = {
        "train_loss": "train/metrics/nll",
        "validation_loss": "validation/metrics/nll",
        "other": "loss",
    }
    spoken = context_of(run, roles).roles()
    assert spoken["train_loss"] == ("train", "metrics/nll")
    assert spoken["validation_loss"] == ("validation", "metrics/nll")


def test_in_a_run_without_a_loss_what_is_minimised_is_the_loss() -> None:
    run = make_run(Scalar("nll", np.ones(9), "train"), Scalar("nll", np.ones(9), "validation"))
    assert context_of(run).roles() == {
        "train_loss": ("train", "nll"),
        "validation_loss": ("validation", "nll"),
    }
    beside = make_run(Scalar("loss", np.ones(9)), Scalar("nll", np.ones(9)))
    assert context_of(beside).roles()["train_loss"] == ("", "loss")


def test_a_cost_of_batches_beside_a_loss_is_their_time() -> None:
    times = Scalar("Train/batch_cost", np.full(20, 0.3))
    run = context_of(make_run(Scalar("Train/loss", np.linspace(2.0, 0.5, 20)), times))
    assert [s.tag for s in run.of_role(Role.THROUGHPUT)] == ["Train/batch_cost"]
    alone = context_of(make_run(Scalar("batch_cost", np.linspace(2.0, 0.5, 20))))
    assert alone.train_loss is not None


def test_a_metric_at_the_steps_of_the_validation_loss_is_of_validation() -> None:
    often, rarely = np.arange(0, 200, 2), np.arange(0, 200, 10)
    losses = (
        Scalar("train_loss", np.linspace(2.0, 0.5, 100), "train", often),
        Scalar("valid_loss", np.linspace(2.0, 0.6, 20), "validation", rarely),
    )
    held_out = context_of(make_run(*losses, Scalar("accuracy", np.linspace(0, 1, 20), "", rarely)))
    assert held_out.validation_metric is not None
    train = context_of(make_run(*losses, Scalar("accuracy", np.linspace(0, 1, 100), "", often)))
    assert (train.train_metric is not None, train.validation_metric) == (True, None)
    named = Scalar("val_accuracy", np.linspace(0, 1, 20), "validation", rarely)
    both = context_of(
        make_run(*losses, named, Scalar("accuracy", np.linspace(0, 1, 20), "", rarely))
    )
    assert both.train_metric is not None
    assert both.train_metric.tag == "accuracy"


def test_what_the_user_says_stands_against_steps_and_siblings() -> None:
    steps = np.arange(20)
    run = make_run(
        Scalar("loss", np.linspace(2.0, 0.5, 50), "train"),
        Scalar("loss", np.linspace(2.0, 0.6, 20), "validation", steps * 2),
        Scalar("accuracy", np.linspace(0, 1, 20), "", steps * 2),
        Scalar("batch_cost", np.linspace(2.0, 0.5, 50)),
    )
    said = context_of(run, {"train_metric": "accuracy", "train_loss": "batch_cost"})
    assert said.train_metric is not None
    assert said.train_metric.tag == "accuracy"
    assert "batch_cost" in [s.tag for s in said.of_role(Role.TRAIN_LOSS)]


def test_a_cost_of_batches_beside_a_part_of_a_loss_is_the_loss() -> None:
    part = Scalar("l2_loss", np.linspace(0.1, 0.4, 20))
    run = context_of(make_run(Scalar("batch_cost", np.linspace(2.3, 0.1, 20)), part))
    assert "batch_cost" in [s.tag for s in run.of_role(Role.TRAIN_LOSS)]


def test_an_accuracy_by_another_word_is_that_of_the_training() -> None:
    steps = 10 * np.arange(20)
    run = make_run(
        Scalar("loss", np.linspace(2.0, 0.5, 200), "train"),
        Scalar("loss", np.linspace(2.0, 0.6, 20), "validation", steps),
        Scalar("accuracy", np.linspace(0, 0.6, 20), "validation", steps),
        Scalar("acc", np.linspace(0, 1, 20), "", steps),
    )
    roles = {s.tag: s.role for s in context_of(run).series if s.tag in {"acc", "accuracy"}}
    assert roles == {"acc": METRIC, "accuracy": HELD_OUT_METRIC}


def roles_of_context(context: Context) -> dict[str, Role]:
    return {s.tag: s.role for s in context.series}


def roles_of(*series: Scalar) -> dict[str, Role]:
    return roles_of_context(context_of(make_run(*series)))


def test_a_name_that_all_tags_share_says_nothing_of_any() -> None:
    values = np.linspace(2.0, 1.0, 20)
    roles = roles_of(Scalar("charlm/loss", values), Scalar("charlm/gnorm", values))
    assert roles["charlm/gnorm"] == NORM
    roles = roles_of(Scalar("fc1/grad_norm", values), Scalar("loss", values))
    assert roles["fc1/grad_norm"] == OTHER


@pytest.mark.parametrize(
    ("first", "role"), [(2.3, VALIDATION), (0.1, HELD_OUT_METRIC)], ids=["alike", "unlike"]
)
def test_a_cross_entropy_of_validation_is_its_loss_where_training_has_one_like_it(
    first: float, role: Role
) -> None:
    run = make_run(
        Scalar("loss/train/total", np.linspace(2.3, 0.3, 40)),
        Scalar("metrics/eval/CrossEntropy", first * np.linspace(1.0, 0.2, 8), "validation"),
        Scalar("metrics/eval/Accuracy", np.linspace(0.1, 0.9, 8), "validation"),
    )
    context = context_of(run)
    assert roles_of_context(context)["metrics/eval/CrossEntropy"] == role
    assert (context.validation_loss is not None) == (role == VALIDATION)


def test_a_top_1_accuracy_that_is_rarer_than_the_loss_is_of_validation() -> None:
    loss = Scalar("loss", np.linspace(2.3, 0.3, 40))
    rare = Scalar("accuracy/top1", np.linspace(10, 90, 8), "", np.arange(1, 9))
    assert roles_of(loss, rare)["accuracy/top1"] == HELD_OUT_METRIC
    assert roles_of(loss, Scalar("top1", np.linspace(10, 90, 40)))["top1"] == METRIC
