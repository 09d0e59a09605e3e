from __future__ import annotations

import numpy as np
import pytest

from tblogreport.context.tensor_names import TensorKind
from tblogreport.signals import Signals
from tblogreport.signals.gradients import gradient_norm, measure_growth
from tblogreport.signals.kernels import (
    fan_in,
    gains,
    has_recurrence,
    is_recurrent,
    is_symmetric,
    kernels,
    units,
)
from tests.runs import FloatArray, Histogram, Scalar, make_run, signals_of, tf_histogram
from tests.tensors import RECORDS, STEPS, good_loss, gradients, recorded

rng = np.random.default_rng(0)
UNITS, INPUTS = 16, 32


def logged(*series: Histogram | Scalar) -> Signals:
    return signals_of(make_run(*series))


def layer(name: str, kernel: FloatArray, bias_size: int = UNITS) -> list[Histogram]:
    bias = np.linspace(-0.1, 0.1, bias_size)
    return [
        recorded(f"{name}.weight", [kernel.ravel()] * 2),
        recorded(f"{name}.bias", [bias] * 2),
    ]


def test_the_biases_tell_how_wide_a_layer_is() -> None:
    weights = rng.normal(0, np.sqrt(2 / INPUTS), (INPUTS, UNITS))
    signals = logged(*layer("fc1", weights))
    (kernel,) = kernels(signals.layers)
    assert units(signals.layers, kernel) == UNITS
    assert fan_in(signals.layers, kernel) == INPUTS
    found = gains(signals.layers, kernel, signals.tensor(kernel).rms)
    assert found is not None
    assert found[0] == pytest.approx(np.sqrt(2), rel=0.1)


def test_embeddings_and_scales_are_no_kernels() -> None:
    table = rng.normal(size=(50, UNITS))
    signals = logged(
        recorded("embed_tokens.weight", [table.ravel()] * 2),
        *layer("blocks.3", np.ones(UNITS)),  # a normalisation, by another name
        *layer("fc1", rng.normal(size=(INPUTS, UNITS))),
    )
    assert [kernel.layer for kernel in kernels(signals.layers)] == ["fc1"]


def test_a_recurrent_layer_has_two_kernels() -> None:
    names = ("rnn.weight_ih_l0", "rnn.weight_hh_l0", "rnn.bias_ih_l0")
    sizes = ((8, UNITS), (UNITS, UNITS), (UNITS,))
    series = [
        recorded(n, [rng.normal(size=s).ravel()] * 2) for n, s in zip(names, sizes, strict=True)
    ]
    signals = logged(*series)
    found = kernels(signals.layers)
    assert [is_recurrent(kernel) for kernel in found] == [False, True]
    assert has_recurrence(signals.layers)
    assert not has_recurrence(logged(*layer("fc1", rng.normal(size=(4, 4)), 4)).layers)


def test_units_that_do_the_same_show_in_the_counts() -> None:
    column = rng.normal(size=(INPUTS, 1))
    alike = np.repeat(column, UNITS, axis=1)
    different = rng.normal(size=(INPUTS, UNITS))
    for weights, symmetric in ((alike, True), (different, False)):
        signals = logged(*layer("fc1", weights))
        (kernel,) = kernels(signals.layers)
        assert is_symmetric(signals.layers, kernel) is symmetric


def growing(factor: float, records: int = 20) -> FloatArray:
    values = np.ones(records)
    values[records // 2 :] = factor
    return values


def test_the_norm_that_was_logged_wins_over_histograms() -> None:
    norm = Scalar("gradient_norm", growing(50.0), "train")
    signals = logged(good_loss(), norm, recorded("fc1.weight.grad", gradients(0, 1.0)))
    found = gradient_norm(signals)
    assert found is not None
    assert found.labels == ("train/gradient_norm",)
    growth = measure_growth(signals, found)
    assert growth is not None
    assert growth.factor == pytest.approx(50.0)
    assert growth.share == pytest.approx(10 / 17)


def test_histograms_of_all_kernels_make_a_norm() -> None:
    series = [recorded(f"fc{i}.weight.grad", gradients(i, 1.0)) for i in range(2)]
    signals = logged(*series)
    found = gradient_norm(signals)
    assert found is not None
    size = sum(t.size for t in kernels(signals.layers, TensorKind.GRADIENT))
    assert found.values == pytest.approx(np.full(RECORDS, np.sqrt(size)), rel=0.1)


def test_what_the_loss_grew_explains_as_much_of_the_gradient() -> None:
    loss = Scalar("loss", growing(200.0), "train")
    norm = Scalar("gradient_norm", growing(1000.0), "train")
    signals = logged(loss, norm)
    found = gradient_norm(signals)
    assert found is not None
    growth = measure_growth(signals, found)
    assert growth is not None
    assert (growth.factor, growth.excess) == pytest.approx((1000.0, 5.0))


def test_too_short_or_no_gradient_is_no_growth() -> None:
    assert gradient_norm(logged(good_loss())) is None
    zeros = Histogram("fc1.weight.grad", [tf_histogram(np.zeros(9))] * RECORDS, "train", STEPS)
    signals = logged(zeros)
    found = gradient_norm(signals)
    assert found is not None
    assert measure_growth(signals, found) is None
