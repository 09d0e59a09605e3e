"""What careful people log that looks like a fault, and the faults that look like it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import tblogreport
from tblogreport.findings import Severity, Status
from tests.eventfiles import WALL_TIME, write_run
from tests.families import noisy
from tests.runs import (
    FloatArray,
    Histogram,
    Scalar,
    alarms,
    judge,
    make_run,
    signals_of,
)
from tests.tensors import (
    bad_loss,
    good_loss,
    gradients,
    recorded,
    silent,
    training,
    unmoved,
)

N = 40
T = np.linspace(0.0, 1.0, N)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def train(values: FloatArray, tag: str = "train/loss") -> Scalar:
    return Scalar(tag, values, "train")


def held_out(values: FloatArray, tag: str = "val/loss") -> Scalar:
    return Scalar(tag, values, "validation")


def falls(first: float, last: float, rate: float = 6.0, n: int = N) -> FloatArray:
    values = last + (first - last) * np.exp(-rate * np.linspace(0.0, 1.0, n))
    return noisy(rng(n), values, 0.01)


# Layers that are frozen on purpose.


def lora() -> list[Histogram]:
    frozen = [recorded(f"weights/{i}.base.weight", unmoved(i)) for i in range(3)]
    added = [
        recorded(f"weights/{i}.lora_{part}", training(10 * i + j))
        for i in range(3)
        for j, part in enumerate("AB")
    ]
    return frozen + added


def test_factors_beside_frozen_weights_are_how_lora_trains() -> None:
    finding = judge("unchanged-weights", make_run(good_loss(), *lora())).finding
    assert finding.severity == Severity.INFO
    assert "LoRA" in finding.message
    assert "No layer" not in finding.title


def test_factors_that_do_not_move_either_are_a_fault() -> None:
    added = [recorded(f"weights/{i}.lora_A", unmoved(9 + i)) for i in range(3)]
    run = make_run(bad_loss(), *lora()[:3], *added)
    assert judge("unchanged-weights", run).finding.severity == Severity.ERROR


@pytest.mark.parametrize(("own_bias_moves", "status"), [(True, Status.CLEAN), (False, "fired")])
def test_biases_that_are_trained_alone_tell_of_no_dead_layer(
    *, own_bias_moves: bool, status: str
) -> None:
    run = make_run(
        bad_loss(),
        recorded("0.weight", unmoved(0)),
        recorded("0.bias", training(1) if own_bias_moves else unmoved(1)),
        recorded("2.weight", unmoved(2)),
        recorded("2.bias", training(3)),
    )
    assert judge("dead-layer", run).status == status


def test_all_kernels_without_gradient_before_a_bias_that_has_one_are_behind_a_dead_layer() -> None:
    kernels = [recorded(f"{i}.weight.grad", silent()) for i in (0, 2, 4)]
    biases = [recorded(f"{i}.bias.grad", silent()) for i in (0, 2)]
    last = recorded("4.bias.grad", gradients(0, 1e-2))
    assert judge("dead-layer", make_run(bad_loss(), *kernels, *biases, last)).finding.layer == (
        "layer 2"
    )
    nothing = recorded("4.bias.grad", silent())
    run = make_run(bad_loss(), *kernels, *biases, nothing)
    assert judge("dead-layer", run).status == Status.CLEAN


# First losses that are no mean cross-entropy.


def score(last: float, first: float = 0.1) -> FloatArray:
    return last - (last - first) * np.exp(-6.0 * T)


def test_a_sum_over_a_batch_that_ends_well_is_a_note() -> None:
    steady = 115.0 * np.exp(-5.0 * T)
    run = make_run(train(steady), held_out(score(0.978), "val/accuracy"))
    assert judge("poor-initialization", run).finding.severity == Severity.INFO
    poor = make_run(train(steady), held_out(score(0.6), "val/accuracy"))
    assert judge("poor-initialization", poor).finding.severity == Severity.WARNING


@pytest.mark.parametrize("other", ["train/ce_loss", "val/loss"])
def test_a_distillation_says_nothing_of_the_first_weights(other: str) -> None:
    split = other.split("/", maxsplit=1)[0].replace("val", "validation")
    run = make_run(
        train(22.0 * np.exp(-4.0 * T), "train/total_loss"),
        Scalar(other, 2.3 * np.exp(-3.0 * T), split),
        held_out(score(0.7), "val/accuracy"),
    )
    assert judge("poor-initialization", run).status != Status.FIRED


# Short runs.


def test_a_language_model_that_has_just_begun_is_not_thrown_about() -> None:
    """Its accuracy is that of a guess among three; it began at a guess among eighty."""
    loss = [4.41, 3.98, 3.69, 3.19, 3.09, 2.95, 2.79, 2.80, 2.78, 2.67, 2.77, 2.69, 2.66, 2.56]
    accuracy = [0.293, 0.286, 0.292, 0.301, 0.318, 0.332]
    run = make_run(
        train(np.array(loss)),
        held_out(np.array([3.50, 2.96, 2.83, 2.75, 2.68, 2.62]), "eval/loss"),
        held_out(np.array(accuracy), "eval/accuracy"),
    )
    assert not alarms(run)


def test_a_loss_that_comes_down_to_a_guess_from_a_blast_is_thrown_about() -> None:
    blast = np.concatenate([[50.0], noisy(rng(), np.full(N - 1, 2.45), 0.02)])
    run = make_run(train(blast), Scalar("train/accuracy", np.full(N, 0.1), "train"))
    assert alarms(run)["non-converging-loss"] == Severity.ERROR


def test_a_score_that_climbs_to_the_end_has_improved() -> None:
    climbing = [0.27, 0.31, 0.57, 0.39, 0.56, 0.65]
    loss = np.array([2.29, 2.22, 2.15, 2.06, 1.95, 1.81])
    run = make_run(train(loss), held_out(loss - 0.05), held_out(np.array(climbing), "val/accuracy"))
    assert Severity.ERROR not in alarms(run).values()


def test_a_loss_that_falls_ever_faster_has_only_begun() -> None:
    faster = 2.34 - 0.9 * np.linspace(0, 1, 22) ** 2.6
    assert judge("slow-convergence", make_run(train(faster))).status == Status.CLEAN
    evenly = 2.34 - 0.4 * np.linspace(0, 1, 22)
    assert judge("slow-convergence", make_run(train(evenly))).status == Status.FIRED


# A task that becomes another one.


def harder() -> FloatArray:
    stages = [falls(1.7, 0.07, n=15), falls(0.45, 0.35, n=12), falls(0.8, 0.6, n=13)]
    return np.concatenate(stages)


def test_a_train_loss_that_rises_while_validation_improves_has_more_to_do() -> None:
    better = falls(0.9, 0.08, rate=5.0)
    assert judge("diverging-loss", make_run(train(harder()), held_out(better))).status == (
        Status.CLEAN
    )
    worse = np.maximum(better, harder())
    assert judge("diverging-loss", make_run(train(harder()), held_out(worse))).status == (
        Status.FIRED
    )


def test_a_second_stage_with_a_loss_of_its_own_is_no_divergence() -> None:
    loss = np.concatenate([falls(0.25, 0.01, n=60), falls(1.35, 0.08, n=60)])
    late = Scalar(
        "val/acc", 0.96 - 0.4 * np.exp(-np.arange(15) / 2.0), "validation", 60 + 4 * np.arange(15)
    )
    assert judge("diverging-loss", make_run(train(loss), late)).status == Status.CLEAN
    assert judge("diverging-loss", make_run(train(loss))).status == Status.FIRED


@pytest.mark.parametrize("folds", [3, 5])
def test_folds_that_stand_one_behind_the_other_are_no_swing(folds: int) -> None:
    loss = np.concatenate([falls(2.2, 0.1, n=15 + i % 2) for i in range(folds)])
    run = make_run(train(loss), held_out(loss + 0.1))
    judged = judge("oscillating-loss", run)
    assert judged.status == Status.NOT_CHECKABLE
    assert f"{folds} trainings of one length" in (judged.reason or "")
    assert not alarms(run)


def test_a_swing_of_the_same_period_is_one() -> None:
    loss = 1.0 + 0.6 * np.sin(2 * np.pi * np.arange(75) / 15)
    assert judge("oscillating-loss", make_run(train(loss))).status == Status.FIRED


# Losses that exploded, and came back to nothing learned.


def test_a_loss_that_explodes_and_comes_back_to_its_start_has_learned_nothing() -> None:
    thrown = 3e6 * np.exp(-np.arange(N) / 1.5) + noisy(rng(), np.full(N, 1.3), 0.1)
    thrown[0] = 0.995
    run = make_run(train(thrown))
    assert judge("diverging-loss", run).finding.severity == Severity.ERROR
    learned = thrown * np.where(np.arange(N) < 30, 1.0, 0.2)
    assert judge("diverging-loss", make_run(train(learned))).status == Status.CLEAN


# Answers that cannot depend on what comes in.


@pytest.mark.parametrize(("level", "status"), [(1.0, Status.FIRED), (0.5, Status.CLEAN)])
def test_the_price_of_the_most_frequent_class_is_no_achievement(level: float, status: str) -> None:
    share = 0.96
    price = -share * np.log(share) - (1 - share) * np.log(1 - share)
    loss = level * price * (1.0 + 2.0 * np.exp(-8.0 * T))
    run = make_run(train(loss), held_out(loss), held_out(np.full(N, share), "val/accuracy"))
    assert judge("non-converging-loss", run).status == status


@pytest.mark.parametrize(("classes", "status"), [(10, Severity.WARNING), (2, None)])
def test_perfect_answers_do_not_cost_what_guesses_among_many_do(
    classes: int, status: Severity | None
) -> None:
    loss = falls(float(np.log(classes)), 0.1)
    run = make_run(train(loss), held_out(0.9 * loss), held_out(np.ones(N), "val/accuracy"))
    assert alarms(run).get("loss-metric-mismatch") == status


def test_a_validation_score_of_nothing_beside_one_that_rises_is_computed_wrongly() -> None:
    loss, trained = falls(2.3, 0.1), Scalar("train/accuracy", score(0.97), "train")
    nothing = held_out(np.zeros(N), "val/accuracy")
    run = make_run(train(loss), held_out(loss), trained, nothing)
    assert alarms(run)["loss-metric-mismatch"] == Severity.WARNING
    regression = make_run(
        train(0.6 * loss, "epoch_loss"),
        held_out(0.6 * loss, "epoch_loss"),
        held_out(np.zeros(N), "epoch_accuracy"),
    )
    assert "loss-metric-mismatch" not in alarms(regression)


def test_a_share_that_is_summed_over_batches_is_impossible() -> None:
    run = make_run(train(falls(2.3, 0.1)), held_out(690.0 * score(1.0, 0.7), "eval_top1"))
    assert "cannot be above 100" in judge("impossible-values", run).finding.message


# Batches.


@pytest.mark.parametrize(("height", "status"), [(15.0, Status.FIRED), (1.5, Status.CLEAN)])
def test_a_batch_that_comes_again_and_again_is_broken_if_it_is_unlike_any(
    height: float, status: str
) -> None:
    loss = noisy(rng(), 0.3 + 2.0 * np.exp(-6.0 * np.linspace(0, 1, 70)), 0.1)
    loss[7::9] *= 1 + height
    run = make_run(Scalar("train/loss", loss, "train", 10 * np.arange(70)))
    assert judge("loss-spikes", run).status == status


# Runs that are taken up again.


def taken_up(tmp_path: Path, second: FloatArray) -> Path:
    first = falls(2.3, 0.1, n=15)
    write_run(tmp_path, {"train/loss": first.tolist()})
    write_run(tmp_path, {"train/loss": second.tolist()}, first_step=15, begun=WALL_TIME + 400)
    return tmp_path


def test_a_run_that_begins_anew_in_a_further_file_lost_its_weights(tmp_path: Path) -> None:
    (run,) = tblogreport.analyze(taken_up(tmp_path, falls(2.3, 0.1, n=15))).runs
    (finding,) = [f for f in run.findings if f.check == "resumed-run"]
    assert finding.severity == Severity.WARNING
    assert "began anew" in finding.message
    assert run.causes[0].cause == "state-not-restored"


def test_a_run_that_goes_on_in_a_further_file_is_not_worth_a_word(tmp_path: Path) -> None:
    (run,) = tblogreport.analyze(taken_up(tmp_path, np.full(15, 0.1))).runs
    assert "resumed-run" not in {f.check for f in run.findings}
    assert not run.notes


def test_a_loss_that_goes_its_whole_way_again_was_begun_anew() -> None:
    """Without a word of the files; from another height it may be a step that was too long."""
    way = falls(2.3, 0.1, n=20)
    anew = make_run(train(np.concatenate([way, 1.02 * way])))
    finding = judge("resumed-run", anew).finding
    assert finding.severity == Severity.WARNING
    assert "whole way again" in finding.message
    spike = make_run(train(np.concatenate([way, 0.1 + 1.5 * np.exp(-np.arange(20) / 2.0)])))
    assert judge("resumed-run", spike).status == Status.CLEAN


def test_a_further_file_tells_where_the_loss_alone_does_not() -> None:
    loss = np.concatenate([falls(2.3, 0.1, n=20), falls(1.6, 0.1, n=20)])
    run = make_run(train(loss))
    assert judge("resumed-run", run).status == Status.CLEAN
    jumped = replace(run, continued_at=(float(run.scalars["wall_time"][20]),))
    assert judge("resumed-run", jumped).finding.severity == Severity.WARNING


# From a second set of programs.


def test_factors_and_a_new_head_behind_them_are_how_lora_is_used() -> None:
    """PEFT trains a classifier beside the factors, and names what it leaves alone."""
    layers = [
        (f"{i}.{name}", training(10 * i + j) if j else unmoved(i))
        for i in (0, 2)
        for j, name in enumerate(("base_layer.weight", "lora_A.weight", "lora_B.weight"))
    ]
    tuned = [recorded(tag, values) for tag, values in layers]
    head = recorded("4.weight", training(99))
    finding = judge("unchanged-weights", make_run(good_loss(), *tuned, head)).finding
    assert finding.severity == Severity.INFO
    first = recorded("0.weight", training(98))  # a layer of its own before what stands still
    judged = judge("unchanged-weights", make_run(good_loss(), first, *tuned[3:], head))
    assert judged.finding.severity == Severity.INFO or "LoRA" not in judged.finding.message


@pytest.mark.parametrize("tag", ["metrics/mAP50(B)", "metrics/mAP_0.5", "bbox/AP50", "knn_acc"])
def test_what_nobody_computes_of_training_batches_is_of_validation(tag: str) -> None:
    context = signals_of(make_run(train(falls(2.0, 0.5)), Scalar(tag, score(0.8)))).context
    assert context.validation_metric is not None
    assert context.validation_metric.tag == tag


def test_bits_per_dimension_are_a_loss() -> None:
    run = make_run(train(falls(4.0, 3.0), "bpd/train"), held_out(falls(4.1, 3.1), "bpd/valid"))
    assert signals_of(run).loss is not None


def test_a_writer_of_metrics_beside_train_is_no_run_of_its_own(tmp_path: Path) -> None:
    for name in ("train", "validation", "metrics"):
        write_run(tmp_path / "fit" / name, {f"{name}_value": [1.0, 0.5]})
    write_run(tmp_path / "metrics", {"loss": [1.0, 0.5]})
    names = [run.name for run in tblogreport.read(tmp_path)]
    assert names == ["fit", "metrics"]


@pytest.mark.parametrize(("floor", "status"), [(0.3133, Status.FIRED), (0.28, Status.CLEAN)])
def test_two_softmaxes_over_two_classes_end_just_there(floor: float, status: str) -> None:
    loss = floor + 0.01 + 0.4 * np.exp(-12.0 * T)
    run = make_run(held_out(loss), held_out(np.full(N, 0.99), "val/accuracy"))
    assert judge("loss-metric-mismatch", run).status == status


def test_a_loss_that_comes_to_rest_at_a_guess_has_forgotten_all() -> None:
    """Decay brings the weights to nothing, from a loss that held their penalty."""
    loss = np.log(10) + 60.0 * np.exp(-20.0 * T)
    accuracy = Scalar("train/accuracy", 0.1 + 0.1 * np.exp(-20.0 * (T - 0.1) ** 2), "train")
    assert alarms(make_run(train(loss), accuracy))["non-converging-loss"] == Severity.ERROR
    learning = Scalar("train/accuracy", score(0.6), "train")
    assert "non-converging-loss" not in alarms(make_run(train(loss), learning))


def test_a_first_loss_before_any_step_tells_of_the_first_weights() -> None:
    steps = np.linspace(0.0, 1.0, 200)
    loss = noisy(rng(), 70.0 * np.exp(-40.0 * steps) + 1.3 + 4.0 * np.exp(-5.0 * steps), 0.1)
    loss[0] = 75.0
    low = Scalar("eval/accuracy", score(0.6), "validation", 5 * np.arange(N))
    run = make_run(Scalar("train/loss", loss, "train", np.arange(200)), low)
    assert alarms(run)["poor-initialization"] == Severity.WARNING
    thrown = loss.copy()
    thrown[0] = 2.3
    again = make_run(Scalar("train/loss", thrown, "train", np.arange(200)), low)
    assert "poor-initialization" not in alarms(again)


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ([2.28, 2.21, 2.12, 2.0], Status.FIRED),
        ([2.28, 2.12, 2.21, 2.0], Status.CLEAN),
        ([2.28, 1.0, 0.6, 0.595], Status.CLEAN),
    ],
)
def test_a_few_epochs_that_each_were_the_best_ended_too_soon(
    values: list[float], status: str
) -> None:
    run = make_run(train(np.array(values)), held_out(np.array(values)))
    assert (judge("still-improving", run).status == Status.FIRED) == (status == Status.FIRED)
