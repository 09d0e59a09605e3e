"""Histogram tags as real writers spell them → layer, kind and parameter."""

from __future__ import annotations

import re

import pytest

from tblogreport.context.tensor_names import TensorKind, parse_tensor_name

KERNEL, BIAS, SCALE = TensorKind.KERNEL, TensorKind.BIAS, TensorKind.SCALE
STATISTIC, OTHER = TensorKind.STATISTIC, TensorKind.OTHER
GRADIENT, ACTIVATION = TensorKind.GRADIENT, TensorKind.ACTIVATION


@pytest.mark.parametrize(
    ("tag", "path", "kind", "parameter"),
    [
        ("sequential/dense_1/kernel/histogram", "sequential/dense_1", KERNEL, None),
        ("dense_1/bias/histogram", "dense_1", BIAS, None),
        ("kernel/histogram", "", KERNEL, None),
        ("bn/gamma/histogram", "bn", SCALE, None),
        ("bn/moving_variance/histogram", "bn", STATISTIC, None),
        ("embedding/embeddings/histogram", "embedding", KERNEL, None),
        ("dense/kernel_0/histogram", "dense", KERNEL, None),
        ("dense_24/kernel_0", "dense_24", KERNEL, None),
        ("hidden_0.weight/hist", "hidden_0", KERNEL, None),
        ("fc1.bias/values", "fc1", BIAS, None),
        ("fc1.weight_grad/distribution", "fc1", GRADIENT, KERNEL),
        ("dense_24/bias_0", "dense_24", BIAS, None),
        ("dense/kernel:0", "dense", KERNEL, None),
        ("fc1.weight", "fc1", KERNEL, None),
        ("fc1.bias", "fc1", BIAS, None),
        ("layers.0.weight", "layers/0", KERNEL, None),
        ("encoder.layer.3.attention.self.query.weight", None, KERNEL, None),
        ("lstm.weight_ih_l0", "lstm", KERNEL, None),
        ("bn1.weight", "bn1", SCALE, None),
        ("layer_norm.bias", "layer_norm", SCALE, None),
        ("bn1.running_mean", "bn1", STATISTIC, None),
        ("fc1.weight.grad", "fc1", GRADIENT, KERNEL),
        ("fc1.bias.grad", "fc1", GRADIENT, BIAS),
        ("fc1.weight_grad", "fc1", GRADIENT, KERNEL),
        ("gradients/dense/kernel", "dense", GRADIENT, KERNEL),
        ("gradients/dense_1/bias", "dense_1", GRADIENT, BIAS),
        ("gradients/dense/kernel/histogram", "dense", GRADIENT, KERNEL),
        ("weights/fc1/grad", "fc1", GRADIENT, None),
        ("weights/fc1.weight.grad", "fc1", GRADIENT, KERNEL),
        ("grads/fc1.weight", "fc1", GRADIENT, KERNEL),
        ("weights/fc1.weight", "fc1", KERNEL, None),
        ("activations/dense_1", "dense_1", ACTIVATION, None),
        ("activations/fc1", "fc1", ACTIVATION, None),
        ("dense_1_out", "dense_1", ACTIVATION, None),
        ("dnn/hiddenlayer_0/activation", "dnn/hiddenlayer_0", ACTIVATION, None),
        ("latent", "latent", OTHER, None),
        ("Environment/Cumulative Reward_hist", None, OTHER, None),
    ],
)
def test_a_tag_names_layer_kind_and_parameter(
    tag: str, path: str | None, kind: TensorKind, parameter: TensorKind | None
) -> None:
    name = parse_tensor_name(tag)
    assert (name.kind, name.parameter) == (kind, parameter)
    assert path is None or "/".join(name.path) == path


@pytest.mark.parametrize(
    ("tag", "layer"),
    [
        ("sequential/output/kernel/histogram", "output"),
        ("output/bias/histogram", "output"),
        ("out.weight", "out"),
        ("out.bias", "out"),
        ("features.0.weight", "0"),
    ],
)
def test_a_layer_that_is_called_output_keeps_its_weights(tag: str, layer: str) -> None:
    name = parse_tensor_name(tag)
    assert name.kind in {KERNEL, BIAS}
    assert name.path[-1] == layer


def test_a_gradient_of_a_layer_called_output_is_a_gradient() -> None:
    for tag in ("out.weight.grad", "gradients/output/kernel"):
        name = parse_tensor_name(tag)
        assert (name.kind, name.parameter) == (GRADIENT, KERNEL)


@pytest.mark.parametrize(
    ("tag", "layer", "kind", "parameter"),
    [
        ("weights/dense/kernel", "dense", KERNEL, None),
        ("weights/encoder/dense_1/bias", "encoder/dense_1", BIAS, None),
        ("weights/features.0/weight", "features.0", KERNEL, None),
        ("weights/features.1/running_var", "features.1", STATISTIC, None),
        ("weights/bn1/weight", "bn1", SCALE, None),
        ("weights/lstm/weight_hh_l0", "lstm", KERNEL, None),
        ("weights/block.attention/in_proj_weight", "block.attention", KERNEL, None),
        ("weights/Net/idle", "Net", OTHER, None),
        ("gradients/features.0/weight", "features.0", GRADIENT, KERNEL),
        ("gradients/dense/bias", "dense", GRADIENT, BIAS),
        ("gradients/layer_norm/gamma", "layer_norm", GRADIENT, SCALE),
        ("gradients/Net/idle", "Net", GRADIENT, None),
        ("activations/features.0", "features.0", ACTIVATION, None),
        ("activations/encoder/dense", "encoder/dense", ACTIVATION, None),
        # Words that mean something elsewhere may be a layer's name.
        ("weights/grad.0/weight", "grad.0", KERNEL, None),
        ("weights/output/kernel", "output", KERNEL, None),
        ("gradients/act.fc/weight", "act.fc", GRADIENT, KERNEL),
        ("activations/grad_out", "grad_out", ACTIVATION, None),
        ("activations/weights/kernel", "weights/kernel", ACTIVATION, None),
    ],
)
def test_what_the_instruments_write_is_taken_apart_exactly(
    tag: str, layer: str, kind: TensorKind, parameter: TensorKind | None
) -> None:
    name = parse_tensor_name(tag)
    assert (name.kind, name.parameter) == (kind, parameter)
    assert name.separator.join(name.path) == layer


@pytest.mark.parametrize(
    "tag",
    ["", "/", "...", "//kernel//", "<script>", "a" * 10_000, "\x00\n"]
    + [f"{head}/{rest}" for head in ("weights", "gradients", "activations") for rest in "./"],
)
def test_any_tag_has_a_name(tag: str) -> None:
    assert parse_tensor_name(tag).kind in TensorKind


@pytest.mark.parametrize("tag", ["attn.value", "policy/value", "heads/dist", "encoder.values"])
def test_a_layer_that_is_called_value_keeps_its_name(tag: str) -> None:
    assert parse_tensor_name(tag).path == tuple(re.split(r"[./]", tag))
