"""The layers of a run: their names, their order, and which tensors belong to them."""

from __future__ import annotations

import numpy as np

from tblogreport.context.layers import Layers
from tblogreport.context.tensor_names import TensorKind
from tests.runs import Histogram, context_of, keras_config, make_run, tf_histogram
from tests.tensors import any_histogram

KERNEL, GRADIENT, ACTIVATION = TensorKind.KERNEL, TensorKind.GRADIENT, TensorKind.ACTIVATION


def layers_of(*tags: str, config: dict[str, object] | None = None) -> Layers:
    return context_of(make_run(*map(any_histogram, tags), keras_config=config)).layers


def test_layers_stand_in_the_order_in_which_they_were_written() -> None:
    assert layers_of("z.weight", "a.weight", "m.weight", "a.bias").names == ("z", "a", "m")


def test_the_config_knows_the_order_better() -> None:
    tags = [f"sequential/{name}/kernel/histogram" for name in ("c", "a", "b")]
    config = keras_config(("a", "relu"), ("b", "relu"), ("c", "softmax"))
    assert layers_of(*tags, config=config).names == ("a", "b", "c")


def test_a_config_that_does_not_know_every_layer_orders_nothing() -> None:
    layers = layers_of("c/kernel", "a/kernel", config=keras_config(("a", "relu"), ("b", None)))
    assert layers.names == ("c", "a")


def test_a_nested_model_s_layers_are_found_in_its_config() -> None:
    inner = {"class_name": "Functional", **keras_config(("a", "relu"), ("b", "relu"))}
    outer = keras_config(("c", "softmax"))
    outer["config"]["layers"].insert(0, inner)
    tags = [f"model/{name}/kernel/histogram" for name in ("c", "b", "a")]
    assert layers_of(*tags, config=outer).names == ("a", "b", "c")


def test_weights_and_gradients_of_one_layer_are_joined_though_spelled_otherwise() -> None:
    layers = layers_of(
        "sequential/dense/kernel/histogram",
        "sequential/dense_1/kernel/histogram",
        "gradients/dense/kernel",
        "gradients/dense_1/kernel",
        "activations/dense",
    )
    assert layers.names == ("dense", "dense_1")
    assert [t.layer for t in layers.of(KERNEL)] == ["dense", "dense_1"]
    assert [t.layer for t in layers.of(GRADIENT, KERNEL)] == ["dense", "dense_1"]
    found = layers.get("dense", ACTIVATION)
    assert found is not None
    assert found.tag == "activations/dense"


def test_the_gradients_of_kernels_and_of_biases_are_told_apart() -> None:
    run = make_run(any_histogram("fc.bias.grad", 9), any_histogram("fc.weight.grad", 2))
    layers = context_of(run).layers
    assert [t.tag for t in layers.of(GRADIENT, KERNEL)] == ["fc.weight.grad"]
    assert [t.tag for t in layers.of(GRADIENT, TensorKind.BIAS)] == ["fc.bias.grad"]


def test_layers_of_the_same_name_in_two_models_stay_apart() -> None:
    layers = layers_of("encoder.fc.weight", "decoder.fc.weight")
    assert layers.names == ("encoder.fc", "decoder.fc")


def test_what_all_paths_begin_with_is_left_out() -> None:
    assert layers_of("net.body.0.weight", "net.body.2.weight").names == ("layer 0", "layer 2")


def test_unnamed_layers_that_share_one_tag_are_told_apart_by_their_order() -> None:
    rng = np.random.default_rng(0)
    records = [tf_histogram(s * rng.normal(size=50)) for _ in range(4) for s in (1.0, 10.0, 100.0)]
    shared = Histogram("kernel/histogram", records, "train", np.repeat(np.arange(4), 3))
    layers = context_of(make_run(shared)).layers
    kernels = layers.of(KERNEL)
    assert len(layers.names) == len(kernels) == 3
    assert [k.steps.tolist() for k in kernels] == [[0, 1, 2, 3]] * 3
    widths = [float(np.ptp(k.edges[0])) for k in kernels]
    assert widths[0] < widths[1] / 3 < widths[2] / 9


def test_a_tag_that_repeats_now_and_then_is_one_tensor() -> None:
    records = [tf_histogram(np.arange(9.0))] * 5
    repeated = Histogram("dense/kernel/histogram", records, "train", [0, 1, 1, 2, 3])
    (kernel,) = context_of(make_run(repeated)).layers.of(KERNEL)
    assert kernel.steps.tolist() == [0, 1, 1, 2, 3]


def test_a_run_that_was_started_again_from_the_first_step_has_no_more_layers() -> None:
    steps = [0, 1, 2, 0, 1, 2]
    again = Histogram("dense/kernel/histogram", [tf_histogram(np.arange(9.0))] * 6, "", steps)
    (kernel,) = context_of(make_run(again)).layers.of(KERNEL)
    assert (kernel.layer, kernel.steps.tolist()) == ("dense", steps)


def test_layers_that_share_one_tag_are_told_apart_after_a_restart_as_well() -> None:
    records = [tf_histogram(s * np.arange(9.0)) for _ in range(4) for s in (1.0, 10.0)]
    shared = Histogram("kernel/histogram", records, "train", np.repeat([0, 1, 0, 1], 2))
    first, second = context_of(make_run(shared)).layers.of(KERNEL)
    assert first.steps.tolist() == second.steps.tolist() == [0, 1, 0, 1]
    assert all(10 * np.ptp(a) == np.ptp(b) for a, b in zip(first.edges, second.edges, strict=True))


def test_the_longest_recording_speaks_for_a_layer() -> None:
    run = make_run(
        any_histogram("fc.weight", 2, split="validation"), any_histogram("weights/fc.weight", 7)
    )
    (kernel,) = context_of(run).layers.of(KERNEL)
    assert len(kernel) == 7


def test_the_weight_of_a_normalisation_is_told_by_its_statistics() -> None:
    layers = layers_of("block.1.weight", "block.1.running_mean", "block.0.weight")
    assert [t.layer for t in layers.of(KERNEL)] == ["layer 0"]


def test_layers_that_are_only_counted_stand_in_that_order() -> None:
    """All gradients may be written before all weights, and of frozen layers there are none."""
    layers = layers_of(
        "grads/10.weight", "weights/0.weight", "weights/2.weight", "weights/10.weight"
    )
    assert layers.names == ("layer 0", "layer 2", "layer 10")


def test_what_the_config_says_of_layers_is_kept() -> None:
    config = keras_config(("a", "tanh"), ("b", None), ("c", "softmax"), frozen=["b"])
    layers = layers_of("a/kernel", "b/kernel", "c/kernel", config=config)
    assert [name for name in "abc" if layers.is_frozen(name)] == ["b"]
    assert (layers.activation_of("a"), layers.activation_of("b")) == ("tanh", None)


def test_malformed_configs_say_nothing() -> None:
    malformed: tuple[dict[str, object], ...] = (
        {},
        {"config": 3},
        {"config": {"layers": [1, {"config": None}, {}]}},
    )
    for config in malformed:
        assert layers_of("b/kernel", "a/kernel", config=config).names == ("b", "a")


def test_records_after_a_moment_can_be_left_out() -> None:
    layers = context_of(make_run(any_histogram("a/kernel", 5))).layers
    (tensor,) = layers.tensors
    (cut,) = layers.before(float(tensor.wall_times[2])).tensors
    assert cut.steps.tolist() == [0, 1]
    assert layers.before(0.0).tensors == ()
