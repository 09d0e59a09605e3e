"""Which series speak for a run, and which may be held against each other."""

from __future__ import annotations

import numpy as np
import pytest

from tblogreport.context.kind import Kind
from tblogreport.context.selection import comparable
from tests.runs import FloatArray, Scalar, context_of, make_run


def series(split: str, tag: str, points: int = 20, every: int = 1) -> Scalar:
    return Scalar(tag, np.linspace(2, 1, points), split, every * np.arange(points))


def spoken(*scalars: Scalar) -> tuple[str | None, str | None]:
    """The labels of the train loss and the validation loss."""
    context = context_of(make_run(*scalars))
    return (
        context.train_loss.label if context.train_loss else None,
        context.validation_loss.label if context.validation_loss else None,
    )


def test_keras_epochs_and_iterations_are_never_mixed() -> None:
    run = (
        series("train", "epoch_loss"),
        series("validation", "evaluation_loss_vs_iterations", 20, 600),
        series("validation", "epoch_loss"),
    )
    assert spoken(*run) == ("train/epoch_loss", "validation/epoch_loss")
    assert spoken(*run[:2]) == ("train/epoch_loss", None)


@pytest.mark.parametrize(
    ("scalars", "losses"),
    [
        (
            [
                series("train", "train/box_loss"),
                series("train", "train/obj_loss"),
                series("train", "train/loss"),
                series("validation", "val/box_loss"),
                series("validation", "val/loss"),
            ],
            ("train/loss", "val/loss"),
        ),
        (
            [
                series("", "loss_cls", 200),
                series("", "loss_box_reg", 200),
                series("", "total_loss", 200),
            ],
            ("total_loss", None),
        ),
        (
            [series("train", "train_loss_epoch", 30), series("validation", "val_loss", 30)],
            ("train_loss_epoch", "val_loss"),
        ),
        (
            [
                series("train", "train/loss", 400, 10),
                series("train", "train/train_loss", 1),
                series("validation", "eval/loss", 10, 400),
            ],
            ("train/loss", "eval/loss"),
        ),
        (
            [series("train", "train/value_loss"), series("train", "train/loss")],
            ("train/loss", None),
        ),
        (
            [
                series("train", "Loss/train"),
                series("validation", "Loss/val"),
                series("test", "Loss/test", 90),
            ],
            ("Loss/train", "Loss/val"),
        ),
        ([series("", "loss"), series("test", "loss")], ("loss", "test/loss")),
        ([series("validation", "val_loss")], (None, "val_loss")),
        ([series("", "energy")], (None, None)),
        ([series("", "loss_a"), series("", "loss_b", 30)], (None, None)),
    ],
    ids=[
        "yolo",
        "detectron",
        "lightning",
        "hugging face",
        "agents",
        "summary writer",
        "test for want of validation",
        "validation alone",
        "unknown",
        "parts on other steps",
    ],
)
def test_the_losses_of_real_writers_are_paired(
    scalars: list[Scalar], losses: tuple[str | None, str | None]
) -> None:
    assert spoken(*scalars) == losses


def test_parts_without_a_total_are_summed() -> None:
    context = context_of(make_run(series("", "loss_a"), series("", "loss_b")))
    assert context.train_loss is not None
    assert context.train_loss.tag == "loss_a + loss_b"
    np.testing.assert_allclose(context.train_loss.values, np.linspace(4, 2, 20))


def test_an_epoch_average_is_preferred_once_it_is_long_enough() -> None:
    batches, long, short = (
        series("train", "train_loss_step", 2000),
        series("train", "train_loss_epoch", 40),
        series("train", "train_loss_epoch", 5),
    )
    assert spoken(batches, long)[0] == "train_loss_epoch"
    assert spoken(batches, short)[0] == "train_loss_step"


def test_the_metric_is_accuracy_where_there_is_one() -> None:
    run = make_run(
        series("train", "epoch_loss"),
        series("train", "epoch_auc"),
        series("train", "epoch_accuracy"),
        series("validation", "epoch_accuracy"),
    )
    spoken = context_of(run).roles()
    assert spoken["train_metric"] == ("train", "epoch_accuracy")
    assert spoken["validation_metric"] == ("validation", "epoch_accuracy")


def test_the_result_that_goes_with_hyperparameters_is_no_curve() -> None:
    run = make_run(
        series("", "hparam/acc", 1), series("validation", "acc/val"), series("", "loss/train")
    )
    metric = context_of(run).validation_metric
    assert metric is not None
    assert metric.tag == "acc/val"
    assert context_of(run).train_metric is None


@pytest.mark.parametrize(
    ("a", "b", "together"),
    [
        (series("train", "epoch_loss"), series("validation", "epoch_loss"), True),
        (series("", "train/loss", 400, 10), series("", "val/loss", 10, 400), True),
        (series("", "train/loss", 4000), series("", "val/loss", 20), False),
        (series("", "epoch_loss"), series("", "loss"), False),
        (series("", "epoch_loss"), series("", "batch_loss"), False),
    ],
)
def test_only_what_counts_the_same_shares_a_chart(a: Scalar, b: Scalar, together: bool) -> None:
    first, second = context_of(make_run(a, b)).series
    assert comparable(first, second) is comparable(second, first) is together


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        (("g_loss", "d_loss"), Kind.ADVERSARIAL),
        (("Loss/Generator", "Loss/Discriminator"), Kind.ADVERSARIAL),
        (("errG", "errD"), Kind.ADVERSARIAL),
        (("rollout/ep_rew_mean", "train/loss"), Kind.REINFORCEMENT),
        (("Environment/Cumulative Reward", "Losses/Policy Loss"), Kind.REINFORCEMENT),
        (("ray/tune/episode_reward_mean",), Kind.REINFORCEMENT),
        (("charts/episodic_return", "losses/actor_loss"), Kind.REINFORCEMENT),
        (("loss", "val_loss", "accuracy"), Kind.SUPERVISED),
        (("loss_d", "loss_box"), Kind.SUPERVISED),
        (("energy",), Kind.SUPERVISED),
    ],
)
def test_the_names_give_the_kind_of_training_away(tags: tuple[str, ...], kind: Kind) -> None:
    assert context_of(make_run(*(series("", tag) for tag in tags))).kind == kind


@pytest.mark.parametrize(
    ("rate", "kind"),
    [
        (1e-7 * 10 ** (8 * np.arange(100) / 99), Kind.RANGE_TEST),
        (1e-7 * np.arange(1, 101), Kind.SUPERVISED),  # a warm-up that was cut short
        (1e-3 * 0.9 ** np.arange(100), Kind.SUPERVISED),
        (np.full(100, 1e-3), Kind.SUPERVISED),
        (1e-3 * 10 ** (0.5 * np.arange(100) / 99), Kind.SUPERVISED),
    ],
    ids=["exponential", "linear", "decay", "constant", "little"],
)
def test_a_rate_that_grows_exponentially_to_the_end_is_a_range_test(
    rate: FloatArray, kind: Kind
) -> None:
    run = make_run(Scalar("train/loss", np.linspace(3, 1, 100)), Scalar("lr", rate))
    assert context_of(run).kind == kind


def test_one_rate_of_several_that_grows_makes_no_range_test() -> None:
    grows, constant = 1e-8 * 10 ** (4 * np.arange(100) / 99), np.full(100, 1e-3)
    run = make_run(
        Scalar("train/loss", np.linspace(3, 1, 100)),
        Scalar("lr/a", grows),
        Scalar("lr/b", constant),
    )
    assert context_of(run).kind == Kind.SUPERVISED


def test_a_recording_with_a_counterpart_on_held_out_data_is_preferred() -> None:
    """Keras with `update_freq`: many batch losses, and two evaluations on their axis."""
    context = context_of(
        make_run(
            Scalar("batch_loss", np.linspace(2, 1, 400), "train"),
            Scalar("evaluation_loss_vs_iterations", np.array([2.0, 1.0]), "validation"),
            Scalar("epoch_loss", np.linspace(2, 1, 12), "train"),
            Scalar("epoch_loss", np.linspace(2, 1, 12), "validation"),
        )
    )
    assert context.roles()["train_loss"] == ("train", "epoch_loss")
    assert context.roles()["validation_loss"] == ("validation", "epoch_loss")
