"""What is derived once per run from its series and tensors, computed on first use."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from tblogreport.context import Context
from tblogreport.context.kind import Kind
from tblogreport.context.layer_scalars import Measure
from tblogreport.context.layers import Layers, Tensor
from tblogreport.context.series import Axis, Series
from tblogreport.context.tensor_names import TensorKind
from tblogreport.signals.answers import MIN_EVALUATIONS, follows, lags, never_fell
from tblogreport.signals.curve import CurveSignal, FloatArray
from tblogreport.signals.progress import Progress, measure_progress
from tblogreport.signals.reward import Reward, measure_reward, rewards
from tblogreport.signals.spikes import Spike, find_spikes
from tblogreport.signals.stages import stage_changes
from tblogreport.signals.swing import Swing, measure_swing
from tblogreport.signals.tensor import TensorSignal

# A model that is stuck at some level must have been there for this share of the run.
PLATEAU_SHARE = 0.6
# Spikes may take no more of a curve than this leaves.
LEAST_KEPT = 0.85
# A validation loss of so many points that falls by this share, and whose rises add up to no
# more than this share of the fall, is calm.
MIN_CALM = 8
CALM_FALL = 0.2
CALM_RISES = 0.25
# Epochs that anybody trains for.
MOST_EPOCHS = 500


class Derived:
    """A run's context with everything that is derived from its series and tensors.

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
        if loss is None or loss.lost_from is None:
            return self.context.layers
        return self.context.layers.before(float(loss.wall_times[loss.lost_from]))

    @cached_property
    def loss(self) -> Series | None:
        """The loss by which the run is judged: train loss, else validation loss.

        Also the validation loss where it has a shape, and the train loss too few points for one.
        """
        train, held_out = self.context.train_loss, self.context.validation_loss
        if train is None or held_out is None:
            return train or held_out
        short = len(self.curve(train)) < MIN_EVALUATIONS <= len(self.curve(held_out))
        return held_out if short and train.lost_from is None else train

    @cached_property
    def main_series(self) -> Series | None:
        """The series whose steps count as those of the run: the loss, else the longest."""
        return self.loss or max(self.context.series, key=len, default=None)

    @property
    def loss_is_lost(self) -> bool:
        """Whether that loss ends at NaN or infinity."""
        return self.loss is not None and self.loss.lost_from is not None

    @property
    def metric(self) -> Series | None:
        """The metric by which the run is judged: of the same split as `loss` if possible."""
        context = self.context
        if context.train_loss is None:
            return context.validation_metric or context.train_metric
        return context.train_metric or context.validation_metric

    @cached_property
    def learning_curve(self) -> CurveSignal | None:
        """The loss that shows best whether anything was learned; None below 4 finite points.

        That is `loss`, unless its noise hides the answer and the validation loss gives one:
        it is evaluated on the same samples each time, and has no batch noise.
        """
        curve = self.curve(self.loss) if self.loss is not None else None
        if curve is None or len(curve) < 4:
            return None
        held_out = self.context.validation_loss
        if held_out is None or len(self.curve(held_out)) < MIN_EVALUATIONS:
            return curve
        hidden = curve.series.lost_from is None and not measure_progress(curve).resolvable
        clearer = hidden and measure_progress(self.curve(held_out)).resolvable
        return self.curve(held_out) if clearer else curve

    @cached_property
    def progress(self) -> Progress | None:
        """How far `learning_curve` fell; None with fewer than 4 finite points."""
        return measure_progress(self.learning_curve) if self.learning_curve is not None else None

    @property
    def stuck(self) -> bool:
        """Whether the loss never fell, or has stood on a plateau for most of the run."""
        progress = self.progress
        return progress is not None and (progress.flat or progress.plateau_share >= PLATEAU_SHARE)

    @property
    def highest_learning_rate(self) -> float | None:
        """The highest learning rate that was logged; None where none above 0 was.

        Where no series of it was, the one that the model's config says it was compiled with, or
        that was logged as a hyperparameter.
        """
        rate = self.context.learning_rate
        if rate is not None and np.isfinite(rate.values).any() and np.nanmax(rate.values) > 0:
            return float(np.nanmax(rate.values))
        declared = self.context.model.learning_rate if self.context.model else None
        return declared if declared is not None else self.context.chosen_rate

    @cached_property
    def kernel_movements(self) -> tuple[float, ...]:
        """How far each kernel moved in the whole run, in its own spread, where that is known."""
        kernels = self.layers.of(TensorKind.KERNEL)
        found = (self.tensor(kernel).movement for kernel in kernels)
        return tuple(movement for movement in found if np.isfinite(movement))

    @cached_property
    def update_ratios(self) -> tuple[float, ...]:
        """The typical update of each kernel over its norm, where that was logged as a number."""
        logged = (
            scalar.series.values[np.isfinite(scalar.series.values)]
            for scalar in self.layers.scalars
            if scalar.measure == Measure.UPDATE_RATIO and scalar.parameter == TensorKind.KERNEL
        )
        return tuple(float(np.median(values)) for values in logged if len(values))

    @cached_property
    def swing(self) -> Swing | None:
        """How the loss moves about its trend, spikes left out."""
        return measure_swing(self._without_spikes(self.loss)) if self.loss is not None else None

    @cached_property
    def held_out_swing(self) -> Swing | None:
        """How the validation loss moves about its trend; the same samples make it each time."""
        loss = self.context.validation_loss
        return measure_swing(self._without_spikes(loss)) if loss is not None else None

    @cached_property
    def score_swing(self) -> Swing | None:
        """How the validation metric moves about its trend."""
        metric = self.context.validation_metric
        return measure_swing(self.curve(metric)) if metric is not None else None

    def _without_spikes(self, series: Series) -> CurveSignal:
        """The curve of a series without its spikes: single jumps are no oscillation."""
        curve = self.curve(series)
        kept = np.ones(len(curve), dtype=bool)
        for spike in self.spikes(series):
            kept[spike.first : spike.last + 1] = False
        if kept.all() or np.mean(kept) < LEAST_KEPT:
            return curve
        finite = np.flatnonzero(np.isfinite(series.values))[kept]
        return CurveSignal(series.at(finite))

    def averaged(self, series: Series) -> bool:
        """Whether the points of a series are averages over an epoch, where batch noise is gone.

        By its name, or by its steps: those of the validation loss, and a few hundred at most.
        """
        if series.axis == Axis.EPOCH or series.tag.lower().endswith("epoch"):
            return True
        held_out = self.context.validation_loss
        few = MIN_EVALUATIONS <= len(series) <= MOST_EPOCHS
        return few and held_out is not None and np.array_equal(held_out.steps, series.steps)

    @cached_property
    def stage_changes(self) -> FloatArray:
        """The wall times at which a stage of the task begins, as the run itself says."""
        return stage_changes(self.context.series)

    @cached_property
    def reward(self) -> Reward | None:
        """What became of an agent's mean reward; None where none of 15 points was logged."""
        if self.context.kind != Kind.REINFORCEMENT:
            return None
        found = rewards(self.context.series)
        return measure_reward(self.curve(found[0])) if found else None

    @cached_property
    def held_out_follows(self) -> bool | None:
        """Whether the validation loss falls in step with the train loss; None if unknown."""
        train, held_out = self.context.train_loss, self.context.validation_loss
        return follows(self._curve_of(train), self._curve_of(held_out))

    @cached_property
    def held_out_lags(self) -> bool:
        """Whether the validation loss falls far less than the train loss, or turned up again."""
        train, held_out = self.context.train_loss, self.context.validation_loss
        return lags(self._curve_of(train), self._curve_of(held_out))

    @cached_property
    def held_out_is_calm(self) -> bool:
        """Whether the validation loss falls and hardly ever rises.

        Then the weights move well, whatever the loss of training batches does.
        """
        held_out = self._curve_of(self.context.validation_loss)
        if held_out is None or len(held_out) < MIN_CALM or held_out.series.lost_from is not None:
            return False
        values = held_out.values
        fall = float(values[0] - values.min())
        rises = float(np.diff(values).clip(min=0.0).sum())
        return fall > CALM_FALL * held_out.size_of(float(values[0])) and rises < CALM_RISES * fall

    @cached_property
    def never_generalised(self) -> bool:
        """Whether the validation loss never fell, while the train loss did."""
        train, held_out = self.context.train_loss, self.context.validation_loss
        return never_fell(self._curve_of(train), self._curve_of(held_out))

    def _curve_of(self, series: Series | None) -> CurveSignal | None:
        return self.curve(series) if series is not None else None
