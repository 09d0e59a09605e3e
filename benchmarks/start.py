"""What one small run costs: `python -m benchmarks.start --help`.

Analyses a usual Keras run (5 epochs, 10 histogram tags) into HTML in a fresh process, beside one
that only imports what no such program can do without: pandas, matplotlib's figures and
TensorBoard's accumulator. Both by turns; medians of the processor's and of the wall's seconds.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.sweep import write_run

IMPORTS = (
    "import pandas, matplotlib.figure; "
    "import tensorboard.backend.event_processing.event_accumulator"
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start", description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    repeats = parser.parse_args().repeats
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "logs" / "fit"
        write_run(run, np.random.default_rng(0), 1e-3, 5, 10)
        analyze = ["-m", "tblogreport", "analyze", str(run.parent), "-o", f"{folder}/report.html"]
        commands = {"imports alone": ["-c", IMPORTS], "tblogreport analyze": analyze}
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for _ in range(repeats):
            for name, command in commands.items():
                found[name].append(_seconds([sys.executable, *command]))
    print("| command | seconds | of the processor | times the imports |")
    print("|---|---|---|---|")
    base = 0.0
    for name, seconds in found.items():
        wall, cpu = (statistics.median(one[i] for one in seconds) for i in (0, 1))
        base = base or wall
        print(f"| {name} | {wall:.2f} | {cpu:.2f} | {wall / base:.2f} |")
    return 0


def _seconds(command: list[str]) -> tuple[float, float]:
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - begun, used


if __name__ == "__main__":
    sys.exit(main())
