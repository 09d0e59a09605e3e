"""Causes that lie in how a training was set up, told by scores, signs and first values."""

from __future__ import annotations

import numpy as np
import pytest

from tblogreport.causes.case import Case
from tblogreport.causes.score_clues import falls_below_zero
from tests.families import noisy, time_of
from tests.runs import FloatArray, Scalar, diagnose, make_run, signals_of, written_again
from tests.tensors import gradients, recorded, unmoved

N = 30
T = np.linspace(0.0, 1.0, N)
FALL = 2.26 * np.exp(-6 * T) + 0.05
LEARNED = 1 - 0.9 * np.exp(-6 * T)


def first_cause(*series: Scalar) -> str | None:
    causes = diagnose(make_run(*series)).causes
    return causes[0].cause if causes else None


def train(loss: FloatArray, accuracy: FloatArray | None = None) -> list[Scalar]:
    series = [Scalar("epoch_loss", loss, "train")]
    return series if accuracy is None else [*series, Scalar("epoch_accuracy", accuracy, "train")]


def held_out(loss: FloatArray, accuracy: FloatArray | None = None) -> list[Scalar]:
    series = [Scalar("epoch_loss", loss, "validation")]
    if accuracy is not None:
        series.append(Scalar("epoch_accuracy", accuracy, "validation"))
    return series


@pytest.mark.parametrize("below", [0.0, 0.002, 0.04])
def test_answers_below_chance_on_validation_alone_are_its_labels(below: float) -> None:
    run = [*train(FALL, LEARNED), *held_out(2.4 + 8 * T, np.linspace(0.1, below, N))]
    assert first_cause(*run) == "labels-or-data-broken"


def test_answers_at_chance_on_validation_while_training_is_learned_are_labels_too() -> None:
    chance = 0.1 + 0.01 * np.sin(np.arange(N))
    run = [*train(FALL, LEARNED), *held_out(2.4 + 2 * T, chance)]
    assert first_cause(*run) == "labels-or-data-broken"


def test_a_validation_loss_far_above_training_from_the_start_is_prepared_otherwise() -> None:
    run = [*train(FALL, LEARNED), *held_out(14 + 190 * T, np.full(N, 0.33))]
    causes = diagnose(make_run(*run)).causes
    assert causes[0].cause == "labels-or-data-broken"
    assert "prepared in another way" in causes[0].summary


def test_overfitting_stays_what_it_is() -> None:
    turned = 0.4 + 1.9 * np.exp(-8 * T) + 0.8 * np.clip(T - 0.3, 0, None)
    run = [*train(FALL, LEARNED), *held_out(turned, 0.8 * LEARNED)]
    assert first_cause(*run) == "too-little-regularization"


def test_a_loss_that_rises_steadily_to_answers_below_chance_has_the_wrong_sign() -> None:
    rises = 0.7 * np.exp(4 * T)
    run = [*train(rises), *held_out(rises + 0.1, np.linspace(0.4, 0.08, N))]
    causes = diagnose(make_run(*run)).causes
    assert causes[0].cause == "wrong-loss-or-output"
    assert "wrong sign" in causes[0].summary


def test_a_loss_that_is_thrown_out_to_chance_is_the_rate() -> None:
    thrown = np.where(T < 0.3, FALL, noisy(np.random.default_rng(0), np.full(N, 8.0), 0.3))
    run = [*train(thrown), *held_out(thrown, np.where(T < 0.3, LEARNED, 0.1))]
    assert first_cause(*run) == "learning-rate-too-high"


def test_a_cross_entropy_below_zero_with_wrong_answers_is_an_error() -> None:
    falls = -2.3 - 60 * T
    run = make_run(*train(falls, np.linspace(0.3, 0.001, N)))
    diagnosis = diagnose(run)
    assert [f.check for f in diagnosis.findings if f.severity == "error"] == [
        "loss-metric-mismatch"
    ]
    assert diagnosis.causes[0].cause == "wrong-loss-or-output"


def steps_unapplied(norm: float) -> list[Scalar]:
    """Batches differ, the validation data do not, and nothing ever changes."""
    batches = noisy(np.random.default_rng(1), np.full(200, 2.33), 0.01)
    return [
        Scalar("train/loss", batches, "train", seconds=np.arange(200.0)),
        Scalar("train/grad_norm", np.full(200, norm), "train", seconds=np.arange(200.0)),
        Scalar("eval/loss", np.full(20, 2.3295), "validation", 10 * np.arange(20)),
        Scalar("eval/accuracy", np.full(20, 0.05), "validation", 10 * np.arange(20)),
    ]


@pytest.mark.parametrize(
    ("norm", "cause"), [(0.8, "layer-not-trained"), (0.0, "wrong-loss-or-output")]
)
def test_a_gradient_that_nobody_applies_is_told_from_none(norm: float, cause: str) -> None:
    assert first_cause(*steps_unapplied(norm)) == cause


def test_weights_that_never_change_while_gradients_come_were_not_given_to_the_optimiser() -> None:
    kernels = [recorded(f"fc{i}.weight", unmoved(i)) for i in range(3)]
    arriving = [recorded(f"fc{i}.weight.grad", gradients(i, 1e-2)) for i in range(3)]
    run = make_run(*steps_unapplied(0.8), *kernels, *arriving)
    assert diagnose(run).causes[0].cause == "layer-not-trained"


@pytest.mark.parametrize(
    ("unlearned", "cause"), [(False, "labels-or-data-broken"), (True, "learning-rate-too-high")]
)
def test_data_that_break_are_told_by_validation_that_lags(*, unlearned: bool, cause: str) -> None:
    """The train loss is that of a guess at once; weights that were thrown away validate alike."""
    guess, after = float(np.log(10)), np.arange(N) - 15
    jump = np.where(after < 0, FALL, guess + 1e-3 * np.sin(np.arange(N)))
    behind = guess * (1 - np.exp(-0.3 * np.clip(after + 1, 0, None)))
    validated = np.where(after < 0, FALL + 0.05, guess if unlearned else behind)
    rate = Scalar("epoch_learning_rate", np.full(N, 1e-3), "train")
    assert first_cause(*train(jump), rate, *held_out(validated)) == cause


def test_a_rate_that_jumps_explains_what_follows() -> None:
    loss = np.concatenate(
        [2.3 * np.exp(-0.2 * np.arange(20)), [27, 60, 30, 40, 21, 13, 9, 8, 9, 3]]
    )
    late = np.concatenate([loss, 2.0 * np.exp(-0.2 * np.arange(10))])
    rate = np.where(np.arange(40) < 20, 1e-3, 0.3)
    run = [*train(late), Scalar("epoch_learning_rate", rate, "train")]
    diagnosis = diagnose(make_run(*run))
    (found,) = [f for f in diagnosis.findings if f.check == "learning-rate-schedule"]
    assert (found.measured["rate_before"], found.measured["rate_after"]) == (1e-3, 0.3)
    assert diagnosis.causes[0].cause == "learning-rate-too-high"


def test_a_ranking_that_fails_costs_the_causes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("tblogreport.diagnose.rank_causes", failing)
    diagnosis = diagnose(make_run(*train(10 * np.ones(N)), *held_out(1 + T)))
    assert diagnosis.causes == ()
    assert "crashed" in [note.kind for note in diagnosis.notes]


def test_a_loss_that_begins_at_a_guess_with_a_minus_has_the_wrong_sign() -> None:
    loss = np.concatenate([-2.31 * np.exp(9 * T), [np.nan] * 5])
    assert first_cause(Scalar("train/loss", loss, "train")) == "wrong-loss-or-output"


def test_a_validation_loss_alone_that_rises_bit_by_bit_is_memorising() -> None:
    turned = 0.52 + 0.1 * np.exp(-20 * T) + 0.35 * np.clip(T - 0.3, 0, None)
    assert first_cause(*held_out(turned)) == "too-little-regularization"
    thrown = np.where(T < 0.5, 0.5, 6.0)
    assert first_cause(*held_out(thrown)) == "learning-rate-too-high"


def test_answers_at_chance_that_are_sure_of_themselves_are_of_other_inputs() -> None:
    chance = 0.11 + 0.01 * np.sin(np.arange(N))
    run = [*train(FALL, LEARNED), *held_out(5 + 158 * T, chance)]
    assert first_cause(*run) == "labels-or-data-broken"


def test_a_gradient_that_is_enormous_before_any_step_is_no_matter_of_the_rate() -> None:
    lost = np.where(np.arange(40) < 2, 1.5e5, np.nan)
    norm = np.where(np.arange(40) < 2, 1.5e8, np.nan)
    run = [Scalar("train/loss", lost, "train"), Scalar("train/grad_norm", norm, "train")]
    causes = [cause.cause for cause in diagnose(make_run(*run)).causes]
    assert causes[0] == "data-not-scaled"
    assert "learning-rate-too-high" not in causes


@pytest.mark.parametrize("lost", ["train", "validation", "both"])
def test_losses_without_a_single_number_cost_no_cause(lost: str) -> None:
    """Every clue is asked, whatever is missing."""
    nothing = np.full(N, np.nan)
    ours = nothing if lost != "validation" else FALL
    theirs = nothing if lost != "train" else 2.4 + 2 * T
    diagnosis = diagnose(make_run(*train(ours, LEARNED), *held_out(theirs, np.full(N, 0.1))))
    assert "crashed" not in [note.kind for note in diagnosis.notes]
    assert diagnosis.causes


def test_a_stuck_loss_that_repeats_with_every_epoch_is_of_data_in_one_order() -> None:
    one_epoch = 2.5 + 0.1 * np.sin(np.linspace(0, 12, 42)) * np.linspace(1, 0, 42)
    loss = noisy(np.random.default_rng(0), np.tile(one_epoch, 15), 0.002)
    evaluated = 42 * np.arange(1, 16)
    run = [
        Scalar("train_loss", loss, "train", seconds=np.arange(630.0)),
        Scalar("val_loss", np.full(15, 2.31), "validation", evaluated, evaluated - 0.5),
        Scalar("val_acc", np.full(15, 0.1), "validation", evaluated, evaluated - 0.5),
    ]
    assert first_cause(*run) == "data-not-shuffled"


def test_losses_that_rise_at_every_evaluation_have_the_wrong_sign() -> None:
    rises = 2.309 + 0.04 * np.linspace(0, 1, 6) ** 2 + 0.001 * np.arange(6)
    run = [*train(rises, np.full(6, 0.1)), *held_out(rises + 0.01, np.r_[np.full(5, 0.1), 0.073])]
    assert first_cause(*run) == "wrong-loss-or-output"


def test_training_data_that_are_not_learned_are_not_memorised() -> None:
    loss = 2.3 + 70 * np.exp(-8 * T)
    run = [*train(loss, np.full(N, 0.106)), *held_out(2.4 + T, np.linspace(0.1, 0.08, N))]
    assert first_cause(*run) != "too-little-regularization"


@pytest.mark.parametrize(("sign", "turned"), [(-1.0, True), (1.0, False)])
def test_a_cross_entropy_below_zero_that_teaches_nothing_has_the_wrong_sign(
    sign: float, *, turned: bool
) -> None:
    run = make_run(*train(sign * (2.32 + 0.3 * T), np.full(N, 0.11)))
    assert falls_below_zero(Case({}, signals_of(run))) is turned


def test_a_rate_that_was_spent_at_once_left_no_time() -> None:
    n = 80
    rate = np.where(np.arange(n) < 2, 0.02, 5e-5)
    run = [
        Scalar("loss", noisy(np.random.default_rng(0), np.full(n, 2.287), 0.004), "train"),
        Scalar("lr", rate),
    ]
    assert first_cause(*run) == "training-stopped-too-early"


def test_updates_that_are_all_of_one_length_are_clipped() -> None:
    n = 60
    rng = np.random.default_rng(0)
    run = [
        Scalar("train_loss", noisy(rng, np.full(n, 1.2), 0.2), "train"),
        Scalar("eval_loss", np.linspace(1.109, 1.088, 12), "validation", 5 * np.arange(12)),
        Scalar("grad_norm", noisy(rng, np.full(n, 1.6), 0.3)),
        Scalar("update_norm", np.full(n, 5e-5)),
    ]
    assert first_cause(*run) == "clipping-too-tight"


@pytest.mark.parametrize("recurrent", [False, True])
def test_one_point_a_thousand_times_all_before_it_is_of_its_data(*, recurrent: bool) -> None:
    n = 300
    calm = noisy(np.random.default_rng(0), 0.05 + 2.2 * np.exp(-0.05 * np.arange(n)), 0.3)
    loss = np.where(np.arange(n) < 200, calm, 2.303)
    loss[200] = 5e4
    tensor = [recorded("lstm.weight_hh_l0", unmoved(0))] if recurrent else []
    causes = [
        c.cause for c in diagnose(make_run(Scalar("train/loss", loss, "train"), *tensor)).causes
    ]
    assert (causes[:1] == ["labels-or-data-broken"]) is not recurrent


def test_validation_ahead_of_training_that_is_lost_again_is_label_noise() -> None:
    n = 40
    t = np.linspace(0, 1, n)
    run = [
        Scalar("epoch_loss", 2.2 - 1.6 * t, "train"),
        Scalar("epoch_accuracy", 0.3 + 0.25 * (1 - np.exp(-20 * t)) + 0.4 * t, "train"),
        Scalar("epoch_loss", 0.8 + 1.4 * np.exp(-20 * t) + 1.5 * t, "validation"),
        Scalar("epoch_accuracy", 0.93 - 0.7 * np.exp(-20 * t) - 0.35 * t, "validation"),
    ]
    assert first_cause(*run) == "labels-or-data-broken"


def test_a_loss_at_rest_at_ln_2_is_squashed_twice() -> None:
    n = 15
    loss = np.log(2.0) + 0.2 * np.exp(-3.0 * np.arange(n))
    run = [
        Scalar("bce", loss, "train"),
        Scalar("bce", loss, "validation"),
        Scalar("iou", np.full(n, 1e-10), "validation"),
    ]
    assert first_cause(*run) == "wrong-loss-or-output"


def test_a_penalty_that_melts_is_too_much_of_it() -> None:
    t = np.arange(20)
    penalty = 25.0 * np.exp(-0.6 * t)
    series = [
        Scalar("epoch_loss", np.log(10) + penalty, "train"),
        Scalar("epoch_loss", np.log(10) + 0.7 * penalty, "validation"),
        Scalar("epoch_accuracy", np.where(t == 1, 0.13, 0.102), "train"),
        Scalar("epoch_accuracy", np.where(t == 1, 0.136, 0.102), "validation"),
    ]
    causes = diagnose(make_run(*series)).causes
    assert causes[0].cause == "too-much-regularization"
    assert "penalty" in causes[0].summary


def test_a_train_loss_without_an_end_below_zero_has_the_wrong_targets() -> None:
    t = time_of(40)
    series = [
        Scalar("train/loss", -80.0 - 2_400 * t, "train"),
        Scalar("val/loss", 0.6 + 2.0 * t, "validation"),
    ]
    causes = diagnose(make_run(*series)).causes
    assert causes[0].cause == "wrong-loss-or-output"
    assert "targets" in causes[0].summary


def test_labels_that_are_shuffled_from_some_step_on_leave_the_gradient_calm() -> None:
    steps = np.arange(100)
    rng = np.random.default_rng(0)
    broken = np.where(steps < 50, 0.2 + 1.2 * np.exp(-0.1 * steps), 1.43)
    series = [
        Scalar("train/loss", noisy(rng, broken, 0.05), "train"),
        Scalar("grad_norm", noisy(rng, np.full(100, 3.5), 0.2)),
        Scalar("lr", np.full(100, 1e-3)),
        Scalar("val/loss", np.where(steps[::5] < 50, 0.4, 1.3), "validation", steps[::5]),
    ]
    assert diagnose(make_run(*series)).causes[0].cause == "labels-or-data-broken"


def test_a_steady_rise_at_a_usual_rate_is_a_turned_sign() -> None:
    t = np.arange(1, 31)
    rises = 3.0 * t**3.0
    series = [
        Scalar("train/loss", rises, "train"),
        Scalar("val/loss", 1.1 * rises, "validation"),
        Scalar("lr", np.full(30, 1e-3)),
    ]
    causes = diagnose(make_run(*series)).causes
    assert causes[0].cause == "wrong-loss-or-output"
    assert "sign" in causes[0].summary


def test_a_loss_that_is_lost_where_the_run_was_resumed_is_its_state() -> None:
    rng = np.random.default_rng(0)
    loss = noisy(rng, 0.02 + 0.3 * np.exp(-8 * time_of(150)), 0.1)
    loss[75:] = noisy(rng, np.full(75, 0.2), 0.5)
    seconds = np.arange(150) + np.where(np.arange(150) < 75, 0.0, 600.0)
    run = written_again(make_run(Scalar("train/loss", loss, "train", None, seconds)), 75, 78)
    assert diagnose(run).causes[0].cause == "state-not-restored"
