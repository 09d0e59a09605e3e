from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.runs import Buckets, FloatArray, Histogram, Scalar, judge, make_run
from tests.tensors import (
    RECORDS,
    STEPS,
    bad_loss,
    both_writers,
    good_loss,
    gradients,
    no_loss,
    profile,
    recorded,
    training,
)

CHECK = "exploding-gradients"
N = 40


@both_writers
@pytest.mark.parametrize("unit", [1.0, 1e-6, 1e4])
def test_gradients_that_grow_towards_the_input_name_the_first_layer(
    unit: float, buckets: Buckets
) -> None:
    run = make_run(bad_loss(), *profile(unit * 3e3, unit * 30, unit, buckets=buckets))
    finding = judge(CHECK, run).finding
    assert (finding.severity, finding.layer) == (Severity.ERROR, "fc0")
    assert float(finding.measured["depth_ratio"]) > float(finding.thresholds["depth_ratio"])
    assert finding.steps == (0, 90)


def test_norms_will_do_where_the_gradients_were_not_logged() -> None:
    kernels = [recorded(f"weights/fc{i}/kernel", training(i)) for i in range(3)]
    norms = [
        Scalar(f"gradient_norm/fc{i}/kernel", np.full(RECORDS, value), "train", STEPS)
        for i, value in enumerate((1e4, 30.0, 1.0))
    ]
    finding = judge(CHECK, make_run(bad_loss(), *kernels, *norms)).finding
    assert (finding.severity, finding.layer) == (Severity.ERROR, "fc0")


@pytest.mark.parametrize(
    ("loss", "severity"),
    [(good_loss(), Severity.INFO), (no_loss(), Severity.INFO)],
    ids=["good", "unknown"],
)
def test_it_is_a_note_where_the_run_did_not_suffer(loss: Scalar, severity: Severity) -> None:
    assert judge(CHECK, make_run(loss, *profile(300.0, 2.0, 1.0))).finding.severity == severity


def test_an_extreme_profile_is_a_warning_where_nothing_tells_the_outcome() -> None:
    assert judge(CHECK, make_run(*profile(1e5, 10.0, 1.0))).finding.severity == Severity.WARNING


@pytest.mark.parametrize(
    "strengths",
    [(1.0, 1.0, 1.0), (20.0, 3.0, 1.0), (1e-3, 0.03, 1.0), (500.0, 1.0)],
    ids=["even", "mild", "vanishing", "two layers"],
)
def test_other_profiles_are_silent(strengths: tuple[float, ...]) -> None:
    assert judge(CHECK, make_run(bad_loss(), *profile(*strengths))).status == Status.CLEAN


def test_embeddings_and_normalisations_are_no_first_layer() -> None:
    names = ("embed_tokens.weight.grad", "norm1.weight.grad")
    strong = [recorded(name, gradients(9, 1e4)) for name in names]
    run = make_run(bad_loss(), *strong, *profile(1.0, 1.0, 1.0))
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_ratio_in_few_records_is_no_pattern() -> None:
    first = [g * (1e4 if i < 3 else 1.0) for i, g in enumerate(gradients(0, 1.0))]
    run = make_run(bad_loss(), recorded("fc0.weight.grad", first), *profile(1.0, 1.0, 1.0)[1:])
    assert judge(CHECK, run).status == Status.CLEAN


def norm(values: FloatArray, every: int = 1) -> Scalar:
    return Scalar("train/grad_norm", values[::every], "", np.arange(len(values))[::every])


def exploding(factor: float, after: float = 0.6) -> FloatArray:
    """A gradient norm that is even and then grows steadily."""
    share = np.clip(np.linspace(0, 1, N) - after, 0, None) / (1 - after)
    noise = np.exp(0.3 * np.random.default_rng(1).standard_normal(N))
    return np.asarray(noise * factor**share)


@pytest.mark.parametrize("every", [1, 2])
@pytest.mark.parametrize("unit", [1e-5, 1.0, 1e5])
def test_a_norm_that_explodes_over_the_run_is_found(unit: float, every: int) -> None:
    finding = judge(CHECK, make_run(bad_loss(), norm(unit * exploding(1e4), every))).finding
    assert finding.severity == Severity.ERROR
    assert float(finding.measured["growth"]) > float(finding.thresholds["growth"])
    assert finding.tags == ("train/grad_norm",)


def test_the_fix_names_the_usual_norm() -> None:
    finding = judge(CHECK, make_run(bad_loss(), norm(5.0 * exploding(1e6, after=0.9)))).finding
    limit = float(finding.fixes[0].split("global_clipnorm=")[1].split(")")[0])
    assert 4.0 < limit < 12.0


def test_gradients_grow_where_the_loss_does() -> None:
    values = exploding(1e4)
    loss = Scalar("train/loss", 0.7 * values, "", np.arange(N))
    assert judge(CHECK, make_run(loss, norm(values))).status == Status.CLEAN


@pytest.mark.parametrize("factor", [1.0, 5.0, 30.0])
def test_usual_growth_is_silent(factor: float) -> None:
    assert judge(CHECK, make_run(bad_loss(), norm(exploding(factor)))).status == Status.CLEAN


def test_a_spike_that_a_good_run_got_over_is_no_explosion() -> None:
    values = exploding(1.0)
    values[20] = 1e4
    assert judge(CHECK, make_run(good_loss(), norm(values))).status == Status.CLEAN


def test_a_warm_up_begins_with_large_gradients() -> None:
    values = exploding(1.0)
    values[:2] = 1e4
    assert judge(CHECK, make_run(good_loss(), norm(values))).status == Status.CLEAN


def recurrent(weights: list[FloatArray], grads: list[FloatArray]) -> list[Histogram]:
    return [
        recorded("rnn.weight_hh_l0", weights),
        recorded("rnn.weight_hh_l0.grad", grads),
        recorded("rnn.bias_hh_l0", [np.linspace(-0.1, 0.1, 40)] * RECORDS),
        *profile(1.0, 1.0, 1.0),
    ]


def test_a_gradient_of_thousands_of_times_the_recurrent_weights_is_found() -> None:
    grads = [1e-2 * g * (1e8 if i == 0 else 1.0) for i, g in enumerate(gradients(0, 1.0))]
    finding = judge(CHECK, make_run(bad_loss(), *recurrent(training(3), grads))).finding
    assert (finding.severity, finding.layer) == (Severity.ERROR, "rnn")
    assert "orthogonal" in finding.fixes[1]
    note = judge(CHECK, make_run(good_loss(), *recurrent(training(3), grads))).finding
    assert note.severity == Severity.INFO


def test_recurrent_weights_far_off_were_thrown() -> None:
    weights = [1e9 * w for w in training(3)]
    finding = judge(CHECK, make_run(bad_loss(), *recurrent(weights, gradients(0, 1.0)))).finding
    assert finding.severity == Severity.ERROR
    assert "gain" in finding.measured


def steps_until_lost(rise: float) -> Scalar:
    """The loss of single steps, even, then thrown up within three steps and lost."""
    values = np.full(200, 0.7)
    values[150:153] = 0.7 * np.array([10.0, rise, np.inf])
    values[153:] = np.nan
    return Scalar("train/step_loss", values, "train")


def test_the_loss_of_a_recurrent_model_that_shoots_up_tells_where_no_gradient_does() -> None:
    gru = recorded("gru.weight_hh_l0", training(0)[:1])
    finding = judge(CHECK, make_run(steps_until_lost(1e20), gru)).finding
    assert finding.severity == Severity.ERROR
    assert finding.steps is not None
    assert 145 <= finding.steps[0] <= finding.steps[1] <= 151
    dense = recorded("fc.weight", training(0)[:1])
    for run in (make_run(steps_until_lost(1e20), dense), make_run(steps_until_lost(1e3), gru)):
        assert judge(CHECK, run).status == Status.NOT_CHECKABLE


@pytest.mark.parametrize(
    "series",
    [[bad_loss()], [bad_loss(), recorded("fc.weight", training(0))], [norm(exploding(1.0)[:4])]],
    ids=["no tensors", "weights alone", "few norms"],
)
def test_without_gradients_it_cannot_be_checked(series: list[Scalar | Histogram]) -> None:
    judged = judge(CHECK, make_run(*series))
    assert judged.status == Status.NOT_CHECKABLE
    assert "watch(model, writer)" in (judged.reason or "")
