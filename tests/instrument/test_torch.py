"""`watch` writes what `TensorHealth` writes, and leaves the training and the model alone."""

from __future__ import annotations

import copy
import gc
import pickle
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.optim import optimizer as hooks

import tblogreport
from tblogreport.instrument.torch import Watch, watch
from tests.processes import python

pytestmark = pytest.mark.slow

X = torch.randn(32, 4, generator=torch.Generator().manual_seed(0))
IMAGES = torch.randn(20, 1, 6, 6, generator=torch.Generator().manual_seed(1))
CLASSES = torch.arange(20) % 3


class Log:
    """A writer that keeps what it is given; it has tensorboardX's signatures."""

    def __init__(self) -> None:
        self.scalars: dict[str, dict[int, float]] = {}
        self.histograms: dict[str, dict[int, dict[str, Any]]] = {}

    def add_scalar(self, tag: str, scalar_value: float, global_step: int, walltime: float) -> None:
        assert isinstance(scalar_value, float)
        self.scalars.setdefault(tag, {})[global_step] = scalar_value

    def add_histogram_raw(self, tag: str, **histogram: Any) -> None:
        self.histograms.setdefault(tag, {})[histogram["global_step"]] = histogram

    def flush(self) -> None: ...

    def tags(self, prefix: str) -> list[str]:
        """What was logged below a prefix, in the order written."""
        return [tag.removeprefix(prefix) for tag in self.histograms if tag.startswith(prefix)]

    def steps(self, tag: str) -> list[int]:
        return list((self.histograms | self.scalars).get(tag, {}))


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    """No test leaves a hook behind, and none warns unless it expects it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        yield
    assert not hooks._global_optimizer_pre_hooks
    assert not hooks._global_optimizer_post_hooks


def convolutional() -> Any:
    torch.manual_seed(0)
    features = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.3))
    return nn.Sequential(features, nn.Flatten(), nn.Linear(64, 3))


def train(model: nn.Module, health: Watch | None = None, steps: int = 5) -> list[float]:
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    losses = []
    for _ in range(steps):
        loss = functional.cross_entropy(model(IMAGES), CLASSES)
        if health is not None:
            health.loss(loss)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    return losses


def descend(model: nn.Module, optimizer: torch.optim.Optimizer, x: torch.Tensor = X) -> Any:
    """One step that makes the outputs smaller."""
    loss: Any = model(x).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


def sgd(model: nn.Module, rate: float = 0.1) -> torch.optim.Optimizer:
    return torch.optim.SGD(model.parameters(), rate)


def test_a_record_is_of_the_step_about_to_be_made(log: Log) -> None:
    model: Any = nn.Sequential(nn.Linear(4, 2, bias=False))
    weight = model[0].weight.detach().clone().numpy()
    outputs = X.numpy() @ weight.T
    gradient = outputs.T @ X.numpy() / outputs.size * 2
    with watch(model, log) as health:
        loss = descend(model, sgd(model))
        assert health is not None

    for tag, expected in {
        "weights/0/weight": weight,
        "gradients/0/weight": gradient,
        "activations/0": outputs,
    }.items():
        logged = log.histograms[tag][0]
        assert logged["min"] == pytest.approx(expected.min(), rel=1e-4)
        assert logged["max"] == pytest.approx(expected.max(), rel=1e-4)
        assert logged["num"] == expected.size == sum(logged["bucket_counts"])
        assert logged["sum_squares"] == pytest.approx(np.square(expected).sum(), rel=1e-4)
    assert {tag: values[0] for tag, values in log.scalars.items()} == pytest.approx(
        {
            "gradient_norm": np.linalg.norm(gradient),
            "gradient_norm/0/weight": np.linalg.norm(gradient),
            "update_ratio/0/weight": 0.1 * np.linalg.norm(gradient) / np.linalg.norm(weight),
            "learning_rate": 0.1,
            "zero_share/0": 0.0,
            "inactive_units/0": 0.0,
        },
        rel=1e-4,
    )
    assert loss.requires_grad


def test_results_and_state_are_the_same_to_the_bit(log: Log) -> None:
    alone, watched = convolutional(), convolutional()
    torch.manual_seed(1)
    losses = train(alone)
    torch.manual_seed(1)
    with watch(watched, log, every=2) as health:
        assert train(watched, health) == losses
        states = alone.state_dict(), watched.state_dict()
    assert list(states[0]) == list(states[1])
    assert all(torch.equal(a, b) for a, b in zip(*map(dict.values, states), strict=True))


def test_every_counts_steps_from_zero_and_the_weights_come_once_more(log: Log) -> None:
    model = convolutional()
    with watch(model, log, every=2) as health:
        train(model, health)
    assert log.steps("step_loss") == [0, 1, 2, 3, 4]
    assert log.steps("gradient_norm") == [0, 2, 4]
    assert log.steps("activations/0.0") == [0, 2, 4]
    assert log.steps("weights/0.0/weight") == [0, 2, 4, 5]


def test_a_training_that_goes_on_counts_on(log: Log) -> None:
    model = convolutional()
    with watch(model, log, every=4, step=10) as health:
        train(model, health)
    assert log.steps("step_loss") == [10, 11, 12, 13, 14]
    assert log.steps("gradients/0.0/weight") == [12]


def test_modules_are_written_in_the_order_of_the_model(log: Log) -> None:
    model = convolutional()
    with watch(model, log):
        train(model)
    assert log.tags("activations/") == ["0.0", "0.1", "0.2", "2"]
    assert log.tags("weights/")[-2:] == ["0.1/running_mean", "0.1/running_var"]
    assert "0.1/running_mean" not in log.tags("gradients/")


def test_shares_are_exact_and_channels_are_units(log: Log) -> None:
    model: Any = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(64, 2), nn.Tanh()
    )
    nn.init.zeros_(model[0].weight)
    nn.init.ones_(model[3].weight)
    model[0].bias.data = torch.tensor([-1.0, 1.0, 1.0, 1.0])
    with watch(model, log):
        descend(model, sgd(model), IMAGES)
    assert log.scalars["zero_share/1"][0] == log.scalars["inactive_units/1"][0] == 0.25
    assert log.scalars["saturated_share/4"][0] == 1.0
    assert "saturated_share/1" not in log.scalars


def test_the_range_of_a_module_is_its_own(log: Log) -> None:
    model: Any = nn.Sequential(nn.Linear(4, 2), nn.Hardtanh(0.0, 10.0))
    nn.init.zeros_(model[0].weight)
    model[0].bias.data = torch.tensor([9.0, 9.9])
    with watch(model, log):
        descend(model, sgd(model))
    assert log.scalars["saturated_share/1"][0] == 0.5


class Twice(nn.Module):
    """One module called twice, one tied weight, outputs in a dictionary, an idle parameter."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTM(4, 4, batch_first=True)
        self.shared = nn.Linear(4, 4)
        self.tied = nn.Linear(4, 4)
        self.tied.weight = self.shared.weight
        self.idle = nn.Parameter(torch.ones(3))
        self.attention = nn.MultiheadAttention(4, 2, batch_first=True)

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        sequence, _ = self.cell(x[:, None])
        attended, _ = self.attention(sequence, sequence, sequence)
        return {"out": self.tied(self.shared(self.shared(attended)))}


def test_shared_tied_and_nested_modules(log: Log) -> None:
    model = Twice()
    optimizer = sgd(model)
    with watch(model, log):
        model(X)["out"].sum().backward()
        optimizer.step()
    assert log.tags("activations/") == ["cell", "attention", "shared", "tied"]
    assert log.histograms["activations/shared"][0]["num"] == 2 * X.numel()
    assert "tied/weight" not in log.tags("weights/")
    assert "Twice/idle" in log.tags("weights/")
    assert "Twice/idle" not in log.tags("gradients/")


def test_a_model_of_one_layer(log: Log) -> None:
    model = nn.Linear(4, 2)
    with watch(model, log):
        descend(model, sgd(model))
    assert log.tags("activations/") == ["Linear"]
    assert log.tags("weights/") == ["Linear/weight", "Linear/bias"]


def test_what_is_not_training_is_not_seen(log: Log) -> None:
    model: Any = nn.Sequential(nn.Linear(4, 2))
    optimizer = sgd(model)
    with watch(model, log):
        model.eval()
        model(X)
        model.train()
        with torch.no_grad():
            model(X)
        descend(model, optimizer)
    assert log.histograms["activations/0"][0]["num"] == 64


def test_passes_whose_gradients_are_gathered_are_one_step(log: Log) -> None:
    model: Any = nn.Sequential(nn.Linear(4, 2))
    optimizer = sgd(model)
    with watch(model, log):
        for part in X.reshape(4, 8, 4):
            model(part).sum().backward()
        optimizer.step()
    assert log.histograms["activations/0"][0]["num"] == 64


def test_the_first_of_several_optimisers_counts(log: Log) -> None:
    model: Any = nn.ModuleDict({"critic": nn.Linear(4, 1), "maker": nn.Linear(4, 4)})
    stranger = nn.Linear(4, 1)
    optimizers = [sgd(model["critic"]), sgd(model["maker"])]
    with watch(model, log, every=2):
        for step in range(6):
            descend(stranger, sgd(stranger))
            descend(model["critic"], optimizers[0])
            if step % 3 == 2:  # the other one follows
                descend(nn.Sequential(model["maker"], model["critic"]), optimizers[1])
    assert log.steps("gradients/critic/weight") == [0, 2, 4]
    assert log.steps("gradients/maker/weight") == [2, 4]
    assert log.steps("update_ratio/maker/weight") == [2, 4]


def test_an_optimiser_that_calls_back(log: Log) -> None:
    model: Any = nn.Sequential(nn.Linear(4, 2))
    optimizer: Any = torch.optim.LBFGS(model.parameters(), max_iter=3)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss: torch.Tensor = model(X).square().mean()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    with watch(model, log, every=1):
        for _ in range(2):
            optimizer.step(closure)
    for tag in ("gradients/0/weight", "activations/0", "update_ratio/0/weight"):
        assert log.steps(tag) == [0, 1]


def test_gradients_are_those_of_the_update(log: Log) -> None:
    model: Any = nn.Sequential(nn.Linear(4, 2))
    optimizer = sgd(model)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    with watch(model, log):
        scaler.scale(model(X).square().mean() * 1e4).backward()
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(optimizer)
    assert log.scalars["gradient_norm"][0] == pytest.approx(1.0, rel=1e-3)


def test_sparse_gradients(log: Log) -> None:
    model: Any = nn.Sequential(nn.EmbeddingBag(9, 4, sparse=True))
    with watch(model, log):
        descend(model, sgd(model), torch.tensor([[1, 2], [2, 3]]))
    assert log.histograms["gradients/0/weight"][0]["num"] == 36


def test_values_that_are_not_finite_are_logged(log: Log) -> None:
    model: Any = nn.Sequential(nn.Linear(4, 2))
    with watch(model, log, every=1) as health:
        health.loss(float("nan"))
        descend(model, sgd(model), X * torch.inf)
    assert np.isnan(log.scalars["gradient_norm"][0])
    assert np.isnan(log.scalars["step_loss"][0])
    assert log.histograms["weights/0/weight"][1]["num"] == 0


def test_no_tensor_of_a_step_is_kept(log: Log) -> None:
    model: Any = nn.Sequential(nn.Linear(4, 1000), nn.ReLU(), nn.Linear(1000, 1))
    optimizer = sgd(model)

    def tensors() -> int:
        gc.collect()
        return sum(issubclass(type(found), torch.Tensor) for found in gc.get_objects())

    with watch(model, log, every=1):
        descend(model, optimizer)
        after_first = tensors()
        for _ in range(3):
            descend(model, optimizer)
        assert tensors() == after_first


def test_hooks_are_gone_after_an_error(log: Log) -> None:
    model: Any = nn.Sequential(nn.Linear(4, 2))
    with pytest.raises(ZeroDivisionError), watch(model, log):
        raise ZeroDivisionError
    assert not any(module._forward_hooks for module in model.modules())


def test_close_may_be_called_again(log: Log) -> None:
    health = watch(nn.Linear(4, 2), log)
    health.close()
    health.close()
    assert log.steps("weights/Linear/weight") == [0]


def test_copies_are_not_watched_and_can_be_stored(log: Log) -> None:
    model: Any = nn.Sequential(nn.Linear(4, 2))
    with watch(model, log):
        for copied in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
            copied(X)
        descend(model, sgd(model))
    assert log.histograms["activations/0"][0]["num"] == 64


@pytest.mark.parametrize("in_place", [True, False])
def test_a_compiled_model_is_compiled_once_and_has_no_activations(log: Log, in_place: bool) -> None:
    model: Any = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))
    compiled: Any = model
    if in_place:
        model.compile(backend="eager")
    else:
        compiled = nn.DataParallel(torch.compile(model, backend="eager"))
    with (
        graphs_of_dynamo() as graphs,
        pytest.warns(UserWarning, match="activations of a compiled model are not logged"),
    ):
        train_a_little(compiled, watched=compiled, log=log)
    assert graphs[0] <= 1
    assert log.steps("gradients/0/weight") == [0, 2, 4]
    assert not log.tags("activations/")


def test_a_model_that_is_compiled_later_is_not_compiled_again_and_again(log: Log) -> None:
    model: Any = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))
    compiled = torch.compile(model, backend="eager")
    with (
        graphs_of_dynamo() as graphs,
        pytest.warns(UserWarning, match="no activations were seen"),
    ):
        train_a_little(compiled, watched=model, log=log)
    assert graphs[0] <= 2


def train_a_little(model: Any, watched: nn.Module, log: Log) -> None:
    optimizer = sgd(model)
    with watch(watched, log, every=2):
        for _ in range(6):
            descend(model, optimizer)


@contextmanager
def graphs_of_dynamo() -> Iterator[list[int]]:
    """The number of graphs that were compiled inside, known afterwards."""
    from torch._dynamo.utils import counters

    torch._dynamo.reset()
    counters.clear()
    graphs: list[int] = []
    yield graphs
    graphs.append(counters["stats"]["unique_graphs"])
    assert not counters["graph_break"]


def test_a_model_in_data_parallel_has_the_same_names(log: Log) -> None:
    model: Any = nn.Sequential(nn.Linear(4, 2))
    parallel = nn.DataParallel(model)
    with watch(parallel, log):
        descend(parallel, sgd(parallel))
    assert log.tags("activations/") == ["0"]
    assert log.tags("gradients/") == ["0/weight", "0/bias"]


def test_a_model_in_distributed_data_parallel_has_the_same_names(log: Log, tmp_path: Path) -> None:
    from torch import distributed

    def train() -> None:
        """On its own, as a reducer that outlives its group waits for ever for its threads."""
        parallel = nn.parallel.DistributedDataParallel(nn.Sequential(nn.Linear(4, 2)))
        with watch(parallel, log):
            descend(parallel, sgd(parallel))

    distributed.init_process_group(
        "gloo", init_method=f"file://{tmp_path / 'meeting-point'}", rank=0, world_size=1
    )
    try:
        train()
        gc.collect()
    finally:
        distributed.destroy_process_group()
    assert log.tags("activations/") == ["0"]
    assert log.tags("gradients/") == ["0/weight", "0/bias"]


class Full(Log):
    def add_histogram_raw(self, tag: str, **histogram: Any) -> None:
        raise OSError("no space left")


def test_a_writer_that_fails_is_a_warning(log: Log) -> None:
    model: Any = nn.Sequential(nn.Linear(4, 2))

    def run() -> None:
        with watch(model, Full(), every=1):
            for _ in range(3):
                descend(model, sgd(model))

    with pytest.warns(UserWarning, match="no space left") as said:
        run()
    assert len(said) == 1


def test_every_must_be_at_least_1(log: Log) -> None:
    with pytest.raises(ValueError, match="every must be at least 1, not 0"):
        watch(nn.Linear(1, 1), log, every=0)


def test_a_run_is_understood(tmp_path: Path) -> None:
    """Units that die in a real training, written by PyTorch's own writer."""
    from torch.utils.tensorboard import SummaryWriter

    torch.manual_seed(0)
    layers = [nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1)]
    model: Any = nn.Sequential(*layers)
    nn.init.constant_(model[2].bias, -50.0)
    with SummaryWriter(str(tmp_path)) as writer, watch(model, writer, every=1) as health:
        for _ in range(10):
            health.loss(descend(model, sgd(model, 0.01)))
    (run,) = tblogreport.read(tmp_path)
    assert not run.notes
    (diagnosis,) = tblogreport.analyze(tmp_path).runs
    assert diagnosis.roles["train_loss"] == ("", "step_loss")
    assert diagnosis.roles["gradient_norm"] == ("", "gradient_norm")
    assert diagnosis.roles["learning_rate"] == ("", "learning_rate")
    (dead,) = [f for f in diagnosis.findings if f.check == "dead-layer"]
    assert dead.layer == "layer 3"


def test_tensorboardx_writes_it_as_well(tmp_path: Path) -> None:
    from tensorboardX import SummaryWriter

    model: Any = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    with SummaryWriter(str(tmp_path)) as writer, watch(model, writer, every=1):
        for _ in range(4):
            descend(model, sgd(model))
    (run,) = tblogreport.read(tmp_path)
    assert not run.notes
    assert list(run.scalars.query("tag == 'gradient_norm'")["step"]) == [0, 1, 2, 3]
    weights = run.histograms.query("tag == 'weights/0/weight'")
    assert list(weights["step"]) == [0, 1, 2, 3, 4]
    assert set(weights["count"]) == {32.0}


def test_tensorflow_is_not_imported() -> None:
    code = "import sys, tblogreport.instrument.torch; print('tensorflow' in sys.modules)"
    assert python("-c", code).stdout == "False\n"
