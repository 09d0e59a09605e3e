from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.runs import Buckets, Histogram, Scalar, judge, make_run, tf_histogram, torch_histogram
from tests.tensors import (
    RECORDS,
    STEPS,
    bad_loss,
    both_writers,
    good_loss,
    gradients,
    recorded,
    rectified,
    silent,
    training,
    unmoved,
)

CHECK = "dead-layer"


@both_writers
def test_outputs_that_are_zero_name_the_layer(buckets: Buckets) -> None:
    run = make_run(
        bad_loss(),
        recorded("activations/dense", rectified(0, 0.5), buckets),
        recorded("activations/dense_1", silent(), buckets),
        recorded("activations/dense_2", silent(), buckets),
    )
    finding = judge(CHECK, run).finding
    assert (finding.severity, finding.layer) == (Severity.ERROR, "dense_1")
    assert finding.tags == ("train/activations/dense_1", "train/activations/dense_2")
    assert finding.steps == (0, 90)
    assert (finding.measured["zero_share"], finding.measured["layers"]) == (1.0, 2)


@both_writers
def test_a_layer_that_dies_is_an_error_whatever_the_loss_does(buckets: Buckets) -> None:
    dying = rectified(0, 0.6)[:3] + silent()[3:]
    run = make_run(good_loss(), recorded("act/fc1", dying, buckets))
    finding = judge(CHECK, run).finding
    assert (finding.severity, finding.steps) == (Severity.ERROR, (30, 90))


@both_writers
@pytest.mark.parametrize("zeros", [0.0, 0.5, 0.7, 0.8, 0.9])
def test_sparse_is_not_dead(zeros: float, buckets: Buckets) -> None:
    run = make_run(
        bad_loss(), *(recorded(f"act/fc{i}", rectified(i, zeros), buckets) for i in range(4))
    )
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_bucket_that_may_hold_small_values_proves_nothing() -> None:
    outlier = [np.concatenate([1e-3 * v, [5.0]]) for v in rectified(0, 0.0)]
    run = make_run(bad_loss(), recorded("act/fc1", outlier))
    assert judge(CHECK, run).status == Status.CLEAN


@both_writers
def test_almost_all_zero_is_dead_where_the_buckets_can_prove_it(buckets: Buckets) -> None:
    run = make_run(bad_loss(), recorded("act/fc1", rectified(0, 0.995), buckets))
    proven = buckets is torch_histogram
    assert judge(CHECK, run).status == (Status.FIRED if proven else Status.CLEAN)


def test_what_still_passes_is_not_denied() -> None:
    run = make_run(bad_loss(), recorded("act/fc1", rectified(0, 0.99), torch_histogram))
    finding = judge(CHECK, run).finding
    assert "all but dead" in finding.title
    assert "no signal" not in finding.message


def test_a_wholly_dead_layer_is_said_to_let_nothing_pass() -> None:
    run = make_run(bad_loss(), recorded("act/fc1", silent()))
    finding = judge(CHECK, run).finding
    assert "all but" not in finding.title
    assert "no signal passes" in finding.message


def shares(layer: str, share: float) -> Scalar:
    return Scalar(f"zero_share/{layer}", np.full(RECORDS, share), "train", STEPS)


@pytest.mark.parametrize(("share", "status"), [(0.985, Status.FIRED), (0.975, Status.CLEAN)])
def test_a_logged_share_of_zeros_decides_where_the_buckets_cannot(
    share: float, status: Status
) -> None:
    outputs = recorded("activations/fc1", rectified(0, share))
    run = make_run(bad_loss(), outputs, shares("fc1", share))
    assert judge(CHECK, run).status == status


@pytest.mark.parametrize(
    ("order", "status"),
    [(("encoding", "fc1"), Status.CLEAN), (("fc1", "encoding"), Status.FIRED)],
)
def test_one_hot_inputs_are_not_dead(order: tuple[str, str], status: Status) -> None:
    run = make_run(
        bad_loss(),
        *(recorded(f"activations/{layer}", rectified(0, 0.5)) for layer in order),
        recorded("weights/fc1/kernel", training(0)),
        shares("encoding", 0.99),
    )
    assert judge(CHECK, run).status == status


def test_a_layer_that_comes_back_is_silent() -> None:
    run = make_run(bad_loss(), recorded("act/fc1", silent()[:6] + rectified(0, 0.5)[6:]))
    assert judge(CHECK, run).status == Status.CLEAN


def test_two_dead_records_at_the_end_of_many_are_too_few() -> None:
    run = make_run(bad_loss(), recorded("act/fc1", rectified(0, 0.5)[:8] + silent()[8:]))
    assert judge(CHECK, run).status == Status.CLEAN


@both_writers
def test_gradients_that_are_exactly_zero_name_the_deepest_such_layer(buckets: Buckets) -> None:
    run = make_run(
        bad_loss(),
        recorded("fc1.weight.grad", silent(), buckets),
        recorded("fc1.bias.grad", silent(), buckets),
        recorded("fc2.weight.grad", silent(), buckets),
        recorded("fc2.bias.grad", silent(), buckets),
        recorded("fc3.weight.grad", gradients(0, 1e-2), buckets),
        recorded("fc3.bias.grad", gradients(1, 1e-2), buckets),
    )
    assert judge(CHECK, run).finding.layer == "fc2"


@both_writers
def test_the_layer_behind_a_dead_one_lacks_but_an_input(buckets: Buckets) -> None:
    silent_kernels = [recorded(f"fc{i}.weight.grad", silent(), buckets) for i in (1, 2, 3)]
    alive = [recorded("fc4.weight.grad", gradients(0, 1e-2), buckets)]
    biases = [
        recorded("fc2.bias.grad", silent(), buckets),
        recorded("fc3.bias.grad", gradients(1, 1e-2), buckets),
    ]
    told = judge(CHECK, make_run(bad_loss(), *silent_kernels, *biases, *alive)).finding
    assert (told.layer, told.confidence) == ("fc2", 0.85)
    assert "fc3 gets no input" in told.message
    assert judge(CHECK, make_run(good_loss(), *silent_kernels, *alive)).status == Status.CLEAN


@pytest.mark.parametrize(
    ("loss", "living", "status"),
    [
        (good_loss, 0, Status.CLEAN),
        (bad_loss, 0, Status.CLEAN),
        (good_loss, 3, Status.CLEAN),
        (bad_loss, 3, Status.FIRED),
    ],
)
def test_without_biases_zero_gradients_from_the_start_may_be_of_frozen_layers(
    loss: Callable[[], Scalar], living: int, status: Status
) -> None:
    zero = [
        recorded(f"fc{i}.weight.grad", gradients(i, 1e-2)[:living] + silent()[living:])
        for i in (1, 2, 3)
    ]
    alive = recorded("fc4.weight.grad", gradients(0, 1e-2))
    judged = judge(CHECK, make_run(loss(), *zero, alive))
    assert judged.status == status
    if status == Status.FIRED:
        assert judged.finding.layer == "fc2"


@pytest.mark.parametrize(("living", "status"), [(0, Status.CLEAN), (3, Status.FIRED)])
def test_where_a_run_does_well_only_gradients_that_were_lost_tell(
    living: int, status: Status
) -> None:
    """Zero from the first record on is what a frozen layer logs."""
    lost = [
        recorded(f"fc1.{part}.grad", gradients(i, 1e-2)[:living] + silent()[living:])
        for i, part in enumerate(("weight", "bias"))
    ]
    alive = recorded("fc2.weight.grad", gradients(2, 1e-2))
    assert judge(CHECK, make_run(good_loss(), *lost, alive)).status == status


def test_a_frozen_backbone_has_no_gradient_and_is_not_dead() -> None:
    """Its gradients are zero or not logged, and its weights never moved."""
    backbone = [recorded(f"base{i}.weight", unmoved(i)) for i in range(3)]
    run = make_run(good_loss(), *backbone, recorded("head.weight", training(9)))
    assert judge(CHECK, run).status == Status.CLEAN


@pytest.mark.parametrize("rms", [1e-4, 1e-9, 1e-14])
def test_small_gradients_of_a_converged_net_are_not_zero(rms: float) -> None:
    run = make_run(
        good_loss(),
        *(recorded(f"fc{i}.weight.grad", gradients(i, rms)) for i in range(3)),
        *(recorded(f"fc{i}.bias.grad", gradients(i, rms)) for i in range(3)),
    )
    assert judge(CHECK, run).status == Status.CLEAN


def test_living_outputs_win_over_silent_gradients() -> None:
    run = make_run(
        bad_loss(),
        recorded("act/fc1", rectified(0, 0.5)),
        recorded("fc1.weight.grad", silent()),
        recorded("fc1.bias.grad", silent()),
        recorded("fc2.weight.grad", gradients(0, 1.0)),
    )
    assert judge(CHECK, run).status == Status.CLEAN


def test_weights_that_stop_while_others_move_are_found() -> None:
    run = make_run(
        bad_loss(),
        recorded("dense/kernel/histogram", training(0, until=4)),
        recorded("dense/bias/histogram", training(1, until=4)),
        recorded("dense_1/kernel/histogram", training(2)),
    )
    finding = judge(CHECK, run).finding
    assert finding.layer == "dense"
    assert finding.steps == (int(STEPS[3]), int(STEPS[-1]))


def test_weights_that_all_stop_have_finished_training() -> None:
    run = make_run(
        good_loss(),
        recorded("dense/kernel/histogram", training(0, until=4)),
        recorded("dense_1/kernel/histogram", training(2, until=4)),
    )
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_layer_that_sends_only_zeros_starves_the_next() -> None:
    run = make_run(
        bad_loss(),
        recorded("dense/kernel/histogram", unmoved(0)),
        recorded("dense/bias/histogram", unmoved(1)),
        recorded("dense_1/kernel/histogram", unmoved(2)),
        recorded("dense_1/bias/histogram", training(3)),
    )
    assert judge(CHECK, run).finding.layer == "dense"


@pytest.mark.parametrize(("strength", "status"), [(1e-9, Status.CLEAN), (0.0, Status.FIRED)])
def test_a_gradient_below_the_resolution_of_the_weights_is_no_dead_layer(
    strength: float, status: Status
) -> None:
    """Deep sigmoids: float32 adds nothing to the kernel, and yet its input is not zero."""
    run = make_run(
        bad_loss(),
        recorded("dense/kernel/histogram", unmoved(0)),
        recorded("dense_1/kernel/histogram", unmoved(1)),
        recorded("dense_1/bias/histogram", training(2)),
        recorded("dense_2/kernel/histogram", training(3)),
        recorded("gradients/dense_1/kernel", [strength * v for v in gradients(4, 1.0)]),
        recorded("gradients/dense_2/kernel", gradients(5, 1.0)),
    )
    assert judge(CHECK, run).status == status


@pytest.mark.parametrize("series", [[], [Histogram("act/fc1", [tf_histogram(np.zeros(9))])]])
def test_without_tensors_over_time_it_cannot_be_checked(series: list[Histogram]) -> None:
    judged = judge(CHECK, make_run(bad_loss(), *series))
    assert judged.status == Status.NOT_CHECKABLE
    assert "log activations" in (judged.reason or "")


def test_records_of_another_number_tell_the_same() -> None:
    """The layer before is dead from a record of its own on."""
    few = np.arange(5)
    run = make_run(
        bad_loss(),
        recorded("fc1.weight.grad", silent()[:5], steps=few),
        recorded("fc1.bias.grad", silent()[:5], steps=few),
        recorded("fc2.weight.grad", gradients(2, 1e-2)[:4] + silent()[4:]),
        recorded("fc2.bias.grad", gradients(3, 1e-2)),
        recorded("fc3.weight.grad", gradients(0, 1e-2)),
    )
    finding = judge(CHECK, run).finding
    assert (finding.layer, finding.steps) == ("fc1", (0, 4))


def test_a_kernel_without_gradient_behind_living_ones_tells_of_no_other() -> None:
    run = make_run(
        bad_loss(),
        recorded("fc1.weight.grad", silent()),
        recorded("fc2.weight.grad", gradients(0, 1e-2)),
        recorded("fc3.weight.grad", silent()),
        recorded("fc3.bias.grad", gradients(1, 1e-2)),
    )
    assert judge(CHECK, run).status == Status.CLEAN
