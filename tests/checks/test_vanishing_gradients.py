from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.runs import Buckets, Histogram, Scalar, judge, make_run
from tests.tensors import (
    bad_loss,
    both_writers,
    good_loss,
    gradients,
    no_loss,
    profile,
    recorded,
    silent,
    training,
)

CHECK = "vanishing-gradients"


@both_writers
@pytest.mark.parametrize("unit", [1.0, 1e-6, 1e4])
def test_gradients_that_shrink_with_depth_name_the_first_layer(
    unit: float, buckets: Buckets
) -> None:
    strengths = (unit * 1e-6, unit * 1e-4, unit * 1e-2, unit)
    finding = judge(CHECK, make_run(bad_loss(), *profile(*strengths, buckets=buckets))).finding
    assert (finding.severity, finding.layer) == (Severity.ERROR, "fc0")
    ratio, threshold = finding.measured["depth_ratio"], finding.thresholds["depth_ratio"]
    assert 1e-6 < float(ratio) < float(threshold) < 0.1
    assert finding.steps == (0, 90)
    assert len(finding.tags) == 4


def test_norms_will_do_where_the_gradients_were_not_logged() -> None:
    strengths = (1e-6, 1e-4, 1e-2, 1.0)
    kernels = [recorded(f"weights/fc{i}/kernel", training(i)) for i in range(4)]
    norms = [
        Scalar(f"gradient_norm/fc{i}/kernel", np.full(10, value), "train")
        for i, value in enumerate(strengths)
    ]
    finding = judge(CHECK, make_run(bad_loss(), *kernels, *norms)).finding
    assert (finding.severity, finding.layer) == (Severity.ERROR, "fc0")
    assert finding.tags[0] == "train/gradient_norm/fc0/kernel"


def test_it_is_a_note_where_the_run_did_well() -> None:
    run = make_run(good_loss(), *profile(1e-6, 1e-4, 1e-2, 1.0))
    assert judge(CHECK, run).finding.severity == Severity.INFO


def test_it_is_a_warning_where_nothing_says_how_the_run_did() -> None:
    run = make_run(*profile(1e-6, 1e-4, 1e-2, 1.0))
    assert judge(CHECK, run).finding.severity == Severity.WARNING


@pytest.mark.parametrize(
    "strengths",
    [(1.0, 1.0, 1.0), (0.1, 0.3, 1.0), (1.0, 0.1, 0.01), (0.05, 0.8, 0.3, 1.0)],
    ids=["even", "mild", "exploding", "uneven"],
)
def test_other_profiles_are_silent(strengths: tuple[float, ...]) -> None:
    assert judge(CHECK, make_run(bad_loss(), *profile(*strengths))).status == Status.CLEAN


def test_a_converged_net_has_small_gradients_everywhere() -> None:
    decay = np.exp(-np.arange(10))
    series = [
        recorded(f"fc{i}.weight.grad", [d * g for d, g in zip(decay, gradients(i, 1), strict=True)])
        for i in range(4)
    ]
    assert judge(CHECK, make_run(good_loss(), *series)).status == Status.CLEAN


def test_a_ratio_in_few_records_is_no_pattern() -> None:
    first = [g * (1e-5 if i < 3 else 1.0) for i, g in enumerate(gradients(0, 1.0))]
    run = make_run(bad_loss(), recorded("fc0.weight.grad", first), *profile(1.0, 1.0, 1.0)[1:])
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_resumed_run_passes_steps_again_and_the_later_record_counts() -> None:
    steps = [*range(0, 50, 10), *range(0, 50, 10)]
    before_and_after = [1.0] * 5 + [1e-6] * 5
    first = [g * scale for g, scale in zip(gradients(0, 1.0), before_and_after, strict=True)]
    tensors = [replace(tensor, steps=steps) for tensor in profile(1.0, 1e-2, 1.0)[1:]]
    run = make_run(bad_loss(), recorded("fc0.weight.grad", first, steps=steps), *tensors)
    assert judge(CHECK, run).finding.layer == "fc0"
    kept = make_run(bad_loss(), recorded("fc0.weight.grad", first[::-1], steps=steps), *tensors)
    assert judge(CHECK, kept).status == Status.CLEAN


def test_gradients_that_are_exactly_zero_are_another_finding() -> None:
    frozen = [recorded(f"base{i}.weight.grad", silent()) for i in range(2)]
    run = make_run(bad_loss(), *frozen, *profile(1.0, 1.0, 1.0))
    assert judge(CHECK, run).status == Status.CLEAN


def test_the_order_of_layers_is_that_of_the_log_and_not_of_the_alphabet() -> None:
    strengths = {"z_in": 1e-6, "m_mid": 1e-3, "a_out": 1.0}
    series = [
        recorded(f"gradients/{name}/kernel", gradients(i, rms))
        for i, (name, rms) in enumerate(strengths.items())
    ]
    assert judge(CHECK, make_run(bad_loss(), *series)).finding.layer == "z_in"


def weights(*moves: float) -> list[Histogram]:
    return [
        recorded(f"dense_{i}/kernel/histogram", training(i, move=move))
        for i, move in enumerate(moves)
    ]


def test_without_gradients_first_layers_that_hardly_move_are_a_warning() -> None:
    run = make_run(bad_loss(), *weights(1e-4, 1e-4, 0.3, 0.5))
    finding = judge(CHECK, run).finding
    assert (finding.severity, finding.layer) == (Severity.WARNING, "dense_0")


@pytest.mark.parametrize("moves", [(0.2, 0.2, 0.2, 0.2), (1e-4, 1e-4, 1e-4, 1e-4)])
def test_without_gradients_even_movement_is_silent(moves: tuple[float, ...]) -> None:
    assert judge(CHECK, make_run(bad_loss(), *weights(*moves))).status == Status.CLEAN


def test_without_gradients_a_good_run_is_silent() -> None:
    """A fine-tuned model whose first layers hardly move."""
    run = make_run(good_loss(), *weights(1e-4, 1e-4, 0.3, 0.5))
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_model_of_two_layers_is_judged_by_both() -> None:
    assert judge(CHECK, make_run(bad_loss(), *profile(1e-6, 1.0))).status == Status.FIRED
    assert judge(CHECK, make_run(bad_loss(), *profile(0.01, 1.0))).status == Status.CLEAN


@pytest.mark.parametrize(
    "series",
    [
        [bad_loss()],
        [bad_loss(), *profile(1e-6, 1.0), *weights(0.3, 0.4, 0.5)],
        [no_loss(), *weights(1e-4, 1e-4, 0.3, 0.5)],
    ],
    ids=["no tensors", "two layers of three", "weights without a loss"],
)
def test_without_gradients_over_depth_it_cannot_be_checked(
    series: list[Scalar | Histogram],
) -> None:
    judged = judge(CHECK, make_run(*series))
    assert judged.status == Status.NOT_CHECKABLE
    assert "gradients of at least 3 layers" in (judged.reason or "")
