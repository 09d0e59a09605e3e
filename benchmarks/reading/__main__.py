"""How fast event files are read: `python -m benchmarks.reading`.

Every reader reads every log in a process of its own, from the file to a pandas frame; given are
seconds without the time to import, and the peak of memory. Of several repeats the median counts.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.reading.logs import LOGS, write
from benchmarks.reading.readers import READERS

MEGA = 1e6
# What is touched before each reading: so many times the size of the log, and so many bytes at most.
TOUCHED, MOST_TOUCHED = 8, 8 << 30


def main() -> int:
    """Measure, and print a table with the ratios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reading", description=__doc__)
    parser.add_argument("--logs", nargs="+", choices=list(LOGS), default=list(LOGS), metavar="LOG")
    parser.add_argument(
        "--readers", nargs="+", choices=list(READERS), default=list(READERS), metavar="READER"
    )
    parser.add_argument("--part", type=float, default=1.0, help="of each log (%(default)s)")
    parser.add_argument("--repeats", type=int, default=3, help="of all but slow ones (%(default)s)")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "reading-logs")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        reader, path, last_step = arguments.one
        print(json.dumps(_measure(reader, Path(path), int(last_step))))
        return 0
    print("| log | MB | reader | seconds | peak MB | frame MB | times as long as tblogreport |")
    print("|---|---|---|---|---|---|---|")
    for name in arguments.logs:
        log, size = LOGS[name], round(LOGS[name].size * arguments.part)
        path = write(log, size, arguments.cache / f"{name}-{size}")
        last_step = (size - 1) // log.tags
        _compare(name, path, last_step, arguments.repeats, arguments.readers)
    return 0


def _compare(name: str, path: Path, last_step: int, repeats: int, readers: Sequence[str]) -> None:
    ours = 0.0
    for reader in readers:
        found = []
        for _ in range(repeats):
            _touch_memory(min(MOST_TOUCHED, TOUCHED * path.stat().st_size))
            found.append(_in_a_process(reader, path, last_step))
            if found[-1]["seconds"] > 10:
                break
        seconds = statistics.median(one["seconds"] for one in found)
        ours = ours or seconds
        peak = max(one["peak"] for one in found)
        print(
            f"| {name} | {path.stat().st_size / MEGA:.0f} | {reader} | {seconds:.2f} | "
            f"{peak:.0f} | {found[0]['frame']:.0f} | {seconds / ours:.2f} |",
            flush=True,
        )


def _touch_memory(size: int) -> None:
    """Use so many bytes once, in a process of its own.

    A virtual machine gives back memory that it does not use. Its first touch is then twenty times
    as slow as any later one, and would be measured instead of the readers.
    """
    touch = f"import numpy; numpy.empty({size}, 'u1').fill(1)"
    subprocess.run([sys.executable, "-c", touch], check=True)


def _in_a_process(reader: str, path: Path, last_step: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.reading", "--one"]
    done = subprocess.run(
        [*command, reader, str(path), str(last_step)], check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _measure(reader: str, path: Path, last_step: int) -> dict[str, float]:
    begun = time.perf_counter()
    frame = READERS[reader](path, last_step)
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    size = float(frame.memory_usage().sum())
    arrays = [c for c in frame if c in {"edges", "counts"}]
    size += sum(float(frame[c].map(lambda array: array.nbytes).sum()) for c in arrays)
    return {"seconds": seconds, "peak": peak * 1024 / MEGA, "frame": size / MEGA}


if __name__ == "__main__":
    raise SystemExit(main())
