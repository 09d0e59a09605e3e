"""Programs that read a log and say what is wrong: ours, and the public ones of its kind.

Each is asked through its own Python interface and with its own defaults. What they find is
put into our names; a public tool whose rule has no counterpart of ours keeps its own name,
so that it counts as an alarm and as nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

ALARMING = frozenset({"error", "warning", "critical"})


@dataclass(frozen=True)
class Said:
    """What a reader says of one run: findings by check with their severity, and causes."""

    findings: dict[str, str]
    cause: str | None = None  # named first
    failed: str = ""  # why the log could not be read

    @property
    def alarms(self) -> frozenset[str]:
        """The checks that report an error or a warning."""
        return frozenset(c for c, severity in self.findings.items() if severity in ALARMING)


Reader: TypeAlias = Callable[[Path], Said]


def ask(reader: Reader, path: Path) -> Said:
    """What a reader says of a run; a crash of it is kept, as a run that it cannot read."""
    try:
        return reader(path)
    except Exception as error:  # another's bug must not end the measurement, nor may ours
        return Said({}, failed=f"{type(error).__name__}: {error}")


def tblogreport_says(log_dir: Path) -> Said:
    """Diagnose a run as `tblogreport analyze` does."""
    import tblogreport

    run, *_ = tblogreport.analyze(log_dir).runs  # the worst one
    cause = run.causes[0].cause if run.causes else None
    return Said(_worst((f.check, str(f.severity)) for f in run.findings), cause)


LOSSLINT = {
    "nan_inf": "nan-or-inf",
    "divergence": "diverging-loss",
    "loss_spike": "loss-spikes",
    "overfit_onset": "overfitting",
    "stagnation": "non-converging-loss",
    "step_backtrack": "resumed-run",
    "parse": "damaged-log",
}


def losslint_says(log_dir: Path) -> Said:
    """Ask losslint about every event file of a run, as it takes one file for one run."""
    from losslint.checks import run_all_checks
    from losslint.parsing import load_run

    found: list[tuple[str, str]] = []
    problems: list[str] = []
    for path in _event_files(log_dir):
        try:
            findings = run_all_checks(load_run(path))
        except ValueError as error:
            problems.append(str(error))
            continue
        found += [(LOSSLINT.get(f.check, f.check), f.severity) for f in findings]
    return Said(_worst(found), failed="; ".join(problems))


RUNMEDIC = {
    "non_finite": "nan-or-inf",
    "divergence": "diverging-loss",
    "loss_spikes": "loss-spikes",
    "no_learning": "non-converging-loss",
    "overfitting": "overfitting",
    "val_below_train": "validation-below-training",
    "grad_spikes": "gradient-spikes",
}


def runmedic_says(log_dir: Path) -> Said:
    """Ask runmedic, which takes each directory for a run."""
    from runmedic import loaders
    from runmedic.checks import run_checks
    from runmedic.roles import detect

    found: list[tuple[str, str]] = []
    for run in loaders.load(str(log_dir)):
        found += [
            (RUNMEDIC.get(f.check, f.check), f.severity) for f in run_checks(run, detect(run))
        ]
    return Said(_worst(found))


GRADSNITCH = {
    "GS001": "nan-or-inf",
    "GS002": "nan-or-inf",
    "GS003": "gradient-spikes",
    "GS004": "overfitting",
    "GS005": "non-converging-loss",
    "GS006": "diverging-loss",
    "GS007": "vanishing-gradients",
    "GS008": "update-ratio",
    "GS009": "oscillating-loss",
    "GS010": "learning-rate-schedule",
}
GRADSNITCH_COLUMNS = {
    "train_loss": "train_loss",
    "validation_loss": "val_loss",
    "learning_rate": "lr",
    "gradient_norm": "grad_norm",
}


def gradsnitch_says(log_dir: Path) -> Said:
    """Ask gradsnitch, which reads frames alone: it gets one with the roles that we guess."""
    import gradsnitch
    import pandas as pd

    import tblogreport
    from tblogreport.context import build_context

    (run,) = tblogreport.read(log_dir)
    context: Any = build_context(run)
    columns = []
    for role, name in GRADSNITCH_COLUMNS.items():
        series = getattr(context, role)
        if series is not None:
            column = pd.Series(series.values, index=series.steps, name=name)
            columns.append(column[~column.index.duplicated()])
    if not columns:
        return Said({}, failed="no series that it knows")
    frame = pd.concat(columns, axis=1).rename_axis("step").reset_index()
    return Said(_worst((GRADSNITCH[f.code], f.severity) for f in gradsnitch.lint(frame)))


READERS: dict[str, Reader] = {
    "tblogreport": tblogreport_says,
    "losslint": losslint_says,
    "runmedic": runmedic_says,
    "gradsnitch": gradsnitch_says,
}


def _event_files(log_dir: Path) -> Iterator[Path]:
    return iter(sorted(log_dir.rglob("events.out.tfevents.*")))


def _worst(found: Any) -> dict[str, str]:
    """One severity a check: the one that alarms, where there are several."""
    worst: dict[str, str] = {}
    for check, severity in found:
        if check not in worst or severity in ALARMING:
            worst[check] = severity
    return worst
