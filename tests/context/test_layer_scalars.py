"""Scalars of single layers: whose they are, and where they stand in for histograms."""

from __future__ import annotations

import numpy as np
import pytest

from tblogreport.context.layer_scalars import Measure, parse_layer_scalar
from tblogreport.context.layers import Layers
from tblogreport.context.norms import norms_as_tensors
from tblogreport.context.tensor_names import TensorKind
from tblogreport.signals.histogram import rms
from tests.runs import Histogram, Scalar, context_of, make_run
from tests.tensors import any_histogram

KERNEL, BIAS, GRADIENT = TensorKind.KERNEL, TensorKind.BIAS, TensorKind.GRADIENT
ACTIVATION = TensorKind.ACTIVATION


def scalar(tag: str, *values: float) -> Scalar:
    return Scalar(tag, values or (0.1, 0.2, 0.3), "train")


def layers_of(*series: Histogram | Scalar) -> Layers:
    return context_of(make_run(*series)).layers


@pytest.mark.parametrize(
    ("tag", "measure", "layer", "parameter"),
    [
        ("zero_share/features.0", Measure.ZERO_SHARE, ("features", "0"), None),
        ("inactive_units/encoder/dense", Measure.INACTIVE_UNITS, ("encoder", "dense"), None),
        ("saturated_share/kernel", Measure.SATURATED_SHARE, ("kernel",), None),
        ("gradient_norm/dense/kernel", Measure.GRADIENT_NORM, ("dense",), KERNEL),
        ("update_ratio/features.0/bias", Measure.UPDATE_RATIO, ("features", "0"), BIAS),
    ],
)
def test_a_tag_names_measure_layer_and_parameter(
    tag: str, measure: Measure, layer: tuple[str, ...], parameter: TensorKind | None
) -> None:
    found = parse_layer_scalar(tag)
    assert found is not None
    assert (found[0], found[1].path, found[1].parameter) == (measure, layer, parameter)


@pytest.mark.parametrize(
    "tag",
    ["gradient_norm", "gradient_norm/", "gradient_norm/all", "zero_share", "Zero_share/a", "", "/"],
)
def test_other_tags_measure_no_layer(tag: str) -> None:
    assert parse_layer_scalar(tag) is None


@pytest.mark.parametrize(
    ("tag", "layer", "parameter"),
    [
        ("grad_2.0_norm/layers.0.weight", ("layers", "0"), KERNEL),
        ("grad_2.0_norm_net.3.bias", ("net", "3"), BIAS),
        ("grad_inf_norm/fc.weight", ("fc",), KERNEL),
        ("l2_norm/grad/blocks.2.mlp.weight", ("blocks", "2", "mlp"), KERNEL),
        ("gradients/layers.3.weight", ("layers", "3"), KERNEL),
        ("train/grad_norm/blocks.2.mlp.fc1.weight", ("blocks", "2", "mlp", "fc1"), KERNEL),
        ("grad_norm/layer_3", ("layer_3",), KERNEL),
        ("layers.0.weight/grad_norm", ("layers", "0"), KERNEL),
        ("conv1.weight_grad_norm", ("conv1",), KERNEL),
        ("encoder/dense_2/kernel/gradient_norm", ("encoder", "dense_2"), KERNEL),
    ],
)
def test_norms_of_gradients_as_others_name_them(
    tag: str, layer: tuple[str, ...], parameter: TensorKind
) -> None:
    found = parse_layer_scalar(tag)
    assert found is not None
    assert (found[0], found[1].path, found[1].parameter) == (
        Measure.GRADIENT_NORM,
        layer,
        parameter,
    )


@pytest.mark.parametrize(
    "tag",
    [
        "grad_norm",
        "train/grad_norm",
        "grad_2.0_norm_total",
        "grad_2.0_norm/total",
        "grad_norm/group_0",
        "gradients/layers.3.weight/mean",
        "gradients/global_norm",
        "grad_norm/before_clip",
        "l2_norm/grad/global",
        "grad_scale/0",
        "train/gnorm",
        "gradient_penalty",
        "grad_norm_clipped_step_2",
    ],
)
def test_norms_of_more_than_a_layer_are_no_layer_s(tag: str) -> None:
    assert parse_layer_scalar(tag) is None


@pytest.mark.parametrize(
    ("tag", "layer", "parameter"),
    [
        ("update_ratio/dense", ("dense",), KERNEL),
        ("train/update_ratio/encoder.0.weight", ("encoder", "0"), KERNEL),
        ("update_to_weight/fc1.bias", ("fc1",), BIAS),
        ("weight_update_ratio/head", ("head",), KERNEL),
        ("layers.0.weight/update_to_data", ("layers", "0"), KERNEL),
    ],
)
def test_ratios_of_updates_as_others_name_them(
    tag: str, layer: tuple[str, ...], parameter: TensorKind
) -> None:
    found = parse_layer_scalar(tag)
    assert found is not None
    assert (found[0], found[1].path, found[1].parameter) == (Measure.UPDATE_RATIO, layer, parameter)


@pytest.mark.parametrize(
    "tag",
    [
        *("update_ratio", "update_ratio/total", "updates/dense", "update"),
        *("train/update_to_data_ratio", "replay/update_ratio", "critic_update_ratio"),
        *("train/update_ratio", "avg_update_ratio", "policy/update_ratio", "ema/update_ratio"),
    ],
)
def test_ratios_of_no_single_layer(tag: str) -> None:
    assert parse_layer_scalar(tag) is None


def test_a_layer_s_scalars_have_the_name_of_its_tensors() -> None:
    layers = layers_of(
        any_histogram("sequential/dense/kernel/histogram"),
        any_histogram("weights/dense/kernel"),
        any_histogram("activations/re_lu"),
        scalar("zero_share/re_lu"),
        scalar("gradient_norm/dense/kernel"),
        scalar("gradient_norm/dense/bias"),
    )
    assert layers.names == ("dense", "re_lu")
    found = layers.scalar("dense", Measure.GRADIENT_NORM, KERNEL)
    assert found is not None
    assert found.series.tag == "gradient_norm/dense/kernel"
    assert layers.scalar("re_lu", Measure.ZERO_SHARE) is not None
    assert layers.scalar("dense", Measure.ZERO_SHARE) is None


def test_layers_that_are_numbers_are_spoken_alike() -> None:
    layers = layers_of(any_histogram("activations/0"), scalar("zero_share/0"))
    assert layers.names == ("layer 0",)
    assert layers.scalar("layer 0", Measure.ZERO_SHARE) is not None


def test_values_are_found_by_step() -> None:
    layers = layers_of(scalar("zero_share/fc", 0.1, 0.2, 0.3))
    found = layers.scalar("fc", Measure.ZERO_SHARE)
    assert found is not None
    np.testing.assert_array_equal(found.at(np.array([2, 0, 7])), [0.3, 0.1, np.nan])


def test_what_was_written_later_is_cut_off_with_the_tensors() -> None:
    run = make_run(scalar("zero_share/fc", 0.1, 0.2, 0.3, 0.4))
    layers = context_of(run).layers
    middle = float(run.scalars["wall_time"].iloc[2])
    found = layers.before(middle).scalar("fc", Measure.ZERO_SHARE)
    assert found is not None
    assert found.series.values.tolist() == [0.1, 0.2]


def test_weights_of_two_callbacks_are_taken_from_the_one_that_logged_gradients() -> None:
    layers = layers_of(
        any_histogram("sequential/dense/kernel/histogram", 20),
        any_histogram("sequential/dense/bias/histogram", 20),
        any_histogram("weights/dense/kernel", 5),
        any_histogram("weights/dense/bias", 5),
        any_histogram("gradients/dense/kernel", 4),
    )
    assert layers.names == ("dense",)
    assert [t.tag for t in layers.of(KERNEL)] == ["weights/dense/kernel"]
    assert [t.tag for t in layers.of(BIAS)] == ["weights/dense/bias"]


def test_two_records_are_no_recording_where_others_made_many() -> None:
    layers = layers_of(
        any_histogram("sequential/dense/kernel/histogram", 20),
        any_histogram("weights/dense/kernel", 2),
    )
    assert [t.tag for t in layers.of(KERNEL)] == ["sequential/dense/kernel/histogram"]


def test_norms_stand_in_for_gradients_of_kernels_whose_size_is_known() -> None:
    layers = layers_of(
        any_histogram("weights/a/kernel", size=100),
        any_histogram("weights/b/kernel", size=400),
        scalar("gradient_norm/b/kernel", 4.0, 2.0),
        scalar("gradient_norm/a/kernel", 1.0, 3.0),
        scalar("gradient_norm/a/bias", 9.0, 9.0),
        scalar("gradient_norm/c/kernel", 9.0, 9.0),
    )
    tensors = norms_as_tensors(layers)
    assert [t.layer for t in tensors] == ["a", "b"]
    found = [[rms(e, c) for e, c in zip(t.edges, t.counts, strict=True)] for t in tensors]
    np.testing.assert_allclose(found, [[0.1, 0.3], [0.2, 0.1]])
