"""Programs, their tags, and the curves that the third author's drawn runs are put together of.

A `Log` is one run of a program, with the steps its points have. Curves are drawn over the
progress of the run, from 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks.accuracy.curves_third_programs import PROGRAMS, Program
from tests.runs import Histogram, Scalar

FloatArray: TypeAlias = NDArray[np.float64]
Series: TypeAlias = tuple[Scalar | Histogram, ...]


def whole(rng: Generator, low: float, high: float) -> int:
    """A whole number, as likely in each octave between the two."""
    return round(float(np.exp(rng.uniform(np.log(low), np.log(high)))))


def wide(rng: Generator, low: float, high: float) -> float:
    """A number, as likely in each octave between the two."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def pick(rng: Generator, *names: str) -> str:
    """One of the names."""
    return names[int(rng.integers(len(names)))]


@dataclass(frozen=True)
class Log:
    """One run of a program: where its training and validation points lie."""

    program: Program
    steps: FloatArray
    val_steps: FloatArray
    epochs: int

    @property
    def x(self) -> FloatArray:
        """Progress of the run at the training points, 0 to 1."""
        return np.linspace(0.0, 1.0, len(self.steps))

    @property
    def vx(self) -> FloatArray:
        """Progress of the run at the validation points."""
        first, last = self.steps[0], self.steps[-1]
        return np.clip((self.val_steps - first) / (last - first), 0.0, 1.0)

    def _train(self, tag: str, values: FloatArray) -> Series:
        split = "train" if self.program.splits else ""
        return (Scalar(tag, values, split, self.steps),) if tag else ()

    def _val(self, tag: str, values: FloatArray) -> Series:
        split = "validation" if self.program.splits else ""
        return (Scalar(tag, values, split, self.val_steps),) if tag else ()

    def loss(self, values: FloatArray) -> Series:
        """The training loss."""
        return self._train(self.program.loss, values)

    def val_loss(self, values: FloatArray) -> Series:
        """The validation loss."""
        return self._val(self.program.val_loss, values)

    def metric(self, fractions: FloatArray) -> Series:
        """The training accuracy, where the program logs one."""
        return self._train(self.program.metric, self._units(fractions))

    def val_metric(self, fractions: FloatArray) -> Series:
        """The validation accuracy, where the program logs one."""
        return self._val(self.program.val_metric, self._units(fractions))

    def lr(self, values: FloatArray) -> Series:
        """The learning rate."""
        return self._train(self.program.lr, values)

    def norm(self, values: FloatArray) -> Series:
        """The total gradient norm."""
        return self._train(self.program.norm, values)

    def train(self, tag: str, values: FloatArray) -> Series:
        """Another series with the training's points."""
        return self._train(tag, values)

    def val(self, tag: str, values: FloatArray) -> Series:
        """Another series with the validation's points."""
        return self._val(tag, values)

    def others(self, rng: Generator) -> Series:
        """What such a program logs besides: the epoch, throughput, memory, times."""
        tags = [t for t in self.program.others if rng.random() < 0.8]
        more = ("gpu_mem_gb", "samples_per_sec", "perf/tokens_per_sec", "system/cpu_percent")
        tags += [t for t in more if rng.random() < 0.12]
        series = [self._train(t, self._other(rng, t)) for t in tags]
        if self.program.epoch:
            done = (self.steps - self.steps[0]) / (self.steps[-1] - self.steps[0]) * self.epochs
            counted = np.minimum(np.floor(done), self.epochs - 1.0)
            fraction = self.program.epoch == "train/epoch"
            series.append(self._train(self.program.epoch, done if fraction else counted))
        return tuple(s for some in series for s in some)

    def _other(self, rng: Generator, tag: str) -> FloatArray:
        n = len(self.steps)
        if tag in {"train_wall", "uptime", "train/num_input_tokens_seen"}:
            return np.arange(1.0, n + 1.0) * wide(rng, 1, 1e4)
        if tag == "eta_seconds":
            return np.arange(n, 0.0, -1.0) * wide(rng, 1, 50)
        if tag in {"mom_0", "wd_0", "batch-size"}:
            return np.full(n, {"mom_0": 0.9, "wd_0": 0.01, "batch-size": 512.0}[tag])
        if tag == "params-norm":
            return 200.0 * (1.0 + 0.3 * self.x)
        if "mem" in tag or "bytes" in tag:
            return np.full(n, wide(rng, 1e3, 3e4)).round()
        return wide(rng, 0.05, 2e3) * np.exp(rng.normal(0.0, 0.03, n))

    def _units(self, fractions: FloatArray) -> FloatArray:
        bounded = np.clip(fractions, 0.0, 1.0)
        return bounded * 100.0 if self.program.percent else bounded


def draw_log(
    rng: Generator,
    points: tuple[int, int] = (15, 2000),
    *,
    per_step: bool | None = None,
    metric: bool = False,
    norm: bool = False,
    pairs: bool = False,
) -> Log:
    """A run of some program, with that many training points (those of epochs: 200 at most).

    `metric` and `pairs` ask for a program that logs a validation metric, or one that logs the
    metric for training as well; `norm` for one that would log a gradient norm itself.
    """
    suited = [
        p
        for p in PROGRAMS
        if (per_step is None or p.per_step == per_step)
        and (not metric or p.val_metric)
        and (not pairs or p.metric)
        and (not norm or p.per_step)
    ]
    program = suited[int(rng.integers(len(suited)))]
    low, high = points
    if not program.per_step:
        n = whole(rng, min(low, 100), min(high, 200))
        stride = 1.0 if rng.random() < 0.7 else float(whole(rng, 20, 3000))
        steps = (float(rng.integers(2)) + np.arange(n, dtype=np.float64)) * stride
        return Log(program, steps, steps, n)
    n = whole(rng, max(low, 60), max(high, 150))
    epochs = int(np.clip(whole(rng, 8, 60), 5, n // 4))
    stride = float(rng.choice([1, 5, 10, 20, 50, 100, 200, 500, 1000]))
    counted = np.arange(n, dtype=np.float64)
    steps = (counted + float(rng.integers(2))) * stride
    ends = np.round(np.linspace(0, n - 1, epochs + 1)[1:]).astype(int)
    return Log(program, steps, steps[ends], epochs)


def shape(rng: Generator, x: FloatArray, fast: tuple[float, float] = (4.0, 12.0)) -> FloatArray:
    """A fall from 1 to about 0 that levels off before the end, of one form or another.

    The form depends on `rng` alone: two calls for two series must start from the same state;
    see `shapes`.
    """
    k = wide(rng, *fast)
    form = rng.integers(5)
    y: FloatArray
    if form == 0:
        y = np.exp(-k * x)
    elif form == 1:
        y = (1.0 + 4.0 * k * x) ** -1.0
    elif form == 2:
        y = 0.6 * np.exp(-3.0 * k * x) + 0.4 * np.exp(-0.8 * k * x)
    elif form == 3:  # slow to begin with
        y = 1.0 / (1.0 + (x * k / 1.5) ** 2.5)
    else:
        y = np.exp(-k * x) * (1.0 - 0.2 * np.exp(-((x - 0.1) ** 2) / 0.004))
    return np.asarray(y, dtype=np.float64)


def shapes(rng: Generator, log: Log, fast: tuple[float, float] = (4.0, 12.0)) -> list[FloatArray]:
    """The same fall at the training and at the validation points."""
    seed = int(rng.integers(2**31))
    return [shape(np.random.default_rng(seed), at, fast) for at in (log.x, log.vx)]


def noise(rng: Generator, n: int, level: float) -> FloatArray:
    """Factors around 1, for a loss: normal, heavy-tailed, autocorrelated, growing or shrinking."""
    kind = rng.integers(5)
    e: FloatArray = rng.normal(0.0, 1.0, n)
    if kind == 1:
        e = np.clip(rng.standard_t(4, n) / 1.3, -4.0, 4.0)
    elif kind == 2:
        for i in range(1, n):
            e[i] = 0.5 * e[i - 1] + 0.87 * e[i]
    elif kind in {3, 4}:
        ramp = np.linspace(0.6, 1.3, n)
        e = e * (ramp if kind == 3 else ramp[::-1])
    return np.asarray(np.exp(level * e), dtype=np.float64)


@dataclass(frozen=True)
class Task:
    """What the loss is measured in: where it starts, where it can get, and chance accuracy."""

    start: float
    floor: float
    chance: float
    best: float

    def loss(self, fall: FloatArray) -> FloatArray:
        """The loss along a fall from 1 to 0."""
        return self.floor + (self.start - self.floor) * fall

    def accuracy(self, fall: FloatArray) -> FloatArray:
        """The accuracy along the same fall."""
        return self.best - (self.best - self.chance) * fall


def draw_task(rng: Generator, log: Log) -> Task:
    """A classification or language model where the program has a metric; else any unit."""
    classes = float(rng.choice([2, 5, 10, 20, 100, 1000, 32000]))
    best = rng.uniform(0.7, 0.97)
    if log.program.val_metric or "lm" in log.program.loss:
        start = np.log(classes) * rng.uniform(1.0, 1.06)
        return Task(start, start * rng.uniform(0.08, 0.4), 1.0 / classes, best)
    unit = wide(rng, 1e-3, 1e5)
    return Task(unit, unit * rng.uniform(0.02, 0.3), 0.02, best)


def schedule(rng: Generator, x: FloatArray) -> FloatArray:
    """A usual learning rate: constant, cosine or linear after a warm-up, or in two steps."""
    peak = wide(rng, 1e-5, 1e-1)
    kind = rng.integers(4)
    warm = np.minimum(1.0, (x + 1e-3) / rng.uniform(0.02, 0.1))
    if kind == 1:
        return peak * warm * (0.02 + 0.98 * 0.5 * (1.0 + np.cos(np.pi * x)))
    if kind == 2:
        return np.asarray(peak * warm * (1.0 - 0.97 * x), dtype=np.float64)
    if kind == 3:
        return np.asarray(peak * 0.1 ** ((x > 0.6) * 1.0 + (x > 0.85)), dtype=np.float64)
    return np.full(len(x), peak)
