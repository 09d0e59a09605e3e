"""How the kernels of a model began: constant, how large for their width, and how that is known.

The first record is the beginning only where it was written before any update. Where it was
not, the model's config may say how the kernels were drawn. Else the first record still tells
of weights that are one value, of tiny ones, and with care of huge ones: biases begin near
zero, and steps that threw the weights far threw the biases along.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np

from tblogreport.context.keras_model import LayerConfig
from tblogreport.context.layers import Tensor
from tblogreport.context.series import Axis, Role
from tblogreport.context.tensor_names import TensorKind
from tblogreport.signals import Signals
from tblogreport.signals.gate import first_over_last
from tblogreport.signals.kernels import fan_in, is_recurrent, is_symmetric, kernels, units

# The gain of PyTorch's own initialisation, the smallest of those in use.
USUAL_GAIN = 3.0**-0.5
# … and that of He's, the largest.
LARGEST_GAIN = 2.0**0.5
# So many losses between two records are no log of epochs: the records are of single steps.
_LOSSES_BETWEEN = 5
_MIN_VALUES = 4
# A kernel without a bias may be flatter than a square one, by so much.
_FLATTEST = 16.0
# How far from 1 the root mean square of a table lies that was drawn from N(0, 1).
_OF_TABLES = 0.05


@dataclass(frozen=True, eq=False)
class Beginning:
    """How one kernel began."""

    layer: str
    tensor: Tensor | None  # None: known from the model's config alone
    gain: float | None  # RMS · √(fan-in), or the bound that tells; None where none does
    value: float | None  # the one value that all entries have; None where they differ
    stays: bool  # they, or the units, are one and the same in all records
    certain: bool  # the values are those before the first update
    bias_share: float  # RMS of the bias over that of the kernel, at the first record
    shrinks: bool  # the kernel is less than half as large at the last record
    output: bool  # it is the last layer's
    exact: bool = True  # the gain is known, and no bound for want of a bias

    @property
    def label(self) -> str | None:
        """How the tensor is named to people; None where there is none."""
        return self.tensor.label if self.tensor else None


def beginnings(signals: Signals) -> tuple[Beginning, ...]:
    """The kernels that were logged, else those of the model's config, in model order.

    Frozen and recurrent ones are left out, as are kernels of a single unit: no other could
    be like it, and a model of one layer may well begin at zero.
    """
    layers = signals.layers
    model = signals.context.model
    logged = [t for t in kernels(layers) if not is_recurrent(t) and t.size >= _MIN_VALUES]
    if not logged:
        last = model.output.name if model and model.output else ""
        declared = [layer for layer in model.weighted if layer.trainable] if model else []
        found = (_declared(config, output=config.name == last) for config in declared)
        return tuple(one for one in found if one is not None)
    kept = [t for t in logged if not layers.is_frozen(t.layer)]
    last, biased = logged[-1].layer, any(units(layers, t) is not None for t in logged)
    return tuple(
        _logged(signals, t, output=t.layer == last, biased=biased)
        for t in kept
        if units(layers, t) != 1 and not (units(layers, t) is None and _is_all_ones(t))
    )


def _is_all_ones(kernel: Tensor) -> bool:
    """Whether it begins as the scale of a normalisation does, which has another name here."""
    return bool(kernel.edges[0][0] == kernel.edges[0][-1] == 1.0)


def _logged(signals: Signals, kernel: Tensor, *, output: bool, biased: bool) -> Beginning:
    """How a logged kernel began. `biased` says that some kernel of the model has a bias.

    Then one without may well be a table or a filter, of which the size tells nothing.
    """
    layers, signal = signals.layers, signals.tensor(kernel)
    declared = layers.config_of(kernel.layer)
    rms = signal.rms
    certain = is_before_training(signals, kernel)
    fan = fan_in(layers, kernel)
    gain = float(rms[0]) * float(np.sqrt(fan)) if fan and np.isfinite(rms[0]) else None
    exact = gain is not None
    if gain is None and np.isfinite(rms[0]) and not biased:
        gain = _bound_of_gain(float(rms[0]), kernel.size)
    value = float(kernel.edges[0][0]) if signal.constant[0] else None
    if not certain and declared is not None and _gain_of(declared) is not None:
        gain, certain, exact = _gain_of(declared), True, True
    several = len(kernel) >= 2
    stays = several and (bool(signal.constant.all()) or is_symmetric(layers, kernel))
    bias = layers.get(kernel.layer, TensorKind.BIAS)
    bias_rms = float(signals.tensor(bias).rms[0]) if bias is not None else 0.0
    return Beginning(
        layer=kernel.layer,
        tensor=kernel,
        gain=gain,
        value=value,
        stays=stays and (value is not None or not output),
        certain=certain,
        bias_share=bias_rms / float(rms[0]) if rms[0] > 0 else 0.0,
        shrinks=bool(rms[-1] < 0.5 * rms[0]),
        output=output,
        exact=exact,
    )


def _bound_of_gain(rms: float, size: float) -> float | None:
    """The least gain of a kernel that is too large, the greatest of one that is too small.

    Of a kernel whose fan-in is unknown; None where it is neither for certain, as a table of
    any size is that was drawn from N(0, 1).
    """
    if abs(rms - 1.0) <= _OF_TABLES:
        return None
    least = rms * float(np.sqrt(max(1.0, np.sqrt(size) / _FLATTEST)))
    most = rms * float(np.sqrt(size))
    return least if least > LARGEST_GAIN else most if most < USUAL_GAIN else None


def _declared(config: LayerConfig, *, output: bool) -> Beginning | None:
    """What the config says of a kernel that was not logged; None where it says nothing."""
    value = config.kernel.constant if config.kernel else None
    gain = _gain_of(config)
    if (value is None and gain is None) or config.units == 1:
        return None
    return Beginning(config.name, None, gain, value, False, True, 0.0, False, output)


def _gain_of(config: LayerConfig) -> float | None:
    if config.kernel is None or not config.fan_in:
        return None
    value = config.kernel.constant
    spread = abs(value) if value is not None else config.kernel.spread(config.fan_in, config.units)
    return None if spread is None else spread * float(np.sqrt(config.fan_in))


def is_before_training(signals: Signals, kernel: Tensor) -> bool:
    """Whether the first record was surely written before the second update.

    Step 0 of our instruments is; step 0 or 1 of others only where steps are not epochs.
    """
    parts = kernel.tag.split("/")
    if parts[0] == "weights" and len(parts) > 2 and parts[-1] != "histogram":
        return int(kernel.steps[0]) == 0
    if int(kernel.steps[0]) > 1 or len(kernel) < 2:
        return False
    between = kernel.wall_times[0], kernel.wall_times[1]
    return any(
        int(np.diff(np.searchsorted(series.wall_times, between))[0]) >= _LOSSES_BETWEEN
        for series in signals.context.of_role(Role.TRAIN_LOSS)
        if series.axis != Axis.EPOCH
    )


def shrinkage(found: tuple[Beginning, ...]) -> float:
    """To what share of its size a signal comes down through all kernels of known gain.

    Layers that are no smaller than usual count as passing everything on.
    """
    known = [one.gain for one in found if one.gain and one.value is None]
    return reduce(lambda total, gain: total * min(1.0, gain / USUAL_GAIN), known, 1.0)


def is_normalised(signals: Signals) -> bool:
    """Whether the model has normalisation layers, which undo the scale of what they get."""
    model = signals.context.model
    scales = {TensorKind.SCALE, TensorKind.STATISTIC}
    logged = any(t.kind in scales or t.parameter in scales for t in signals.layers.tensors)
    return logged or (model is not None and model.normalises)


def gradients_arrive(signals: Signals) -> bool:
    """Whether the first layer is known to get a gradient as large as a tenth of the last's.

    Then the signal has a way around small weights: skip connections.
    """
    logged = kernels(signals.layers, TensorKind.GRADIENT)
    if len(logged) < 2:
        return False
    first, last = (float(np.nanmedian(signals.tensor(t).rms)) for t in (logged[0], logged[-1]))
    return first > 0.1 * last > 0


def first_loss(signals: Signals) -> tuple[float, float] | None:
    """The first loss and the last, where the first is far above it; None where it is not."""
    found = [
        levels
        for series in signals.context.of_role(Role.TRAIN_LOSS)
        if (levels := first_over_last(signals.curve(series).values))
    ]
    return max(found, key=lambda levels: levels[0], default=None)
