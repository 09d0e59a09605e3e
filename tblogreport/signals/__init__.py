"""What is derived once per run and shared by the checks, computed on first use."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from tblogreport.context import Context
from tblogreport.context.kind import Kind
from tblogreport.context.layers import Layers, Tensor
from tblogreport.context.series import Series
from tblogreport.signals.curve import CurveSignal
from tblogreport.signals.divergence import Divergence, measure_divergence
from tblogreport.signals.progress import (
    GUESS_CEILING,
    HELD_OUT_DROP,
    HELD_OUT_MARGIN,
    Guess,
    Progress,
    accuracy_at_end,
    measure_guess,
    measure_progress,
)
from tblogreport.signals.spikes import Spike, find_spikes
from tblogreport.signals.success import GOOD_SCORE, succeeded
from tblogreport.signals.swing import Swing, measure_swing
from tblogreport.signals.tensor import TensorSignal

# A model that is stuck at some level must have been there for this share of the run.
PLATEAU_SHARE = 0.6
# A loss this many times that of a guess with the same accuracy is no guess: it is thrown about.
WORSE = 2.0
# Points at which a constant accuracy, or one at chance, is no coincidence.
MIN_CONSTANT_POINTS = 8


class Signals:
    """A run's context with everything that checks derive from it.

    The signals of one series are computed once, however many checks ask.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self._curves: dict[int, CurveSignal] = {}
        self._tensors: dict[int, TensorSignal] = {}
        self._spikes: dict[int, tuple[Spike, ...]] = {}

    def curve(self, series: Series) -> CurveSignal:
        """The curve signals of a series."""
        if id(series) not in self._curves:
            self._curves[id(series)] = CurveSignal(series)
        return self._curves[id(series)]

    def tensor(self, tensor: Tensor) -> TensorSignal:
        """The signals of a tensor's histograms."""
        if id(tensor) not in self._tensors:
            self._tensors[id(tensor)] = TensorSignal(tensor)
        return self._tensors[id(tensor)]

    def spikes(self, series: Series) -> tuple[Spike, ...]:
        """The points at which a series jumps far above its neighbourhood."""
        if id(series) not in self._spikes:
            self._spikes[id(series)] = find_spikes(self.curve(series))
        return self._spikes[id(series)]

    @cached_property
    def layers(self) -> Layers:
        """The layers, without the records after the loss became non-finite for good.

        What tensors do from then on is a consequence and tells nothing.
        """
        loss = self.loss
        if loss is None or not len(loss) or np.isfinite(loss.values[-1]):
            return self.context.layers
        finite = np.flatnonzero(np.isfinite(loss.values))
        first_lost = int(finite[-1]) + 1 if len(finite) else 0
        return self.context.layers.before(float(loss.wall_times[first_lost]))

    @property
    def loss(self) -> Series | None:
        """The loss by which the run is judged: train loss, else validation loss."""
        return self.context.train_loss or self.context.validation_loss

    @property
    def metric(self) -> Series | None:
        """The metric by which the run is judged: of the same split as `loss` if possible."""
        context = self.context
        if context.train_loss is None:
            return context.validation_metric or context.train_metric
        return context.train_metric or context.validation_metric

    @cached_property
    def progress(self) -> Progress | None:
        """How far the loss fell; None with fewer than 4 finite points."""
        if self.loss is None or len(self.curve(self.loss)) < 4:
            return None
        return measure_progress(self.curve(self.loss))

    @property
    def stuck(self) -> bool:
        """Whether the loss never fell, or has stood on a plateau for most of the run."""
        progress = self.progress
        return progress is not None and (progress.flat or progress.plateau_share >= PLATEAU_SHARE)

    @property
    def highest_learning_rate(self) -> float | None:
        """The highest learning rate that was logged; None where none above 0 was."""
        rate = self.context.learning_rate
        if rate is None or not np.isfinite(rate.values).any() or np.nanmax(rate.values) <= 0:
            return None
        return float(np.nanmax(rate.values))

    @cached_property
    def guess(self) -> Guess | None:
        """The evidence that the model is at chance and has been for most of the run.

        None where it is not, where nothing tells, and once the loss is NaN.
        """
        if self.progress is None or self.loss is None or not np.isfinite(self.loss.values[-1]):
            return None
        metric = self.curve(self.metric) if self.metric is not None else None
        return measure_guess(self.progress.tail, metric) if self.stuck else None

    @cached_property
    def held_out_guess(self) -> Guess | None:
        """The evidence that the model guesses on validation data, whatever it memorises."""
        loss = self.context.validation_loss
        if loss is None or len(self.curve(loss)) < MIN_CONSTANT_POINTS:
            return None
        curve = self.curve(loss)
        best = float(np.min(curve.blocks))
        if curve.values.min() <= 0 or curve.start - best > HELD_OUT_DROP * curve.start:
            return None
        metric = self.context.validation_metric
        held_out = self.curve(metric) if metric is not None else None
        return measure_guess(curve.tail, held_out, HELD_OUT_MARGIN)

    @cached_property
    def worse_than_guessing(self) -> bool:
        """Whether a classifier's loss stays far above what its accuracy gives by guessing.

        Not so where the accuracy improved: with many classes a good one may cost more.
        """
        if self.progress is None or self.metric is None or self.divergence is not None:
            return False
        if self.metric_succeeded:
            return False
        accuracy = accuracy_at_end(self.curve(self.metric))
        if accuracy is None or not 0 < accuracy < GUESS_CEILING:
            return False
        return self.stuck and self.progress.tail > WORSE * float(-np.log(accuracy))

    @cached_property
    def answers_never_change(self) -> bool:
        """Whether the accuracy is the same to the bit at every point, and no good one.

        Then the model gives one answer to everything, whatever its loss does. An accuracy
        of 0 throughout is that of a regression, where it means nothing.
        """
        metric = self.context.train_metric  # a small validation set may well stay at one value
        if metric is None or len(metric) < MIN_CONSTANT_POINTS:
            return False
        accuracy = accuracy_at_end(self.curve(metric))
        constant = float(np.ptp(metric.values)) == 0.0
        return constant and accuracy is not None and 0 < accuracy < GOOD_SCORE

    @cached_property
    def swing(self) -> Swing | None:
        """How the loss moves about its trend."""
        return measure_swing(self.curve(self.loss)) if self.loss is not None else None

    @cached_property
    def divergence(self) -> Divergence | None:
        """Where the loss left its best level for good; None where it did not."""
        return measure_divergence(self.curve(self.loss)) if self.loss is not None else None

    @cached_property
    def metric_succeeded(self) -> bool:
        """Whether a metric improved or ended high."""
        metrics = (self.context.train_metric, self.context.validation_metric)
        return any(succeeded(self.curve(metric)) for metric in metrics if metric is not None)

    @property
    def is_lost(self) -> bool:
        """Whether the metric says that the model learned nothing, whatever its loss does."""
        guesses = self.guess is not None or self.held_out_guess is not None
        return guesses or self.worse_than_guessing or self.answers_never_change

    @cached_property
    def bad_outcome(self) -> bool | None:
        """Whether the run did badly: stuck, at chance, or diverged. None where it is unknown.

        Symptoms inside the network are serious only then.
        """
        if self.progress is None or self.context.kind != Kind.SUPERVISED:
            return None
        if self.is_lost or self.divergence is not None:
            return True
        if self.metric_succeeded:
            return False
        return self.progress.flat if self.progress.resolvable else None
