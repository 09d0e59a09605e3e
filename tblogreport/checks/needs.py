"""What checks need before they can tell, and what they say when it is missing."""

from __future__ import annotations

from tblogreport.checks.base import NotCheckable
from tblogreport.context.kind import Kind
from tblogreport.context.series import Series
from tblogreport.signals import Signals
from tblogreport.signals.curve import CurveSignal

MIN_POINTS = 8

_KINDS = {
    Kind.ADVERSARIAL: "the two losses of an adversarial training rise and fall against each other",
    Kind.REINFORCEMENT: "the loss of an agent follows its data, which change as it learns",
    Kind.RANGE_TEST: "the learning rate grows until the loss explodes, as a range test wants it",
}


def judged_loss(signals: Signals, points: int = MIN_POINTS) -> CurveSignal:
    """The loss by which the run is judged, with at least `points` finite points."""
    abstain_by_kind(signals)
    loss = signals.loss
    if loss is None:
        raise NotCheckable(
            "no loss was recognised; log it as `loss` (train) and `val_loss`, or name its tag in "
            "the configuration under `[tool.tblogreport.roles]`"
        )
    return _long_enough(signals.curve(loss), points)


def train_loss(signals: Signals, points: int = MIN_POINTS) -> CurveSignal:
    """The train loss to hold a validation loss against, with at least `points` finite points."""
    abstain_by_kind(signals)
    series = signals.context.train_loss
    if series is None:
        raise NotCheckable("no train loss was recognised to hold the validation loss against")
    return _long_enough(signals.curve(series), points)


def validation_loss(signals: Signals, points: int = MIN_POINTS) -> CurveSignal:
    """The validation loss, with at least `points` finite points."""
    abstain_by_kind(signals)
    series = signals.context.validation_loss
    if series is None:
        raise NotCheckable(
            "no validation loss was logged; evaluate on held-out data every epoch "
            "(Keras: `fit(validation_data=…)`, PyTorch: `add_scalar('Loss/val', …)`)"
        )
    return _long_enough(signals.curve(series), points)


def scalars(signals: Signals) -> tuple[Series, ...]:
    """All scalar series, of which there must be one to tell what kind of training it was."""
    if not signals.context.series:
        raise NotCheckable("no scalars were logged")
    return signals.context.series


def abstain_by_kind(signals: Signals) -> None:
    """Abstain where the shape of a loss says nothing about health."""
    reason = _KINDS.get(signals.context.kind)
    if reason:
        raise NotCheckable(f"{reason}, so that its shape does not tell")


def points_of(curve: CurveSignal, kind: str = "") -> str:
    """How many points a curve has: `1 point`, or `3 finite points`."""
    return f"{len(curve)} {kind}point{'s' * (len(curve) != 1)}"


def _long_enough(curve: CurveSignal, points: int) -> CurveSignal:
    if len(curve) >= points:
        return curve
    series: Series = curve.series
    finite = "finite " if len(curve) < len(series) else ""
    raise NotCheckable(
        f"`{series.label}` has {points_of(curve, finite)} and the check "
        f"needs {points}; log every epoch, or more often"
    )
