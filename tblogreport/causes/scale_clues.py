"""What says that inputs or targets are not of the size that a network is made for."""

from __future__ import annotations

import numpy as np

from tblogreport.causes.case import STUCK, Case
from tblogreport.context.series import CURVES, Role
from tblogreport.signals.progress import nearest_classes

# A squared error that begins so high is of targets in the tens at least, where 1 is usual …
HUNDREDS = 100.0
# … with a first gradient of so much, before any step …
ENORMOUS = 1e4
# … and one that has not lost this share of it is nowhere.
NOWHERE = 0.5
# A classifier's first loss, in that of its plateau, which outputs in the thousands alone give.
BLOWN = 100.0
# One part of a sum that is so many times another leaves that nothing.
OUTWEIGHS = 300.0


def targets_are_large(case: Case) -> bool:
    """Whether a loss of no classifier begins in the hundreds, and is nowhere or not finite."""
    signals, loss = case.signals, case.signals.loss
    if loss is None or not len(signals.curve(loss)):
        return False
    scored = any(s.is_accuracy for s in signals.context.series if s.role in CURVES)
    first, tail = float(signals.curve(loss).values[0]), signals.curve(loss).tail
    nowhere = tail > NOWHERE * first if loss.lost_from is None else _began_enormous(case)
    return not scored and first >= HUNDREDS and nowhere


def _began_enormous(case: Case) -> bool:
    """Whether the first gradient was enormous, so that no rate can be blamed for what followed."""
    norm = case.signals.context.gradient_norm
    return norm is not None and len(norm) > 0 and float(norm.values[0]) > ENORMOUS


def inputs_are_large(case: Case) -> bool:
    """Whether a classifier's loss began at a hundred times what it came to at once: a guess."""
    loss = case.signals.loss
    if loss is None or len(loss) < 4 or not case.fired(STUCK):
        return False
    values = case.signals.curve(loss).values
    if len(values) < 4 or values[1] <= 0:
        return False
    rests = nearest_classes(float(np.median(values[1:]))) is not None
    return rests and float(values[0]) > BLOWN * float(values[1])


def a_part_outweighs(case: Case) -> bool:
    """Whether one of the parts of a loss is hundreds of times another, throughout the start."""
    context = case.signals.context
    whole = {s.tag for s in (context.train_loss, context.validation_loss) if s is not None}
    parts = [s.values[:3] for s in context.of_role(Role.TRAIN_LOSS) if s.tag not in whole]
    firsts = [float(np.median(values)) for values in parts if np.isfinite(values).all()]
    known = [first for first in firsts if first > 0]
    return len(known) >= 2 and max(known) > max(OUTWEIGHS * min(known), HUNDREDS)
