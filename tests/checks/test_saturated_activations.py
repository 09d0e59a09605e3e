from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.runs import (
    Buckets,
    FloatArray,
    Histogram,
    Scalar,
    judge,
    keras_config,
    make_run,
    tf_histogram,
)
from tests.tensors import (
    RECORDS,
    SIZE,
    STEPS,
    bad_loss,
    both_writers,
    good_loss,
    no_loss,
    recorded,
    rectified,
    training,
)

CHECK = "saturated-activations"


def tanh(seed: int, gain: float) -> list[FloatArray]:
    """Outputs of a tanh layer whose inputs spread over `gain`."""
    rng = np.random.default_rng(seed)
    return [np.tanh(gain * rng.standard_normal(SIZE)) for _ in range(RECORDS)]


def sigmoid(seed: int, gain: float) -> list[FloatArray]:
    return [(1.0 + values) / 2.0 for values in tanh(seed, gain / 2.0)]


def network(*outputs: list[FloatArray], buckets: Buckets = tf_histogram) -> list[Histogram]:
    """Outputs of layers 1, 3, 5 … of a `Sequential` and the kernels 0, 2 … before them."""
    kernels = [recorded(f"{2 * i}.weight", training(i), buckets) for i in range(len(outputs) + 1)]
    hidden = [recorded(f"{2 * i + 1}_out", values, buckets) for i, values in enumerate(outputs)]
    return kernels + hidden


@both_writers
def test_tanh_at_its_ends_names_the_layer(buckets: Buckets) -> None:
    run = make_run(bad_loss(), *network(tanh(0, 0.5), tanh(1, 30.0), buckets=buckets))
    finding = judge(CHECK, run).finding
    assert (finding.severity, finding.layer) == (Severity.ERROR, "layer 3")
    share, threshold = finding.measured["saturated_share"], finding.thresholds["saturated_share"]
    assert float(share) > 0.9 > float(threshold)
    assert finding.tags == ("train/3_out",)


@both_writers
@pytest.mark.parametrize("gain", [0.01, 0.5, 1.0, 2.0])
def test_a_tanh_that_works_is_silent(gain: float, buckets: Buckets) -> None:
    run = make_run(bad_loss(), *network(tanh(0, gain), tanh(1, gain), buckets=buckets))
    assert judge(CHECK, run).status == Status.CLEAN


@both_writers
def test_relu_is_never_saturated(buckets: Buckets) -> None:
    """Nor is one whose outputs happen to end at 1: most of them are exact zeros."""
    cut = [np.minimum(values, 1.0) for values in rectified(1, 0.6)]
    run = make_run(bad_loss(), *network(rectified(0, 0.8), cut, buckets=buckets))
    assert judge(CHECK, run).status == Status.CLEAN


@both_writers
def test_a_sigmoid_that_floats_cannot_tell_from_its_ends(buckets: Buckets) -> None:
    """Its zeros are exact; so are those of binary inputs, which a run that learns may have."""
    run = make_run(bad_loss(), *network(sigmoid(0, 4_000.0), tanh(1, 0.5), buckets=buckets))
    assert judge(CHECK, run).finding.layer == "layer 1"
    run = make_run(good_loss(), *network(sigmoid(0, 4_000.0), tanh(1, 0.5), buckets=buckets))
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_softmax_over_many_is_no_sigmoid() -> None:
    rng = np.random.default_rng(0)
    scores = [np.exp(4 * rng.standard_normal((SIZE // 50, 50))) for _ in range(RECORDS)]
    attention = [(s / s.sum(axis=1, keepdims=True)).ravel() for s in scores]
    assert judge(CHECK, make_run(no_loss(), *network(attention))).status == Status.CLEAN


def shares(layer: str, values: FloatArray) -> Scalar:
    return Scalar(f"saturated_share/{layer}", values, "train", STEPS)


@pytest.mark.parametrize(
    ("loss", "severity"),
    [(bad_loss(), Severity.ERROR), (no_loss(), Severity.WARNING), (good_loss(), Severity.INFO)],
    ids=["bad", "unknown", "good"],
)
def test_it_is_as_serious_as_the_outcome(loss: Scalar, severity: Severity) -> None:
    run = make_run(loss, *network(tanh(0, 50.0)))
    assert judge(CHECK, run).finding.severity == severity


def instrumented(
    outputs: list[FloatArray], share: FloatArray, *names: str
) -> list[Scalar | Histogram]:
    layers = [recorded(f"activations/{name}", outputs) for name in names]
    kernels = [recorded(f"weights/{name}/kernel", training(i)) for i, name in enumerate(names)]
    return [*layers, *kernels, *(shares(name, share) for name in names)]


def test_a_logged_share_decides_and_spares_the_output_layer() -> None:
    series = instrumented(sigmoid(0, 1.0), np.full(RECORDS, 0.7), "dense", "dense_1")
    finding = judge(CHECK, make_run(bad_loss(), *series)).finding
    assert finding.tags == ("train/saturated_share/dense",)
    assert finding.measured["saturated_share"] == pytest.approx(0.7)


@pytest.mark.parametrize("every", [1, 2, 3])
def test_a_layer_that_saturates_in_training_says_since_when(every: int) -> None:
    share = np.where(np.arange(RECORDS) < 2, 0.1, 0.95)[::every]
    outputs = [recorded(f"activations/{n}", tanh(0, 1.0)) for n in ("dense", "dense_1")]
    series = Scalar("saturated_share/dense", share, "train", STEPS[::every])
    finding = judge(CHECK, make_run(bad_loss(), *outputs, series)).finding
    assert finding.severity == Severity.WARNING
    assert finding.steps is not None
    assert finding.steps[0] in {20, 30}
    assert "learning rate" in finding.fixes[0]


@pytest.mark.parametrize(
    "share",
    [np.full(RECORDS, 0.45), np.r_[np.ones(9), 0.1], np.r_[np.zeros(6), np.ones(4)]],
    ids=["below the threshold", "not at the end", "too few records"],
)
def test_what_does_not_last_is_silent(share: FloatArray) -> None:
    series = instrumented(tanh(0, 1.0), share, "dense", "dense_1")
    assert judge(CHECK, make_run(bad_loss(), *series)).status == Status.CLEAN


def test_the_config_names_what_is_bounded() -> None:
    """Saturated at one end only, which no histogram tells from other layers."""
    config = keras_config(("dense", "sigmoid"), ("dense_1", "relu"), ("dense_2", "sigmoid"))
    rng = np.random.default_rng(0)
    ends = [0.02 * rng.random(SIZE) for _ in range(RECORDS)]
    layers = [f"dense{i}" for i in ("", "_1", "_2")]
    series = [recorded(f"activations/{name}", ends) for name in layers]
    series += [recorded(f"weights/{name}/kernel", training(1)) for name in layers]
    finding = judge(CHECK, make_run(bad_loss(), *series, keras_config=config)).finding
    assert finding.tags == ("train/activations/dense",)


def test_gates_of_a_recurrent_layer_are_left_alone() -> None:
    series = [recorded("activations/lstm", tanh(0, 50.0)), *network(tanh(1, 1.0))]
    series.insert(0, recorded("lstm.weight_ih_l0", training(5)))
    assert judge(CHECK, make_run(bad_loss(), *series)).status == Status.CLEAN


@pytest.mark.parametrize("series", [[bad_loss()], [bad_loss(), recorded("fc.weight", training(0))]])
def test_without_activations_it_cannot_be_checked(series: list[Scalar | Histogram]) -> None:
    judged = judge(CHECK, make_run(*series))
    assert judged.status == Status.NOT_CHECKABLE
    assert "no activations were logged" in (judged.reason or "")


def test_a_layer_whose_kernel_is_not_the_last_is_hidden_however_few_were_logged() -> None:
    kernels = [recorded(f"{name}.weight", training(i)) for i, name in enumerate(("fc1", "logits"))]
    hidden = make_run(bad_loss(), *kernels, recorded("activations/fc1", tanh(0, 50.0)))
    assert judge(CHECK, hidden).finding.layer == "fc1"
    output = make_run(bad_loss(), *kernels, recorded("activations/logits", tanh(0, 50.0)))
    assert judge(CHECK, output).status == Status.CLEAN


@pytest.mark.parametrize("head", ["mask_head", "objectness", "router.gate"])
def test_an_output_before_the_last_one_is_sure_of_its_answer(head: str) -> None:
    names = ("fc1", head, "boxes")
    kernels = [recorded(f"{name}.weight", training(i)) for i, name in enumerate(names)]
    run = make_run(bad_loss(), *kernels, recorded(f"activations/{head}", tanh(0, 50.0)))
    assert judge(CHECK, run).status == Status.CLEAN
