"""One run for each cause, of which it must be the first explanation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tblogreport.causes.case import Case
from tblogreport.causes.network_clues import constant_kernels
from tblogreport.causes.table import HYPOTHESES
from tblogreport.findings import RunDiagnosis, Severity
from tblogreport.reading.run import Run
from tests.families import noisy, time_of
from tests.runs import (
    FloatArray,
    Histogram,
    Scalar,
    diagnose,
    keras_config,
    make_run,
    signals_of,
    tf_histogram,
)
from tests.tensors import (
    RECORDS,
    bad_loss,
    gradients,
    recorded,
    rectified,
    silent,
    training,
    unmoved,
)

CHANCE = Scalar("epoch_accuracy", np.full(100, 0.1) + 1e-3 * np.sin(np.arange(100)), "train")
FALL = 0.2 + 2 * np.exp(-8 * time_of(100))


def kernels(count: int = 4, **how: Any) -> list[Any]:
    return [recorded(f"dense_{i}/kernel/histogram", training(i, **how)) for i in range(count)]


def vanishing(count: int = 4) -> list[Any]:
    strengths = 10.0 ** (2 * np.arange(count) - 2 * count)
    return [
        recorded(f"gradients/dense_{i}/kernel", gradients(i, s)) for i, s in enumerate(strengths)
    ]


def learning_rate_too_high() -> Run:
    swing = 1 + 0.5 * (-1.0) ** np.arange(100)
    rate = Scalar("epoch_learning_rate", np.full(100, 2.0), "train")
    return make_run(Scalar("epoch_loss", swing, "train"), rate)


def learning_rate_too_low() -> Run:
    loss = 2.5 - 0.02 * time_of(100)
    rate = Scalar("epoch_learning_rate", np.full(100, 1e-6), "train")
    return make_run(Scalar("epoch_loss", loss, "train"), rate, *kernels(move=1e-4))


def numerical_error() -> Run:
    return make_run(Scalar("epoch_loss", np.where(np.arange(100) > 60, np.nan, FALL), "train"))


EXPLODED = (
    Scalar("train/loss", np.where(np.arange(100) > 60, np.nan, FALL), "train"),
    Scalar("train/grad_norm", np.where(np.arange(100) > 55, 1e6, 1.0), "train"),
)


def unclipped_gradients() -> Run:
    return make_run(*EXPLODED)


def dead_units() -> Run:
    alive = recorded("activations/dense_0", rectified(0, 0.5))
    dead = recorded("activations/dense_1", silent())
    return make_run(bad_loss(), CHANCE, alive, dead)


def layer_not_trained() -> Run:
    still = recorded("dense_1/kernel/histogram", unmoved(7))
    first, *rest = kernels()
    return make_run(bad_loss(), first, still, *rest[1:])


def saturating_activations() -> Run:
    names = [f"dense_{i}" for i in range(4)]
    config = keras_config(*((name, "tanh") for name in names[:-1]), (names[-1], "softmax"))
    return make_run(bad_loss(), *kernels(), *vanishing(), keras_config=config)


def bad_initialization() -> Run:
    names = [f"dense_{i}" for i in range(4)]
    config = keras_config(*((name, "relu") for name in names[:-1]), (names[-1], "softmax"))
    return make_run(bad_loss(), *kernels(), *vanishing(), keras_config=config)


def wrong_loss_or_output() -> Run:
    config = keras_config(("dense_0", "relu"), ("dense_1", "softmax"))
    config["config"]["layers"][-1]["config"]["units"] = 1
    return make_run(Scalar("epoch_loss", np.full(50, 0.0), "train"), keras_config=config)


def labels_or_data_broken() -> Run:
    healthy = [recorded(f"gradients/dense_{i}/kernel", gradients(i, 1e-2)) for i in range(4)]
    return make_run(bad_loss(), CHANCE, *kernels(), *healthy)


def too_little_regularization() -> Run:
    t = time_of(100)
    held_out = noisy(np.random.default_rng(0), FALL + np.clip(t - 0.4, 0, None) + 0.2, 0.01)
    return make_run(
        Scalar("epoch_loss", FALL - 0.15 * t, "train"), Scalar("epoch_loss", held_out, "validation")
    )


def training_stopped_too_early() -> Run:
    t = time_of(100)
    loss = 0.5 + 1.5 * np.exp(-3 * np.minimum(t, 0.3))
    rate = Scalar("epoch_learning_rate", np.maximum(1e-5, 0.1 * (1 - t / 0.3)), "train")
    return make_run(Scalar("epoch_loss", loss, "train"), rate)


def input_runs_out() -> Run:
    return make_run(Scalar("epoch_loss", np.where(np.arange(100) % 2, 0.0, FALL), "train"))


def state_not_restored() -> Run:
    anew = np.concatenate([FALL[:60], FALL[:40]])
    run = make_run(Scalar("epoch_loss", noisy(np.random.default_rng(0), anew, 0.02), "train"))
    return replace(run, continued_at=(float(run.scalars["wall_time"][60]),))


def too_much_regularization() -> Run:
    shrinking = [recorded(f"dense_{i}/kernel/histogram", decayed(i)) for i in range(4)]
    return make_run(bad_loss(), CHANCE, *shrinking)


def decayed(seed: int) -> list[FloatArray]:
    drawn = np.random.default_rng(seed).normal(0.0, 0.1, 900)
    return [drawn * 10.0 ** (-0.5 * record) for record in range(RECORDS)]


def data_not_shuffled() -> Run:
    one_epoch = np.concatenate([[4.0, 1.0, 0.3, 0.1, 0.05]] * 4)
    evaluated = 20 * np.arange(1, 11)
    return make_run(
        Scalar("train/loss", np.tile(one_epoch, 10), "train", seconds=np.arange(200.0)),
        Scalar("val/loss", np.full(10, 3.0), "validation", evaluated, evaluated - 0.5),
        Scalar("val/accuracy", np.full(10, 0.25), "validation", evaluated, evaluated - 0.5),
    )


def classes_of_unequal_size() -> Run:
    share = 0.95
    entropy = -share * np.log(share) - (1 - share) * np.log(1 - share)
    loss = entropy * (1 + 1.5 * np.exp(-8 * time_of(60)))
    return make_run(
        Scalar("epoch_loss", loss, "train"),
        Scalar("epoch_loss", loss, "validation"),
        Scalar("epoch_accuracy", np.full(60, share), "validation"),
    )


def unbalanced_adversaries() -> Run:
    judge, maker = 1.4 * np.exp(-30 * time_of(100)), 0.7 + 8 * time_of(100)
    return make_run(Scalar("Loss/D", judge), Scalar("Loss/G", maker))


def too_little_exploration() -> Run:
    entropy = -0.69 * np.exp(-30 * time_of(100))
    reward = noisy(np.random.default_rng(0), np.full(100, 9.4), 0.02)
    return make_run(Scalar("train/entropy_loss", entropy), Scalar("rollout/ep_rew_mean", reward))


def exploration_never_ends() -> Run:
    reward = noisy(np.random.default_rng(0), np.full(100, 22.0), 0.02)
    share = Scalar("rollout/exploration_rate", np.ones(100))
    return make_run(share, Scalar("rollout/ep_rew_mean", reward))


def data_not_scaled() -> Run:
    return make_run(Scalar("epoch_loss", 2.9e4 + 10 * np.exp(-8 * time_of(100)), "train"))


def clipping_too_tight() -> Run:
    batches = noisy(np.random.default_rng(0), np.full(100, 2.303), 0.01)
    norm = noisy(np.random.default_rng(1), np.full(100, 0.33), 0.2)
    return make_run(
        Scalar("train/loss", batches, "train", 10 * np.arange(100)),
        Scalar("grad_norm", norm, "", 10 * np.arange(100)),
        Scalar("lr", np.full(100, 0.05), "", 10 * np.arange(100)),
        Scalar("val/loss", 2.304 - 2e-3 * time_of(20), "validation", 50 * np.arange(20)),
    )


CASES: dict[str, Callable[[], Run]] = {
    case.__name__.replace("_", "-"): case
    for case in (
        learning_rate_too_high,
        learning_rate_too_low,
        numerical_error,
        unclipped_gradients,
        dead_units,
        layer_not_trained,
        saturating_activations,
        bad_initialization,
        wrong_loss_or_output,
        labels_or_data_broken,
        too_little_regularization,
        training_stopped_too_early,
        input_runs_out,
        state_not_restored,
        too_much_regularization,
        data_not_shuffled,
        classes_of_unequal_size,
        unbalanced_adversaries,
        too_little_exploration,
        exploration_never_ends,
        data_not_scaled,
        clipping_too_tight,
    )
}


@pytest.fixture(scope="module")
def diagnoses() -> dict[str, RunDiagnosis]:
    return {name: diagnose(case()) for name, case in CASES.items()}


def test_every_cause_has_a_case() -> None:
    assert set(CASES) == {hypothesis.cause for hypothesis in HYPOTHESES}


@pytest.mark.parametrize("cause", CASES)
def test_a_cause_leads_in_its_case_or_explains_it_equally_well(
    cause: str, diagnoses: dict[str, RunDiagnosis]
) -> None:
    first, *others = diagnoses[cause].causes
    (named,) = (c for c in (first, *others) if c.cause == cause)
    # An explosion of the gradient alone may as well come from a rate that is too high.
    assert named is first or cause == "unclipped-gradients"
    assert first.confidence - named.confidence < 0.12
    assert 0.5 <= named.confidence <= 1
    assert named.fixes
    assert named.summary.endswith(".")


def test_the_evidence_for_a_cause_is_told(diagnoses: dict[str, RunDiagnosis]) -> None:
    lead = diagnoses["learning-rate-too-high"].causes[0]
    assert any("swings" in clue for clue in lead.evidence_for)
    assert diagnoses["unclipped-gradients"].causes[0].cause == "unclipped-gradients"


def test_no_cause_is_named_without_evidence(diagnoses: dict[str, RunDiagnosis]) -> None:
    causes = [cause for diagnosis in diagnoses.values() for cause in diagnosis.causes]
    assert causes
    assert all(cause.evidence_for for cause in causes)


@pytest.mark.parametrize("cause", CASES)
def test_findings_stand_under_their_cause_and_causes_over_findings(
    cause: str, diagnoses: dict[str, RunDiagnosis]
) -> None:
    diagnosis = diagnoses[cause]
    fired = {finding.check for finding in diagnosis.findings}
    named = [c.cause for c in diagnosis.causes]
    assert len(named) == len(set(named))
    assert all(c.explains and set(c.explains) <= fired for c in diagnosis.causes)
    assert {f.explained_by for f in diagnosis.findings} - {None} <= set(named)
    confidences = [c.confidence for c in diagnosis.causes]
    assert confidences == sorted(confidences, reverse=True)


def test_the_consequences_of_one_cause_stand_under_it() -> None:
    """A dead layer, gradients that end at it, and a loss that stays: one cause."""
    diagnosis = diagnose(dead_units())
    assert {f.check for f in diagnosis.findings} == {"dead-layer", "non-converging-loss"}
    assert {f.explained_by for f in diagnosis.findings} == {"dead-units"}


def test_the_learning_rate_that_was_logged_is_named(diagnoses: dict[str, RunDiagnosis]) -> None:
    high = diagnoses["learning-rate-too-high"].causes[0]
    assert "(2)" in high.summary
    assert "from 2 to 0.2" in high.fixes[0]


def test_broken_labels_do_not_send_the_user_to_the_learning_rate(
    diagnoses: dict[str, RunDiagnosis],
) -> None:
    assert "learning rate" not in diagnoses["labels-or-data-broken"].causes[0].fixes[0]


def test_a_growing_loss_before_nan_is_the_learning_rate_and_not_arithmetic() -> None:
    values = np.concatenate([FALL, FALL[-1] * 3.0 ** np.arange(1, 8), [np.nan] * 5])
    causes = diagnose(make_run(Scalar("epoch_loss", values, "train"))).causes
    assert causes[0].cause == "learning-rate-too-high"
    assert "numerical-error" not in {c.cause for c in causes}


def test_notes_alone_have_no_cause() -> None:
    """A backbone that stands still in a run that did well is fine-tuning."""
    still = recorded("base/kernel/histogram", unmoved(7))
    diagnosis = diagnose(make_run(Scalar("epoch_loss", FALL, "train"), still, *kernels()))
    assert {f.severity for f in diagnosis.findings} == {Severity.INFO}
    assert diagnosis.causes == ()


def test_a_healthy_run_has_no_cause() -> None:
    assert diagnose(make_run(Scalar("epoch_loss", FALL, "train"))).causes == ()


def test_a_kernel_that_begins_without_a_finite_value_is_no_constant_one() -> None:
    """A NaN tensor leaves buckets without edges and counts: nothing can be read off them."""
    broken = (np.full(31, np.nan), np.zeros(30))
    kernel = Histogram("dense/kernel", [broken, tf_histogram(np.arange(30.0))], "train")
    assert not constant_kernels(Case({}, signals_of(make_run(kernel))))


def test_a_calm_start_that_ends_in_nan_is_arithmetic_and_not_the_rate() -> None:
    """Steps that fell evenly until a bad row came speak against the rate."""
    values = np.concatenate([np.linspace(2.3, 2.2, 18), np.full(282, np.nan)])
    causes = diagnose(make_run(Scalar("train/loss", values, "train"))).causes
    assert causes[0].cause == "numerical-error"
    assert "learning-rate-too-high" not in {c.cause for c in causes}


def test_an_epoch_that_is_lost_at_once_is_the_rate() -> None:
    values = np.concatenate([[2.3], np.full(20, np.nan)])
    assert diagnose(make_run(Scalar("epoch_loss", values, "train"))).causes[0].cause == (
        "learning-rate-too-high"
    )


def test_a_loss_that_never_was_a_number_has_two_causes() -> None:
    run = make_run(Scalar("train_loss", np.full(28, np.nan)))
    causes = [cause.cause for cause in diagnose(run).causes]
    assert causes == ["learning-rate-too-high", "numerical-error"]


def test_layers_that_stand_still_outrank_a_low_rate() -> None:
    still = [recorded(f"fc{i}/kernel/histogram", unmoved(7 + i)) for i in (1, 2)]
    moving = recorded("fc0/kernel/histogram", training(0))
    slow = Scalar("epoch_loss", 2.31 - 0.05 * time_of(100), "train")
    causes = diagnose(make_run(slow, moving, *still)).causes
    assert causes[0].cause == "layer-not-trained"


def test_the_rate_to_leave_is_the_one_at_which_the_loss_rose() -> None:
    """The rate goes on far above the one that did the harm."""
    rate = np.linspace(0.01, 10.0, 200)
    loss = 0.3 + 2 * np.exp(-8 * time_of(200)) + np.where(rate > 3.0, 5 * rate, 0.0)
    diagnosis = diagnose(
        make_run(Scalar("train/loss", loss, "train"), Scalar("train/lr", rate, "train"))
    )
    assert diagnosis.causes[0].cause == "learning-rate-too-high"
    named = float(diagnosis.causes[0].fixes[0].split(" from ")[1].split()[0])
    assert 2.0 < named < 5.0


def test_validation_that_is_nan_over_a_sound_train_loss_is_its_own_fault() -> None:
    diagnosis = diagnose(
        make_run(
            Scalar("epoch_loss", FALL, "train"),
            Scalar("epoch_loss", np.full(100, np.nan), "validation"),
        )
    )
    assert "validation loss is NaN" in diagnosis.headline
    assert "validation set" in diagnosis.causes[0].fixes[0]


@pytest.mark.parametrize(
    "tags", [("rollout/ep_rew_mean", "train/policy_loss"), ("loss/generator", "loss/discriminator")]
)
def test_losses_that_tell_nothing_are_not_called_too_little(tags: tuple[str, ...]) -> None:
    diagnosis = diagnose(make_run(*(Scalar(tag, FALL) for tag in tags)))
    assert "Too little" not in diagnosis.headline


@pytest.mark.parametrize(
    ("activation", "level", "beyond"),
    [("sigmoid", 28_000.0, True), ("linear", 28_000.0, False), ("sigmoid", 0.9, False)],
)
def test_targets_out_of_the_reach_of_the_last_layer_are_known(
    activation: str, level: float, *, beyond: bool
) -> None:
    config = keras_config(("dense_0", "relu"), ("dense_1", activation))
    drawn = {"class_name": "GlorotUniform", "config": {"seed": None}}
    config["config"]["layers"][-1]["config"] |= {"units": 1, "kernel_initializer": drawn}
    loss = Scalar("epoch_loss", level * (1 - 0.005 * time_of(100)), "train")
    run = make_run(loss, keras_config=config | {"compile_config": {"loss": "mse"}})
    causes = diagnose(run).causes
    assert (causes[0].cause == "wrong-loss-or-output") == beyond


def first_cause(*series: Scalar | Histogram, **more: Any) -> str | None:
    causes = diagnose(make_run(*series, **more)).causes
    return causes[0].cause if causes else None


@pytest.mark.parametrize(
    ("held_out", "cause"),
    [
        (FALL + 0.1, "input-runs-out"),  # the weights move well, and every second epoch is another
        (FALL[::20] + 0.1, "learning-rate-too-high"),  # five evaluations fall in any case
        (FALL + 0.1 + 0.8 * (-1.0) ** np.arange(100), "learning-rate-too-high"),
    ],
)
def test_a_train_loss_that_swings_alone_is_its_batches(held_out: FloatArray, cause: str) -> None:
    swing = 1.5 + 0.8 * (-1.0) ** np.arange(100)
    train, other = (
        Scalar("epoch_loss", swing, "train"),
        Scalar("epoch_loss", held_out, "validation"),
    )
    causes = diagnose(make_run(train, other)).causes
    assert causes[0].cause == cause


@pytest.mark.parametrize(
    ("accuracy", "cause"), [(0.4, "learning-rate-too-high"), (0.1, "labels-or-data-broken")]
)
def test_a_model_that_is_better_than_chance_has_the_labels_of_its_inputs(
    accuracy: float, cause: str
) -> None:
    rng = np.random.default_rng(0)
    level = noisy(rng, np.full(60, np.log(10)), 0.02)
    level[0] = np.log(10)  # ten classes
    score = accuracy + 0.03 * rng.standard_normal(60)
    series = [
        Scalar(tag, values, split)
        for split in ("train", "validation")
        for tag, values in (("epoch_loss", level), ("epoch_accuracy", score))
    ]
    assert first_cause(*series, *kernels()) == cause


@pytest.mark.parametrize(
    ("first", "cause"), [(40.0, "learning-rate-too-high"), (1.1, "dead-units")]
)
def test_layers_that_a_blast_left_dead_are_the_rate(first: float, cause: str) -> None:
    """An average over the first epoch that is far above all that follow was a blast."""
    loss = 1.0 - 0.05 * time_of(40)
    loss[0] = first
    dead = recorded("activations/dense_1", silent())
    alive = recorded("activations/dense_0", rectified(0, 0.5))
    assert first_cause(Scalar("epoch_loss", loss, "train"), alive, dead) == cause


def test_a_layer_that_is_dead_at_a_late_first_record_may_have_lived() -> None:
    """The loss of single steps shot up long before activations were recorded at all."""
    loss = np.full(400, 2.3)
    loss[3:20] = 2.3 + 50 * np.exp(-np.arange(17) / 3)
    dead = recorded("activations/dense_1", silent(), steps=40 * np.arange(1, 11))
    alive = recorded("activations/dense_0", rectified(0, 0.5), steps=40 * np.arange(1, 11))
    assert first_cause(Scalar("train/loss", loss, "train"), alive, dead) == "learning-rate-too-high"


def test_the_loss_scale_of_mixed_precision_tells_of_overflows() -> None:
    """Gradients grow just before, as after every overflow."""
    scale = np.where(np.arange(100) > 55, 65536.0 * 0.5 ** (np.arange(100) - 55.0), 65536.0)
    logged = Scalar("train/loss_scale", scale, "train")
    assert first_cause(*EXPLODED) == "unclipped-gradients"
    assert first_cause(*EXPLODED, logged) == "numerical-error"


def test_labels_that_are_only_learned_by_heart_are_broken() -> None:
    """The validation loss rises from the start, and its accuracy stays at chance."""
    t, rng = time_of(60), np.random.default_rng(0)
    run = make_run(
        Scalar("train/loss", np.log(10) * (1 - 0.8 * t), "train"),
        Scalar("val/loss", np.log(10) * (1 + t), "validation"),
        Scalar("val/accuracy", 0.1 + 0.005 * rng.standard_normal(60), "validation"),
    )
    diagnosis = diagnose(run)
    assert diagnosis.causes[0].cause == "labels-or-data-broken"
    assert "The loss stays where it started." not in diagnosis.causes[0].evidence_for
    assert "overconfidence" not in " ".join(finding.message for finding in diagnosis.findings)


@pytest.mark.parametrize(
    ("slope", "cause"), [(0.25, "saturating-activations"), (0.7, "bad-initialization")]
)
def test_gradients_that_weights_do_not_explain_are_held_back_by_activations(
    slope: float, cause: str
) -> None:
    """Kernels of 32 × 32 values that let 0.4 of a gradient through, but for the activation."""
    rng = np.random.default_rng(1)
    layers = []
    for i in range(10):
        drawn = 0.4 / 32**0.5 * rng.standard_normal(1024)
        moving = [drawn + 1e-3 * step * rng.standard_normal(1024) for step in range(10)]
        passed = 0.1 * (0.4 * slope) ** (9 - i)
        layers += [
            recorded(f"fc{i}.weight", moving),
            recorded(f"fc{i}.bias", [0.01 * rng.standard_normal(32) for _ in range(10)]),
            recorded(f"fc{i}.weight/grad", [passed * rng.standard_normal(1024) for _ in range(10)]),
        ]
    score = Scalar("epoch_accuracy", np.full(100, 0.1), "train")
    assert first_cause(bad_loss(), score, *layers) == cause


def test_a_loss_scale_that_comes_down_to_what_serves_is_usual() -> None:
    """Megatron's begins at 2³², and NaN comes much later for another reason."""
    scale = np.maximum(2.0**32 * 0.125 ** np.arange(100), 2.0**15)
    logged = Scalar("train/loss_scale", scale, "train")
    assert first_cause(*EXPLODED, logged) == "unclipped-gradients"


def test_no_cause_explains_a_finding_twice(diagnoses: dict[str, RunDiagnosis]) -> None:
    for diagnosis in diagnoses.values():
        assert all(len(c.explains) == len(set(c.explains)) for c in diagnosis.causes)
