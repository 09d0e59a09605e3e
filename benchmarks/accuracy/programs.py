"""The programs: architecture × data × optimiser × framework, and which half each is in.

Thresholds may be set on programs of the half `calibrate`; those of `heldout` only measure.
A program is wholly in one half, with all its faults, strengths and seeds.
"""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.accuracy.recipe import Recipe

CALIBRATE, HELDOUT = "calibrate", "heldout"


@dataclass(frozen=True)
class Program:
    """One program as its author meant it: trained by `recipe`, it learns."""

    name: str
    half: str
    framework: str  # torch, keras
    data: str
    architecture: str
    recipe: Recipe

    @property
    def stacked(self) -> bool:
        """Whether it is a plain stack of layers that can be made deeper."""
        return self.architecture in {
            "mlp", "cnn", "conv1d", "autoencoder", "strided", "separable", "denoiser"
        }  # fmt: skip

    @property
    def decides(self) -> bool:
        """Whether its targets are two classes."""
        return self.data in {"cancer", "moons", "hastie", "walks"}

    @property
    def classifies(self) -> bool:
        """Whether its targets are classes, and its metric is the accuracy."""
        return self.decides or self.data in {
            "digits", "blobs", "waves", "shifted", "wine", "quantiles", "majority"
        }  # fmt: skip

    @property
    def restores(self) -> bool:
        """Whether its targets are its own inputs, or the rest of them."""
        return self.data in {"text", "pictures", "patches"}

    @property
    def reads_tokens(self) -> bool:
        """Whether its inputs are tokens, which have no scale and cannot be NaN."""
        return self.data in {"text", "majority", "ratings"}


def _program(half: str, framework: str, data: str, architecture: str, recipe: Recipe) -> Program:
    name = f"{framework}-{data}-{architecture}-{recipe.optimizer}"
    return Program(name, half, framework, data, architecture, recipe)


PROGRAMS = {
    program.name: program
    for program in (
        _program(CALIBRATE, "torch", "digits", "mlp", Recipe("adam", 1e-3, 32, 20)),
        _program(
            CALIBRATE, "torch", "friedman", "mlp",
            Recipe("momentum", 0.01, 32, 30, activation="tanh", init="glorot"),
        ),
        _program(CALIBRATE, "torch", "moons", "mlp", Recipe("sgd", 0.1, 32, 30)),
        _program(CALIBRATE, "torch", "waves", "gru", Recipe("adam", 3e-3, 32, 15)),
        _program(CALIBRATE, "torch", "digits", "rnn", Recipe("sgd", 0.05, 32, 25, clip=1.0)),
        _program(CALIBRATE, "keras", "digits", "mlp", Recipe("rmsprop", 1e-3, 32, 15)),
        _program(CALIBRATE, "keras", "cancer", "mlp", Recipe("sgd", 0.03, 16, 20)),
        _program(CALIBRATE, "keras", "waves", "conv1d", Recipe("nadam", 3e-3, 32, 15)),
        _program(CALIBRATE, "keras", "sums", "rnn", Recipe("adam", 3e-3, 32, 15, clip=1.0)),
        _program(CALIBRATE, "torch", "digits", "cnn", Recipe("momentum", 0.02, 32, 12)),
        _program(CALIBRATE, "torch", "text", "transformer", Recipe("adamw", 2e-3, 16, 16)),
        _program(CALIBRATE, "torch", "cancer", "residual", Recipe("rmsprop", 3e-4, 16, 12)),
        _program(
            CALIBRATE, "torch", "pictures", "autoencoder", Recipe("adam", 2e-3, 32, 20, hidden=1)
        ),
        _program(
            CALIBRATE, "torch", "blobs", "mlp", Recipe("momentum", 0.02, 32, 12, activation="gelu")
        ),
        _program(CALIBRATE, "torch", "diabetes", "mlp", Recipe("sgd", 0.02, 16, 15, hidden=1)),
        _program(CALIBRATE, "torch", "sums", "rnn", Recipe("adam", 2e-3, 32, 20, clip=1.0)),
        _program(CALIBRATE, "keras", "digits", "cnn", Recipe("adam", 2e-3, 32, 10)),
        _program(CALIBRATE, "keras", "blobs", "two-inputs", Recipe("adam", 1e-3, 32, 12, hidden=1)),
        _program(CALIBRATE, "keras", "friedman", "mlp", Recipe("adam", 3e-3, 32, 25)),
        _program(CALIBRATE, "keras", "digits", "rnn", Recipe("momentum", 0.01, 32, 15, clip=1.0)),
        _program(
            HELDOUT, "torch", "roll", "mlp",
            Recipe("nesterov", 0.01, 64, 25, activation="tanh", init="glorot", hidden=4),
        ),
        _program(HELDOUT, "torch", "shifted", "strided", Recipe("adamw", 2e-3, 32, 12, norm=True)),
        _program(HELDOUT, "torch", "wine", "mlp", Recipe("adagrad", 0.01, 8, 20)),
        _program(HELDOUT, "torch", "tides", "rnn", Recipe("nesterov", 0.01, 32, 20, clip=0.5)),
        _program(HELDOUT, "torch", "majority", "encoder", Recipe("lion", 3e-4, 32, 15, hidden=1)),
        _program(HELDOUT, "torch", "ratings", "factors", Recipe("adam", 0.02, 128, 20)),
        _program(HELDOUT, "keras", "quantiles", "mlp", Recipe("sgd", 0.08, 32, 20)),
        _program(HELDOUT, "keras", "walks", "bilstm", Recipe("adam", 5e-3, 64, 15)),
        _program(HELDOUT, "keras", "patches", "denoiser", Recipe("adamw", 1e-3, 32, 15)),
        _program(HELDOUT, "keras", "pictures", "variational", Recipe("rmsprop", 2e-3, 32, 20)),
        _program(HELDOUT, "keras", "hastie", "wide-deep", Recipe("adamax", 5e-3, 64, 20)),
        _program(
            HELDOUT, "keras", "shifted", "separable", Recipe("nesterov", 0.01, 32, 15, norm=True)
        ),
    )
}  # fmt: skip
