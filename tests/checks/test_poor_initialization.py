from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from tblogreport.findings import Severity, Status
from tests.families import noisy, time_of
from tests.runs import Buckets, FloatArray, Histogram, Scalar, judge, make_run, tf_histogram
from tests.tensors import RECORDS, STEPS, bad_loss, both_writers, good_loss, no_loss, recorded

CHECK = "poor-initialization"
INPUTS, UNITS = 32, 16


def layer(
    name: str,
    gain: float,
    buckets: Buckets = tf_histogram,
    *,
    bias: float = 0.01,
    tag: str = "weights/{}/{}",
    steps: ArrayLike = STEPS,
) -> list[Histogram]:
    """A layer whose weights have this gain at the start and then walk a little."""
    rng = np.random.default_rng(sum(name.encode()))
    spread = gain / np.sqrt(INPUTS)
    kernel = [spread * rng.standard_normal(INPUTS * UNITS)]
    for _ in range(1, RECORDS):
        kernel.append(kernel[-1] + 0.02 * spread * rng.standard_normal(INPUTS * UNITS))
    biases = [bias * spread * rng.standard_normal(UNITS) for _ in range(RECORDS)]
    return [
        recorded(tag.format(name, "kernel"), kernel, buckets, steps),
        recorded(tag.format(name, "bias"), biases, buckets, steps),
    ]


def network(*gains: float, buckets: Buckets = tf_histogram, **options: Any) -> list[Histogram]:
    layers = [layer(f"dense_{i}", gain, buckets, **options) for i, gain in enumerate(gains)]
    return [tensor for tensors in layers for tensor in tensors]


def held_up_loss() -> Scalar:
    """A loss that comes down from the hundreds for most of the run."""
    noise = np.random.default_rng(8).standard_normal(100)
    values = 2.0 + 300.0 * np.exp(-np.arange(100) / 15) + 0.01 * noise
    return Scalar("epoch_loss", values, "train")


@both_writers
@pytest.mark.parametrize("gain", [0.15, 0.577, 1.0, 1.414, 4.0])
@pytest.mark.parametrize("loss", [bad_loss(), good_loss(), held_up_loss()])
def test_weights_as_one_draws_them_are_silent(gain: float, loss: Scalar, buckets: Buckets) -> None:
    run = make_run(loss, *network(gain, gain, gain, buckets=buckets))
    assert judge(CHECK, run).status == Status.CLEAN


@both_writers
def test_huge_weights_are_found(buckets: Buckets) -> None:
    run = make_run(bad_loss(), *network(20.0, 1.4, 1.0, buckets=buckets))
    finding = judge(CHECK, run).finding
    assert (finding.severity, finding.layer) == (Severity.ERROR, "dense_0")
    assert float(finding.measured["gain"]) == pytest.approx(20.0, rel=0.1)
    assert finding.steps == (0, 0)


@pytest.mark.parametrize(
    ("loss", "severity"),
    [(no_loss(), Severity.INFO), (good_loss(), Severity.INFO), (held_up_loss(), Severity.WARNING)],
    ids=["unknown", "good", "held up"],
)
def test_huge_weights_are_as_serious_as_what_came_of_them(loss: Scalar, severity: Severity) -> None:
    assert judge(CHECK, make_run(loss, *network(20.0, 1.4, 1.0))).finding.severity == severity


@pytest.mark.parametrize(
    ("bias", "status"), [(0.01, Status.FIRED), (0.8, Status.CLEAN)], ids=["began", "thrown"]
)
def test_biases_tell_whether_steps_threw_the_weights(bias: float, status: Status) -> None:
    """The first record is of step 100: only then the question arises."""
    tensors = network(20.0, 20.0, 1.0, bias=bias, steps=STEPS + 100)
    assert judge(CHECK, make_run(bad_loss(), *tensors)).status == status


def test_kernels_that_are_all_huge_with_small_biases_began_so() -> None:
    tensors = network(20.0, 15.0, 20.0, steps=STEPS + 100)
    assert judge(CHECK, make_run(good_loss(), *tensors)).finding.severity == Severity.INFO
    some = network(20.0, 1.4, 1.0, steps=STEPS + 100)
    assert judge(CHECK, make_run(good_loss(), *some)).status == Status.CLEAN


@both_writers
@pytest.mark.parametrize("shift", [0, 100])
def test_tiny_weights_are_found_whenever_they_were_recorded(shift: int, buckets: Buckets) -> None:
    tensors = network(0.02, 0.02, 0.02, 1.0, buckets=buckets, steps=STEPS + shift)
    finding = judge(CHECK, make_run(bad_loss(), *tensors)).finding
    assert (finding.severity, finding.layer) == (Severity.ERROR, "dense_0")
    assert finding.measured["small_layers"] == 3


def test_tiny_weights_that_do_no_harm_are_silent() -> None:
    assert judge(CHECK, make_run(good_loss(), *network(0.02, 0.02, 0.02))).status == Status.CLEAN


def test_normalisation_undoes_the_scale() -> None:
    scale = [recorded("weights/batch_normalization/gamma", [np.linspace(0.9, 1.1, UNITS)] * 2)]
    run = make_run(bad_loss(), *network(0.02, 0.02, 0.02), *scale)
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_gradient_that_arrives_has_found_a_way_around() -> None:
    rng = np.random.default_rng(0)
    values = [rng.standard_normal(INPUTS * UNITS) for _ in range(RECORDS)]
    gradients = [recorded(f"gradients/dense_{i}/kernel", values) for i in range(3)]
    run = make_run(bad_loss(), *network(0.02, 0.02, 0.02), *gradients)
    assert judge(CHECK, run).status == Status.CLEAN


def constant(name: str, values: list[FloatArray], buckets: Buckets = tf_histogram) -> Histogram:
    return recorded(f"weights/{name}/kernel", values, buckets)


def bias_of(name: str) -> Histogram:
    one = 0.01 * np.arange(UNITS, dtype=np.float64)
    return recorded(f"weights/{name}/bias", [one * i for i in range(RECORDS)])


@both_writers
@pytest.mark.parametrize("value", [0.0, 0.5])
@pytest.mark.parametrize("loss", [bad_loss(), good_loss(), no_loss()])
def test_kernels_that_stay_constant_are_an_error_whatever_the_loss_does(
    loss: Scalar, value: float, buckets: Buckets
) -> None:
    still = [np.full(INPUTS * UNITS, value)] * RECORDS
    names = ("dense", "dense_1")
    series = [t for n in names for t in (constant(n, still, buckets), bias_of(n))]
    finding = judge(CHECK, make_run(loss, *series)).finding
    assert finding.severity == Severity.ERROR
    assert finding.measured["constant_layers"] == 2


@both_writers
def test_units_that_do_the_same_are_found_after_their_values_moved(buckets: Buckets) -> None:
    rng = np.random.default_rng(0)
    values: list[FloatArray] = [
        np.repeat(0.5 + 0.1 * i * rng.standard_normal(INPUTS), UNITS) for i in range(1, RECORDS + 1)
    ]
    series = [constant("dense", values, buckets), bias_of("dense"), *network(1.0)]
    finding = judge(CHECK, make_run(bad_loss(), *series)).finding
    assert (finding.severity, finding.layer) == (Severity.ERROR, "dense")


def test_a_last_layer_that_begins_at_zero_is_a_habit() -> None:
    head = layer("head", 1.0)
    zero = tf_histogram(np.zeros(INPUTS * UNITS))
    kernel = Histogram(head[0].tag, [zero, *head[0].records[1:]], "train", STEPS)
    run = make_run(bad_loss(), *network(1.0, 1.0), kernel, head[1])
    assert judge(CHECK, run).status == Status.CLEAN


def test_normalisations_begin_at_one_and_embeddings_at_large_values() -> None:
    rng = np.random.default_rng(0)
    ones = [np.ones(UNITS)] * RECORDS
    series = [
        recorded("4.weight", ones),
        recorded("norm1.weight", ones),
        recorded("embed.weight", [50 * rng.standard_normal(800)] * RECORDS),
        *network(1.0, 1.0),
    ]
    assert judge(CHECK, make_run(bad_loss(), *series)).status == Status.CLEAN


def config(*kernels: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """A Keras config of dense layers with these kernel initialisers."""
    layers = [
        {
            "class_name": "Dense",
            "config": {
                "name": f"dense_{i}",
                "units": UNITS,
                "activation": "tanh",
                "kernel_initializer": {"class_name": kind, "config": options},
            },
            "build_config": {"input_shape": [None, INPUTS]},
        }
        for i, (kind, options) in enumerate(kernels)
    ]
    return {"class_name": "Sequential", "config": {"layers": layers}}


GLOROT: tuple[str, dict[str, Any]] = ("GlorotUniform", {"seed": None})


@pytest.mark.parametrize(
    ("kernel", "word"),
    [
        (("RandomNormal", {"mean": 0.0, "stddev": 3.0}), "large"),
        (("RandomUniform", {"minval": -1e-3, "maxval": 1e-3}), "small"),
        (("Zeros", {}), "constant"),
    ],
)
def test_the_config_tells_where_no_weights_were_logged(
    kernel: tuple[str, dict[str, Any]], word: str
) -> None:
    declared = config(kernel, kernel, kernel, GLOROT)
    finding = judge(CHECK, make_run(bad_loss(), keras_config=declared)).finding
    assert finding.severity == Severity.ERROR
    assert word in finding.title
    run = make_run(bad_loss(), keras_config=config(GLOROT, GLOROT, GLOROT))
    assert judge(CHECK, run).status == Status.CLEAN


def test_without_weights_it_cannot_be_checked() -> None:
    judged = judge(CHECK, make_run(bad_loss()))
    assert judged.status == Status.NOT_CHECKABLE
    assert "no weights were logged" in (judged.reason or "")


def classifier(loss: FloatArray, sigma: float = 0.02) -> tuple[Scalar, ...]:
    rng = np.random.default_rng(2)
    score = Scalar("epoch_accuracy", np.linspace(0.1, 0.7, len(loss)), "train")
    return Scalar("epoch_loss", noisy(rng, loss, sigma), "train"), score


def test_a_loss_that_is_worn_down_from_far_above_a_guess_tells_without_weights() -> None:
    finding = judge(CHECK, make_run(*classifier(1000 * np.exp(-4 * time_of(40))))).finding
    assert finding.severity == Severity.WARNING
    assert finding.tags == ("train/epoch_loss",)
    assert "Scale the inputs" in finding.fixes[1]


@pytest.mark.parametrize("first", [2.5, 8.0])
def test_a_loss_that_begins_near_a_guess_tells_nothing(first: float) -> None:
    run = make_run(*classifier(first * np.exp(-4 * time_of(40))))
    assert judge(CHECK, run).status == Status.NOT_CHECKABLE


def test_a_loss_that_was_thrown_up_once_is_no_matter_of_the_first_weights() -> None:
    """Steps that are too long: it comes down within the first epochs, and stays where it is."""
    thrown = np.concatenate([[2000.0, 300.0], np.full(38, 2.5)])
    assert judge(CHECK, make_run(*classifier(thrown))).status == Status.NOT_CHECKABLE


@both_writers
@pytest.mark.parametrize(("gain", "words"), [(60.0, "far too large"), (1e-3, "far too small")])
def test_without_biases_the_size_bounds_the_gain(gain: float, words: str, buckets: Buckets) -> None:
    tensors = [t for t in network(gain, gain, gain, buckets=buckets) if "kernel" in t.tag]
    finding = judge(CHECK, make_run(bad_loss(), *tensors)).finding
    assert finding.title.endswith(words)
    assert "at least" in finding.message or "at most" in finding.message
    usual = [t for t in network(0.6, 1.4, 4.0, buckets=buckets) if "kernel" in t.tag]
    assert judge(CHECK, make_run(bad_loss(), *usual)).status == Status.CLEAN


def test_a_lone_filter_without_bias_may_be_meant_as_it_is() -> None:
    blur = Histogram("blur.weight", [tf_histogram(np.full(9, 1 / 9))] * RECORDS, "", STEPS)
    assert judge(CHECK, make_run(*network(1.0, 1.4), blur)).status == Status.CLEAN


@pytest.mark.parametrize("beside", [True, False], ids=["a layer with a bias", "nothing"])
def test_a_table_of_any_name_begins_as_wide_as_it_does(beside: bool) -> None:
    """PyTorch draws `nn.Embedding` from N(0, 1), however many rows it has."""
    rng = np.random.default_rng(0)
    table = rng.standard_normal(800_000)
    tensors = [recorded(tag, [table] * RECORDS) for tag in ("user.weight", "item.weight")]
    run = make_run(held_up_loss(), *tensors, *(network(1.0, 1.4) if beside else ()))
    assert judge(CHECK, run).status == Status.CLEAN
