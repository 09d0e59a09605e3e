"""`Run`s from numpy, without event files, and how one check or all of them judge a run.

run = make_run(Scalar("loss", falling(50), "train"), Histogram("fc.weight", records))
judge("overfitting", run).status
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from tblogreport.checks.base import Check, NotCheckable, all_checks
from tblogreport.config import Config
from tblogreport.context import Context, build_context
from tblogreport.diagnose import diagnose_run
from tblogreport.findings import Finding, Note, RunDiagnosis, Severity, Status
from tblogreport.reading.buckets import bucket_edges
from tblogreport.reading.run import HISTOGRAM_COLUMNS, SCALAR_COLUMNS, Run
from tblogreport.reading.splits import SPLITS
from tblogreport.signals import Signals
from tblogreport.signals.curve import CurveSignal

FloatArray: TypeAlias = NDArray[np.float64]
Record: TypeAlias = tuple[FloatArray, FloatArray]  # edges [n + 1], counts [n]
Buckets: TypeAlias = Callable[[ArrayLike], Record]

BEGUN = 1_700_000_000.0
DURATION = 1_000.0  # seconds; every series fills the whole run


@dataclass(frozen=True)
class Scalar:
    """One scalar series; steps count from 0 unless given, and points come evenly in time.

    `seconds` are those since the run began, where points do not come evenly.
    """

    tag: str
    values: ArrayLike
    split: str = ""
    steps: ArrayLike | None = None
    seconds: ArrayLike | None = None


@dataclass(frozen=True)
class Histogram:
    """One histogram tag; steps count from 0 unless given."""

    tag: str
    records: Sequence[Record]
    split: str = ""
    steps: ArrayLike | None = None


def make_run(
    *series: Scalar | Histogram,
    keras_config: dict[str, Any] | None = None,
    begun: float = BEGUN,
) -> Run:
    """Put series together as reading would: frames of scalars and histograms, ordered by tag.

    Tensors that are given later were written a millisecond later, as writers do it.
    """
    scalars = [_scalar_frame(s, begun) for s in series if isinstance(s, Scalar)]
    histograms = [
        _histogram_frame(s, begun + 1e-3 * i)
        for i, s in enumerate(series)
        if isinstance(s, Histogram)
    ]
    return Run(
        name="run",
        path=Path("run"),
        scalars=_joined(scalars, SCALAR_COLUMNS),
        histograms=_joined(histograms, HISTOGRAM_COLUMNS),
        keras_config=keras_config,
    )


def keras_config(*layers: tuple[str, str | None], frozen: Iterable[str] = ()) -> dict[str, Any]:
    """A Keras model config of layers (name, activation), some of them not trainable."""
    configs = [
        {"name": name, "trainable": name not in set(frozen)}
        | ({"activation": activation} if activation else {})
        for name, activation in layers
    ]
    return {"class_name": "Sequential", "config": {"layers": [{"config": c} for c in configs]}}


def tf_histogram(values: ArrayLike, buckets: int = 30) -> Record:
    """What TensorFlow 2 writes: buckets of equal width, of no width for one value, NaN for NaN."""
    data = np.ravel(np.asarray(values, np.float64))
    if not np.isfinite(data).all():
        return np.full(buckets + 1, np.nan), np.zeros(buckets)
    if np.ptp(data) == 0:
        counts = np.zeros(buckets)
        counts[-1] = len(data)
        return np.full(buckets + 1, data[0]), counts
    counts, edges = np.histogram(data, bins=buckets)
    return edges, counts.astype(np.float64)


def torch_histogram(values: ArrayLike) -> Record:
    """What PyTorch's `add_histogram` writes: buckets that grow by a tenth, from 1e-12 on."""
    data = np.ravel(np.asarray(values, np.float64))
    positive = 1e-12 * 1.1 ** np.arange(775)
    counts, limits = np.histogram(data, bins=np.concatenate([-positive[::-1], [0.0], positive]))
    full = np.flatnonzero(counts)
    first, last = int(full[0]), int(full[-1])
    # The writer keeps an empty bucket before the first one that holds any.
    buckets = np.concatenate([[0], counts[first : last + 1]]).astype(np.float64)
    low, high = data.min(keepdims=True), data.max(keepdims=True)
    return bucket_edges(low, high, limits[None, first : last + 2])[0], buckets


def signals_of(run: Run) -> Signals:
    return Signals(context_of(run))


def context_of(run: Run, roles: Mapping[str, str] | None = None) -> Context:
    return build_context(run, roles)


def curve_of(
    values: ArrayLike, steps: ArrayLike | None = None, *, tag: str = "loss"
) -> CurveSignal:
    """The one series of a run that has no other."""
    return CurveSignal(context_of(make_run(Scalar(tag, values, "train", steps))).series[0])


def written_again(run: Run, first: int, last: int) -> Run:
    """The run with the note of reading that a restart wrote these steps again."""
    said = f"9 points were written again after a restart (steps {first} to {last}, in a file)."
    return replace(run, notes=(Note("superseded-points", said, steps=(first, last)),))


@dataclass(frozen=True)
class Judged:
    """How one check ended on one run."""

    status: Status
    reason: str | None
    findings: tuple[Finding, ...]

    @property
    def finding(self) -> Finding:
        """The one finding; an error when there is none or more."""
        (finding,) = self.findings
        return finding


def judge(check: str, run: Run) -> Judged:
    """Apply one check to a run; a crash is the test's own."""
    return _apply(all_checks()[check], signals_of(run))


def diagnose(run: Run, config: Config | None = None) -> RunDiagnosis:
    """Apply all checks to a run."""
    return diagnose_run(run, list(all_checks().values()), config or Config())


def alarms(run: Run) -> dict[str, Severity]:
    """The checks that fired as more than a note, without the cost of a whole diagnosis."""
    signals = signals_of(run)
    judged = {name: _apply(check, signals) for name, check in all_checks().items()}
    worst = {
        name: min(j.findings, key=lambda f: f.severity.rank).severity
        for name, j in judged.items()
        if j.findings
    }
    return {name: severity for name, severity in worst.items() if severity != Severity.INFO}


def _apply(check: Check, signals: Signals) -> Judged:
    try:
        with np.errstate(all="ignore"):
            findings = tuple(check.rule(signals))
    except NotCheckable as reason:
        return Judged(Status.NOT_CHECKABLE, str(reason), ())
    return Judged(Status.FIRED if findings else Status.CLEAN, None, findings)


def scaled(series: Sequence[Scalar], factor: float) -> tuple[Scalar, ...]:
    """The same series in another unit."""
    return tuple(replace(s, values=np.asarray(s.values) * factor) for s in series)


def renumbered(series: Sequence[Scalar], factor: int, offset: int = 0) -> tuple[Scalar, ...]:
    """The same series with steps that count something else (images instead of batches)."""
    return tuple(replace(s, steps=_steps(s) * factor + offset) for s in series)


def every(series: Sequence[Scalar], nth: int) -> tuple[Scalar, ...]:
    """The same series logged less often."""
    return tuple(
        replace(
            s,
            values=np.asarray(s.values)[::nth],
            steps=_steps(s)[::nth],
            seconds=None if s.seconds is None else np.asarray(s.seconds)[::nth],
        )
        for s in series
    )


def _steps(series: Scalar | Histogram) -> NDArray[np.int64]:
    length = len(series.records) if isinstance(series, Histogram) else len(np.ravel(series.values))
    return np.arange(length) if series.steps is None else np.asarray(series.steps, np.int64)


def _scalar_frame(series: Scalar, begun: float) -> pd.DataFrame:
    return _shared(series, begun).assign(value=np.asarray(series.values, np.float64))


def _histogram_frame(series: Histogram, begun: float) -> pd.DataFrame:
    edges, counts = ([record[i] for record in series.records] for i in (0, 1))
    columns: dict[str, Any] = {
        "count": [c.sum() for c in counts],
        "min": [e[0] for e in edges],
        "max": [e[-1] for e in edges],
        "sum": np.nan,
        "sum_squares": np.nan,
        "edges": pd.Series(edges, dtype=object),
        "counts": pd.Series(counts, dtype=object),
    }
    return _shared(series, begun).assign(**columns)


def _shared(series: Scalar | Histogram, begun: float) -> pd.DataFrame:
    steps = _steps(series)
    seconds = getattr(series, "seconds", None)
    if seconds is None:
        seconds = DURATION * np.linspace(0.0, 1.0, len(steps))
    columns = {
        "split": pd.Series([series.split] * len(steps), dtype="str"),
        "tag": pd.Series([series.tag] * len(steps), dtype="str"),
        "step": steps,
        "wall_time": begun + np.asarray(seconds, np.float64),
    }
    return pd.DataFrame(columns)


def _joined(frames: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    if filled:
        joined = pd.concat(filled, ignore_index=True)[list(columns)]
        order = joined.assign(split=joined["split"].map(SPLITS.index)).sort_values(
            ["tag", "split"], kind="stable"
        )
        return joined.loc[order.index].reset_index(drop=True)
    text = {"split", "tag"}
    empty = {c: pd.Series(dtype="str" if c in text else "float64") for c in columns}
    return pd.DataFrame(empty).astype({"step": "int64"})
