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
        return self.architecture in {"mlp", "cnn", "conv1d", "autoencoder"}

    @property
    def classifies(self) -> bool:
        """Whether its targets are classes, and its metric is the accuracy."""
        return self.data in {"digits", "cancer", "moons", "blobs", "waves"}


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
        _program(HELDOUT, "torch", "digits", "cnn", Recipe("momentum", 0.02, 32, 12)),
        _program(HELDOUT, "torch", "text", "transformer", Recipe("adamw", 2e-3, 16, 16)),
        _program(HELDOUT, "torch", "cancer", "residual", Recipe("rmsprop", 3e-4, 16, 12)),
        _program(
            HELDOUT, "torch", "pictures", "autoencoder", Recipe("adam", 2e-3, 32, 20, hidden=1)
        ),
        _program(
            HELDOUT, "torch", "blobs", "mlp", Recipe("momentum", 0.02, 32, 12, activation="gelu")
        ),
        _program(HELDOUT, "torch", "diabetes", "mlp", Recipe("sgd", 0.02, 16, 15, hidden=1)),
        _program(HELDOUT, "torch", "sums", "rnn", Recipe("adam", 2e-3, 32, 20, clip=1.0)),
        _program(HELDOUT, "keras", "digits", "cnn", Recipe("adam", 2e-3, 32, 10)),
        _program(HELDOUT, "keras", "blobs", "two-inputs", Recipe("adam", 1e-3, 32, 12, hidden=1)),
        _program(HELDOUT, "keras", "friedman", "mlp", Recipe("adam", 3e-3, 32, 25)),
        _program(HELDOUT, "keras", "digits", "rnn", Recipe("momentum", 0.01, 32, 15, clip=1.0)),
    )
}  # fmt: skip
