"""The run was interrupted and resumed: where, and whether the loss took it well.

What it looks for
-----------------
Points that were written again after a restart, as reading notes them, or steps that go back
within a series once, twice or three times, or are written a second time after a long pause. Or
the longest pause of the run, over which the loss jumps up as it does nowhere near; or the
step from which on a further event file goes on, where the loss jumps. At that place the
loss after is held against the loss before: a rise of more than five times the noise and a
tenth of the progress is a jump.
Where the steps go back to the first and the loss to its start, however often, several
trainings share the log: folds, settings, or a directory that was used again. All checks
judge the last one then, and this note says so.

Why it matters
--------------
A resumed run goes on from its checkpoint, and what came after that is lost. Where the loss
jumps, something was not restored: the state of the optimiser, the learning rate, the order
of the data.

How to fix
----------
Save and restore all of it: model, optimiser, schedule, step, random generators and the
position in the data; write checkpoints often enough.

When it is wrong
----------------
Steps also go back where a counter is set to zero on purpose. It is a note: only a loss that
stays worse for long after is a warning.

Example
-------
Steps 0 to 199 in one event file and 150 to 400 in the next: resumed at 150. Steps 0 to 19, five
times over, with a loss that begins at 2.3 each time: five folds in one log, the fifth is judged.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tblogreport.checks.base import NotCheckable, check
from tblogreport.context.series import Series, taken_up_again
from tblogreport.findings import CurveChart, Finding, Mark, Note, Severity
from tblogreport.numbers import integer, number, percent, times
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_series
from tblogreport.signals.pauses import MOST_RESTARTS, RESTARTS
from tblogreport.signals.places import place_of, unit_of
from tblogreport.signals.restarts import (
    RISE_SHARE,
    SIGMAS,
    WORSE_SHARE,
    Jump,
    Restart,
)

_BACK_AT_ITS_START = (
    "The validation loss was as high after it as at its first evaluation: the weights were not "
    "restored."
)
_OWN_DIRECTORY = (
    "Give every training a directory of its own: Keras `TensorBoard(log_dir=f'logs/fold-{fold}')`, "
    "PyTorch `SummaryWriter(f'runs/fold-{fold}')`."
)


@check
def resumed_run(signals: Signals) -> Sequence[Finding]:
    """Fire on several trainings; and once on what reading noted, else on steps that go back."""
    several = [_several(signals)] if signals.context.trainings > 1 else []
    return [*several, *_resumed(signals)]


def _resumed(signals: Signals) -> Sequence[Finding]:
    series = signals.main_series
    if series is None:
        raise NotCheckable(
            "no scalars were logged; a restart shows where steps are written again: log the loss "
            "with its step"
        )
    notes = [note for note in signals.context.run.notes if note.kind in RESTARTS]
    back = taken_up_again(series)
    if not notes and len(back) > MOST_RESTARTS:
        raise NotCheckable(
            f"the steps of `{series.label}` go back {integer(len(back))} times: they count "
            "something within epochs or rollouts; log a step that only grows"
        )
    if not notes and not len(back) and signals.resumption is None:
        return []
    begins = series.steps.min(initial=np.iinfo(np.int64).max)
    if any(note.steps is not None and note.steps[0] <= begins for note in notes):
        return [_begun_again(series, notes)]
    place = signals.restart
    jump = signals.restart_jump
    anew = _goes_again(signals, place)
    told = notes or len(back) or signals.context.run.continued_at or anew
    by_loss = not told  # nothing but the loss tells
    return [_finding(signals, series, notes, place, jump, by_loss=by_loss)]


def _goes_again(signals: Signals, place: Restart | None) -> bool:
    """Whether the loss goes its whole way again from there."""
    return place is not None and signals.goes_again == place.index


def _several(signals: Signals) -> Finding:
    series, count = signals.main_series, signals.context.trainings
    return Finding(
        check="resumed-run",
        severity=Severity.INFO,
        confidence=0.9,
        title=f"{integer(count)} trainings share this log, and the last is judged",
        message=f"The numbering begins again {times(count - 1)}, and the loss goes back "
        f"towards its start with them: {integer(count)} models were trained one after the other, "
        "or one in several phases. What is said and drawn here is about the last.",
        why="TensorBoard draws all of them as one curve that folds back over itself, and the "
        "others go unseen.",
        fixes=(_OWN_DIRECTORY,),
        tags=(series.label,) if series is not None else (),
        measured={"trainings": count},
    )


def _begun_again(series: Series, notes: Sequence[Note]) -> Finding:
    return Finding(
        check="resumed-run",
        severity=Severity.INFO,
        confidence=0.9,
        title="An earlier training in this directory began at the same "
        f"{unit_of(series)}, and is left out",
        message=" ".join(note.message for note in notes),
        why="TensorBoard draws both as one curve that folds back over itself.",
        fixes=(_OWN_DIRECTORY,),
        tags=(series.label,),
    )


def _finding(
    signals: Signals,
    series: Series,
    notes: Sequence[Note],
    place: Restart | None,
    jump: Jump | None,
    *,
    by_loss: bool,
) -> Finding:
    jumped = jump is not None and jump.jumped
    anew = signals.held_out_began_anew and not by_loss
    harmed = (jump is not None and jump.harmed and not by_loss) or anew
    where = f" at {place_of(place.curve.series, place.step)}" if place is not None else ""
    said = [note.message for note in notes] or [_went_back(signals, series, place)]
    measured: dict[str, float | int | str] = {}
    if place is not None:
        measured["step"] = place.step
    if jump is not None:
        measured |= {
            "loss_before": jump.before,
            "loss_after": jump.after,
            "rise_of_progress": jump.rise,
            "rise_in_noise": jump.sigmas,
            "share_until_back": jump.lasted,
        }
    return Finding(
        check="resumed-run",
        severity=Severity.WARNING if harmed else Severity.INFO,
        confidence=0.95 if notes else 0.7,
        title=f"The run was resumed{where}" + (", and the loss jumped there" if jumped else ""),
        message=" ".join(
            [
                *said,
                *(_loss_in_words(series, jump) if jumped or not by_loss else ()),
                *([_BACK_AT_ITS_START] if anew else ()),
            ]
        ),
        why="What a run learned between its last checkpoint and its end is lost, and what the "
        "checkpoint does not hold begins anew.",
        fixes=_fixes(jumped),
        tags=(series.label,),
        steps=(place.step, place.step) if place is not None else None,
        measured=measured,
        thresholds={
            "rise_of_progress": RISE_SHARE,
            "rise_in_noise": SIGMAS,
            "share_until_back": WORSE_SHARE,
        }
        if jump is not None
        else {},
        evidence=_evidence(signals, series, place),
    )


def _went_back(signals: Signals, series: Series, place: Restart | None) -> str:
    if place is None:
        return f"The {unit_of(series)}s of `{series.label}` go back."
    earlier = place.curve.step_at(place.index - 1)
    before = place_of(place.curve.series, earlier)
    if signals.context.run.continued_at and earlier < place.step:
        return f"A further event file goes on behind {before}."
    if earlier < place.step and _goes_again(signals, place):
        return f"Behind {before} `{series.label}` goes its whole way again."
    if earlier < place.step:
        return f"`{series.label}` jumps over a long pause after {before}."
    if earlier == place.step:
        return f"`{series.label}` has {before} twice, with a long pause in between."
    back = f"from {integer(earlier)} to {integer(place.step)}"
    return f"The {unit_of(series)}s of `{series.label}` go back {back}."


def _loss_in_words(series: Series, jump: Jump | None) -> tuple[str, ...]:
    if jump is None:
        return ()
    if not jump.jumped:
        return (f"`{series.label}` went on where it was.",)
    seen = (
        f"`{series.label}` was at {number(jump.before)} before and at {number(jump.after)} after, "
        f"which undoes {percent(jump.rise)} of the progress: "
        + (
            "the weights were not restored, and it began anew."
            if jump.began_anew
            else "the optimiser, the learning rate or the order of the data was not restored."
        )
    )
    if jump.harmed:
        return (seen, f"It stayed above its level for {percent(jump.lasted)} of the run.")
    return (seen,)


def _fixes(jumped: bool) -> tuple[str, ...]:
    restore = (
        "Save and restore everything that moves: Keras `BackupAndRestore('backup')`, PyTorch "
        "`torch.save({'model': model.state_dict(), 'optimizer': optimizer.state_dict(), "
        "'scheduler': scheduler.state_dict(), 'step': step}, path)` and `load_state_dict` of each.",
        "Go on in the data where the run stopped: save the epoch and the position in it, and seed "
        "the shuffling by the epoch.",
    )
    keep = (
        "When resuming, give the writer the step it goes on from: PyTorch "
        "`SummaryWriter(log_dir, purge_step=step)`, so that nothing is shown twice.",
    )
    return (*restore, *keep) if jumped else keep


def _evidence(signals: Signals, series: Series, place: Restart | None) -> tuple[CurveChart, ...]:
    curve = signals.curve(series)
    if not len(curve):
        return ()
    marks = (Mark("resumed", place.step, place.step),) if place and curve.increasing else ()
    return (
        CurveChart(
            title="The run was resumed here",
            curves=(reduce_series(curve),),
            marks=marks,
            y_label="loss" if series is signals.loss else "",
        ),
    )
