"""How one program is trained: everything that a fault or a harmless habit can change."""

from __future__ import annotations

from dataclasses import dataclass, field

# What a run's event files may hold beside a train loss.
LOGGED = {
    "B": "the loss of single batches",
    "V": "the validation loss",
    "W": "histograms of weights",
    "N": "the norm of the gradient",
    "Q": "that norm at every update",
    "G": "histograms of gradients, layer by layer",
    "A": "histograms of activations",
    "H": "the learning rate",
    "U": "how far single updates move the weights",
}


@dataclass(frozen=True)
class Recipe:
    """The choices of one training, independent of the framework.

    `lr` is the peak of the learning rate; `schedule` says what becomes of it over the run.
    """

    optimizer: str  # as Keras names it, or momentum, nesterov
    lr: float
    batch: int
    epochs: int
    # The network.
    activation: str = "relu"
    hidden: int = 2  # hidden layers; what a layer is, the architecture says
    init: str = "he"  # he, glorot, zeros, tiny, huge, unit
    init_scale: float = 1.0  # times the spread that `init` gives
    bias: float = 0.0  # first value of the hidden biases
    norm: bool = False
    dropout: float = 0.0
    output: str = "right"  # right, double-softmax, one-unit
    # The data.
    labels: str = "right"  # right, shuffled
    label_noise: float = 0.0  # share of training labels drawn at random
    target_scale: float = 1.0  # regression: the unit of the target
    input_scale: float = 1.0
    train_size: int | None = None
    bad_batches: float = 0.0  # share of batches with wild inputs and wrong targets
    nan_from: float | None = None  # share of the run from which on one input is NaN
    # The training.
    schedule: str = "constant"  # constant, warm-up, step, cosine, restarts, ends-early
    clip: float | None = None  # of the gradient's norm
    weight_decay: float = 0.0
    loss: str = "usual"  # usual, log-of-zero
    frozen: str = "nothing"  # nothing, backbone (meant, and trained before), forgotten, detached
    resumed: bool = False  # the run was interrupted half-way and resumed


@dataclass(frozen=True)
class Checkpoint:
    """The state of a network at one moment, measured on whole data sets without noise.

    Losses are means per sample in evaluation mode; `train_loss` is held against the labels
    that training saw. Layers are keyed by name, input first.
    """

    step: int
    train_loss: float
    validation_loss: float
    train_accuracy: float | None
    validation_accuracy: float | None
    gradient_rms: dict[str, float]  # of each kernel, over the training data
    kernel_rms: dict[str, float]
    zero_share: dict[str, float]  # of each ReLU layer's outputs
    saturated_share: dict[str, float]  # of each tanh or sigmoid layer's outputs
    # By how much the last update moved each kernel, of its own norm; before any, nothing.
    update_ratio: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """What really happened in one training, from inside the process that trained."""

    checkpoints: list[Checkpoint]
    batch_losses: list[float]
    gradient_norms: list[float]
    unmoved: list[str]  # parameters that are the same to the bit as in the beginning
    moved: list[str]
    logged: str  # which inputs of checks were logged: letters of `LOGGED`
    notes: dict[str, float] = field(default_factory=dict)  # what a special program measured
