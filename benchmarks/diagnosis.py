"""What all checks cost, and how that grows with the length of a run.

`python -m benchmarks.diagnosis` makes runs of 20 series and 50 histogram tags with 200 records
each, of 12 500 to 100 000 points a series, and prints the seconds of every check, of giving the
run its meaning (context), and of all together, on one core. Shared signals are computed once a
run: they count for the check that asks first, in alphabetical order. The last columns say how
the time grew from each length to the next; n log n would double it, and a little more.
"""

from __future__ import annotations

import argparse
import os
import time
from itertools import pairwise

import numpy as np

from tblogreport.checks.base import NotCheckable, all_checks
from tblogreport.context import build_context
from tblogreport.reading.run import Run
from tblogreport.signals import Signals
from tests.runs import Histogram, Scalar, make_run, tf_histogram, torch_histogram

LENGTHS = (12_500, 25_000, 50_000, 100_000)
STATED = 50_000  # points, at which all checks may take a second
SERIES, TAGS, RECORDS, VALUES = 20, 50, 200, 1_000
CONTEXT, ALL = "context", "all together"


def run_of(points: int) -> Run:
    """A training with losses, scores, a rate, norms, and the tensors of 10 layers."""
    rng = np.random.default_rng(0)
    t = np.linspace(0.0, 1.0, points)
    loss = 0.3 + 2.0 * np.exp(-5.0 * t)
    noise = 1.0 + 0.1 * rng.standard_normal((SERIES, points))
    named = {
        "train/loss": loss,
        "val/loss": 1.2 * loss,
        "train/accuracy": 1.0 - 0.3 * loss,
        "val/accuracy": 0.9 - 0.3 * loss,
        "lr": 1e-3 * (1.0 - 0.99 * t),
        "grad_norm": 5.0 * loss,
    }
    named |= {f"train/loss_{part}": loss / (part + 2) for part in range(SERIES - len(named))}
    scalars = [
        Scalar(tag, values * factor, "", np.arange(points))
        for (tag, values), factor in zip(named.items(), noise, strict=True)
    ]
    return make_run(*scalars, *_histograms(rng, points))


def _histograms(rng: np.random.Generator, points: int) -> list[Histogram]:
    steps = np.linspace(0, points - 1, RECORDS).astype(np.int64)
    kinds = ("{}.weight", "{}.bias", "{}.weight.grad", "{}.bias.grad", "{}_out")
    drawn = [rng.standard_normal(VALUES) for _ in range(RECORDS)]
    records = {
        made: [made(values * (1.0 + i / RECORDS)) for i, values in enumerate(drawn)]
        for made in (tf_histogram, torch_histogram)
    }
    tags = [kind.format(f"layer{i}") for i in range(TAGS // len(kinds)) for kind in kinds]
    both = list(records.values())
    return [Histogram(tag, both[i % 2], "", steps) for i, tag in enumerate(tags)]


def measure(run: Run) -> dict[str, float]:
    """Seconds of each check on one run."""
    found: dict[str, float] = {}
    begun = time.perf_counter()
    signals = Signals(build_context(run))
    found[CONTEXT] = time.perf_counter() - begun
    for name, check in all_checks().items():
        started = time.perf_counter()
        try:
            with np.errstate(all="ignore"):
                check.rule(signals)
        except NotCheckable:
            pass
        found[name] = time.perf_counter() - started
    found[ALL] = time.perf_counter() - begun
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--repeat", type=int, default=3, help="runs of a length, the fastest counts"
    )
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):  # elsewhere more than one core may be used
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    measure(run_of(1_000))  # imports
    columns = {}
    for points in LENGTHS:
        run = run_of(points)
        taken = [measure(run) for _ in range(arguments.repeat)]
        columns[points] = {name: min(of[name] for of in taken) for name in taken[0]}
    print(table(columns))
    seconds = columns[STATED][ALL]
    print(
        f"\n{SERIES} series × {STATED:,} points, {TAGS} tags × {RECORDS} records: {seconds:.2f} s"
    )


def table(columns: dict[int, dict[str, float]]) -> str:
    """Seconds a check and length as Markdown, and the growth from each length to the next."""
    lengths = list(columns)
    head = [*(f"{n:,}" for n in lengths), *(f"× at {n:,}" for n in lengths[1:])]
    lines = [f"| check | {' | '.join(head)} |", "|---" * (len(head) + 1) + "|"]
    for name in columns[lengths[0]]:
        seconds = [columns[n][name] for n in lengths]
        grown = [f"{b / a:.1f}" if a > 1e-3 else "–" for a, b in pairwise(seconds)]
        cells = [*(f"{s:.3f}" for s in seconds), *grown]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
