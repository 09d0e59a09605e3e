"""Whether a classifier's loss stands where a softmax that is applied twice must leave it.

The inner softmax gives at most a one among zeros, so that the outer one cannot be surer
than e / (e + C - 1): the cross-entropy of a right answer ends at ln(1 + (C - 1) / e), that
of a wrong one at 1 more. Few other mistakes stop exactly there, at a high accuracy.
"""

from __future__ import annotations

import numpy as np

from tblogreport.signals.curve import CurveSignal
from tblogreport.signals.progress import accuracy_at_end, nearest_classes
from tblogreport.signals.success import shares

# With fewer classes an honest loss may end there as well.
MIN_CLASSES = 4
# … but not just there, to this share, at such an accuracy.
SURE_OF_FEW, NEAR_OF_FEW = 0.95, 0.01
MIN_ACCURACY = 0.7
# No value lies below the floor but by rounding.
BELOW_FLOOR = 0.99
# How near to that level, and how still, as shares of what lies between it and a guess.
NEAR = 0.06
STILL = 0.03
# … and so near to the line of floor and wrong answers, at so many points from an accuracy on, over
# which that grows by so much.
ON_LINE, MIN_LINE, LINE_FROM, LINE_SPAN = 0.03, 4, 0.4, 0.1
LINE_CLASSES = 8  # with fewer an honest loss may follow that line for a while
# Classes that are tried where the first loss does not tell them, and how near it must be then.
USUAL_CLASSES = (2, 10, 100, 1000)
NEAR_UNTOLD = 0.03


def floor_of(classes: int) -> float:
    """The least cross-entropy that a softmax of a softmax over so many classes can reach."""
    return float(np.log1p((classes - 1) / np.e))


def double_softmax_classes(
    loss: CurveSignal, metric: CurveSignal, known: int | None = None
) -> int | None:
    """The number of classes of which `loss` stands on the floor, by the accuracy `metric`.

    None where it does not, where it still moves, but along the line that leads there, or where
    `metric` is no high accuracy. `known` is what the model's config says.
    """
    accuracy = accuracy_at_end(metric)
    if accuracy is None:
        return None
    classes = known or nearest_classes(float(loss.values[0]))
    if classes is not None and _on_the_line(loss, metric, classes):
        return classes
    if accuracy < MIN_ACCURACY:
        return None
    if classes is not None:
        return classes if _on_the_floor(loss, accuracy, classes, NEAR) else None
    # A first point that is the mean of an epoch does not tell the classes; the floor may.
    highest = float(loss.values.max())
    reached = [c for c in USUAL_CLASSES if highest <= floor_of(c) + 1.0]  # with all answers wrong
    return next((c for c in reached if _on_the_floor(loss, accuracy, c, NEAR_UNTOLD)), None)


def _on_the_line(loss: CurveSignal, metric: CurveSignal, classes: int) -> bool:
    """Whether the loss is the floor and the share of wrong answers, all the while that share falls.

    No honest loss follows the accuracy so: it falls further the surer the answers get.
    """
    if classes < LINE_CLASSES or len(loss) != len(metric):
        return False
    right = shares(metric)
    later = right >= LINE_FROM
    if int(later.sum()) < MIN_LINE or float(np.ptp(right[later])) < LINE_SPAN:
        return False
    line = floor_of(classes) + 1.0 - right[later]
    return bool(np.abs(loss.values[later] / line - 1.0).max() < ON_LINE)


def _on_the_floor(loss: CurveSignal, accuracy: float, classes: int, near: float) -> bool:
    floor = floor_of(classes)
    if float(loss.values.min()) < BELOW_FLOOR * floor:
        return False
    just = accuracy >= SURE_OF_FEW and abs(loss.tail / (floor + 1.0 - accuracy) - 1) < NEAR_OF_FEW
    if classes < MIN_CLASSES and not just:
        return False
    span = float(np.log(classes)) - floor
    late = loss.values[3 * len(loss) // 4 :]
    moved = abs(float(np.median(late[: len(late) // 2]) - np.median(late[len(late) // 2 :])))
    apart = abs(loss.tail - floor - (1.0 - accuracy))
    return apart <= near * span and moved <= STILL * span
