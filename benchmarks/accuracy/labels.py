"""From what happened in a network to what a perfect reader of its log would find.

A label is measured. Each rule looks at the record of a run, and of its twin, which is the
same run without the fault; it answers True (a check must fire), False (it must not) or
None (undecided: whatever the check says is not counted). The thresholds here are wide of
those of any check, so that what lies between is left undecided.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.accuracy.evidence import STRAIGHT, Evidence
from benchmarks.accuracy.recipe import Record

# What of a log a check needs, as letters of `recipe.LOGGED`, any one of which is enough.
NEEDS = {
    "overfitting": "V",
    "validation-below-training": "V",
    "loss-spikes": "B",
    "vanishing-gradients": "GW",
    "exploding-gradients": "GN",
    "gradient-spikes": "Q",
    "dead-layer": "AGW",
    "saturated-activations": "A",
    "unchanged-weights": "W",
    "poor-initialization": "W",
    "update-ratio": "U",
    "weight-growth": "W",
    "learning-rate-schedule": "H",
}
# By themselves no fault.
NOTES = {
    "resumed-run", "loss-metric-mismatch", "validation-below-training", "damaged-log",
    "small-validation-set", "still-improving",
}  # fmt: skip
INITIALISATIONS = {"zero-weights", "huge-weights", "tiny-weights"}


@dataclass(frozen=True)
class Label:
    """The truth about one run. `causes` may all be named first; none where none is known."""

    faulty: bool
    causes: tuple[str, ...]
    checks: dict[str, bool]  # what is decided
    undecided: tuple[str, ...] = ()  # what may be said or not, as it lies in between
    measured: dict[str, float] = field(default_factory=dict)


def judge(case: str, causes: tuple[str, ...], record: Record, twin: Record | None) -> Label | None:
    """Return the label of a run; None where it is neither broken nor well.

    That is: a fault that did not show itself in anything that was logged, or a habit under
    which the program did not learn. `case` is the name of the fault or of the habit; a habit
    has no twin.
    """
    seen = Evidence(record, twin)
    truths = {
        "nan-or-inf": _not_finite(seen),
        "diverging-loss": _diverging(seen),
        "non-converging-loss": _stuck(seen, case),
        "oscillating-loss": _oscillating(seen, case),
        "slow-convergence": _slow(seen, case),
        "loss-spikes": _spikes(seen, case),
        "overfitting": _overfitting(seen, case),
        "vanishing-gradients": _vanishing(seen, case),
        "exploding-gradients": _exploding(seen, case),
        "gradient-spikes": _gradient_spikes(seen, case),
        "dead-layer": _dead(seen),
        "saturated-activations": _saturated(seen),
        "unchanged-weights": _unchanged(seen, case),
        "poor-initialization": _initialisation(seen, case),
        "weight-growth": _growth(seen, case),
        "update-ratio": _updates(seen),
        "validation-below-training": _below(seen),
        "learning-rate-schedule": _schedule(seen, case),
        "loss-metric-mismatch": _mismatch(seen, case),
        "resumed-run": True if case == "resumed" else None,
    }
    known = {
        check: truth
        for check, truth in truths.items()
        if truth is not None and _observable(check, record.logged)
    }
    serious = any(truth for check, truth in known.items() if check not in NOTES)
    if twin is None and serious:  # a habit that turned out to be harmful
        causes = ("too-little-regularization",) if known.get("overfitting") else ()
    if twin is not None and not seen.harmed and known.get("overfitting"):
        causes = (*causes, "too-little-regularization")  # of a model that is none the worse
    if not serious and not (seen.learned if twin is None else seen.harmed and seen.failed):
        return None
    undecided = tuple(check for check, truth in truths.items() if truth is None)
    return Label(serious or seen.harmed, causes, known, undecided, seen.summary())


def _observable(check: str, logged: str) -> bool:
    return check not in NEEDS or bool(set(NEEDS[check]) & set(logged))


def _not_finite(seen: Evidence) -> bool | None:
    """A ReLU may swallow the NaN of a weight: then tensors alone show it, where logged."""
    if seen.lost or seen.weights_finite:
        return seen.lost
    return True if set("WGA") & set(seen.record.logged) else None


def _diverging(seen: Evidence) -> bool | None:
    if seen.lost or seen.lost_at_once:
        return None
    rise = seen.end - seen.best
    if seen.end > 1.5 * seen.start and rise > 0:
        return True
    if rise > 0.4 * (seen.start - seen.best) and seen.end > 1.3 * seen.best:
        return None if seen.swing > 0.2 else True
    return False if rise < 0.05 * (seen.start - seen.best) + 0.02 * abs(seen.best) else None


def _stuck(seen: Evidence, case: str) -> bool | None:
    if seen.lost or seen.lost_at_once:
        return None
    if seen.best > 0.9 * seen.start and seen.harmed and seen.end < 1.5 * seen.start:
        return None if _slow(seen, case) else True
    held_out_fell = seen.held_out.min() < 0.9 * seen.held_out[0]  # else it stands, by heart
    return False if seen.end < 0.7 * seen.start and held_out_fell else None


def _oscillating(seen: Evidence, case: str) -> bool | None:
    if seen.lost or seen.lost_at_once:
        return None
    if seen.swing > 0.2 and seen.harmed:
        again_and_again = case == "learning-rate-too-high" and seen.crossings > 4
        return True if again_and_again else None
    return False if seen.swing < 0.05 or (seen.twin is None and not seen.harmed) else None


def _slow(seen: Evidence, case: str) -> bool | None:
    if case == "learning-rate-too-low" and seen.harmed:
        still_falling = seen.late_fall > 0.1 * (seen.start - seen.end)
        fell = seen.end < 0.9 * seen.start and still_falling
        return True if fell or seen.creeps else None
    straight = seen.late_fall > STRAIGHT * (seen.start - seen.end)  # who is to say it is not?
    return False if seen.twin is None and not straight else None


def _spikes(seen: Evidence, case: str) -> bool | None:
    if case == "bad-batches":
        return True if seen.loss_spikes else None
    return False if seen.twin is None and not seen.loss_spikes else None


def _overfitting(seen: Evidence, case: str) -> bool | None:
    if seen.lost or seen.swing > 0.2 or case == "shuffled-labels":
        return None
    turned = seen.rebound > 0.1 and seen.turn < 0.85 and seen.fell_since_turn > 0.03
    if turned and seen.rebound_of_fall > 0.05:
        return True
    calm = seen.rebound < 0.03 or (seen.rebound < 0.08 and seen.rebound_of_fall < 0.02)
    return False if calm else None


def _vanishing(seen: Evidence, case: str) -> bool | None:
    if seen.lost or seen.depth_ratio is None or seen.dead or case == "zero-weights":
        return None
    if seen.depth_ratio < 1e-3:
        return True if seen.harmed and case in {"deep-sigmoid", "tiny-weights"} else None
    return False if seen.depth_ratio > 1e-2 else None


def _exploding(seen: Evidence, case: str) -> bool | None:
    if case == "exploding-recurrence" and seen.harmed:
        return True if seen.gradient_growth > 100 else None
    calm = seen.gradient_growth < 20 and (seen.depth_ratio or 1.0) < 20
    return False if calm and not seen.lost else None


def _gradient_spikes(seen: Evidence, case: str) -> bool | None:
    if case == "bad-batches":
        return True if seen.gradient_spikes else None
    return False if seen.twin is None and not seen.gradient_spikes else None


def _dead(seen: Evidence) -> bool | None:
    """A layer that is all but dead shows in its outputs alone, a dead one in its weights too."""
    if seen.lost or not seen.weights_finite:
        return None
    if not seen.rectified:  # nobody measured units that are not ReLU
        return False if seen.twin is None else None
    if seen.dead:
        return True if "A" in seen.record.logged or seen.all_dead else None
    return False if seen.most_zeros < 0.95 else None


def _saturated(seen: Evidence) -> bool | None:
    if seen.lost:
        return None
    if seen.most_saturated > 0.5:
        return True if seen.harmed else None
    return False if seen.most_saturated < 0.3 else None


def _unchanged(seen: Evidence, case: str) -> bool | None:
    if case in {"forgotten-layer", "detached-layer"}:  # who is none the worse may have meant it
        return True if seen.record.unmoved and seen.harmed else None
    if case == "frozen-backbone":
        return False
    return None if seen.record.unmoved or seen.lost else False


def _initialisation(seen: Evidence, case: str) -> bool | None:
    if case in INITIALISATIONS:
        return True if seen.harmed else None
    return False if seen.twin is None else None


def _growth(seen: Evidence, case: str) -> bool | None:
    """Growth that the log can show; weights that begin next to nothing have to grow."""
    if seen.lost or case in INITIALISATIONS:
        return None
    if seen.kernel_growth > 10:
        return True if seen.harmed and seen.kernel_growth_later > 10 else None
    return False if seen.kernel_growth < 3 else None


def _updates(seen: Evidence) -> bool | None:
    """Updates of a tenth of the weights at once, or of next to nothing.

    Of exactly nothing is another fault: a dead network, or one that is cut off.
    """
    if seen.lost or not seen.updates or seen.typical_update == 0:
        return None
    far = seen.typical_update > 0.1 or seen.typical_update < 1e-5
    if far:
        return True if seen.harmed else None
    return False if 1e-4 < seen.typical_update < 0.03 else None


def _below(seen: Evidence) -> bool | None:
    """A validation loss far below the loss of the training set, without noise or dropout."""
    if seen.lost or not seen.learned:
        return None
    return True if seen.gap < 0.6 else False if seen.gap > 0.95 else None


def _schedule(seen: Evidence, case: str) -> bool | None:
    if case == "schedule-ends-early":
        return True if seen.harmed else None
    return False if seen.twin is None else None


def _mismatch(seen: Evidence, case: str) -> bool | None:
    """A loss that falls beside an accuracy that never moves, because the output is no answer."""
    if case == "softmax-over-one-unit" and seen.learned and seen.harmed:
        return True if seen.never_scored else None
    return False if seen.twin is None else None


# What no healthy run has, whatever its curves look like.
LOSS_CHECKS = (
    "nan-or-inf",
    "diverging-loss",
    "non-converging-loss",
    "oscillating-loss",
    "slow-convergence",
    "loss-spikes",
    "overfitting",
)


def curve_label(fault: str | None, causes: tuple[str, ...]) -> Label:
    """Return the label of a drawn curve: `fault` is its class, None that of a healthy one."""
    calm = dict.fromkeys(LOSS_CHECKS, False)
    if fault is None or fault in NOTES:
        return Label(False, (), calm | ({fault: True} if fault else {}))
    return Label(True, causes, {fault: True})


def special_label(measured: dict[str, float]) -> Label:
    """Return the label of a training of its own kind that succeeded by its own measure."""
    return Label(False, (), dict.fromkeys(LOSS_CHECKS, False), (), measured)
