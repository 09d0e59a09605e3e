"""How often the diagnosis is right of runs that a stranger trained: `--help` tells more.

An engineer who knew the promise of tblogreport, and neither its code nor its benchmarks, trained
these runs with the logging of 18 programs, 75 of them with one fault each, held each against the
same program without it, and wrote down what is wrong, what a careful reader of the log alone can
see, and which names of a cause a fair colleague would accept. Texts, graphs and pictures were left
out of the files, and hosts out of their names; nothing else was changed.

Its first reading is in RESULTS.md. Rules were made of it since: what it says now is no estimate of
what an unseen set would give.
"""

from __future__ import annotations

import argparse
import json
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.accuracy import records
from benchmarks.accuracy.readers import READERS, Said, ask
from benchmarks.accuracy.score import Rate

HERE = Path(__file__).parent
ARCHIVE, LABELS = HERE / "strangers.tar.xz", HERE / "strangers.json"


@dataclass(frozen=True)
class Stranger:
    """What the stranger says of one run."""

    healthy: bool
    program: str
    fault: str | None
    visible: str
    clear: bool  # whether a careful reader of the log alone would say that something is wrong
    acceptable: tuple[str, ...]  # names of causes; empty where none fits


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.accuracy.strangers", description=__doc__
    )
    parser.add_argument(
        "--readers", nargs="+", choices=list(READERS), default=["tblogreport"], metavar="READER"
    )
    parser.add_argument(
        "--wrong", action="store_true", help="list the runs that are judged wrongly"
    )
    arguments = parser.parse_args()
    labels = read_labels()
    print("| reader | healthy: false alarms | faulty: noticed | … clear ones | cause first |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        unpack(Path(folder))
        for reader in arguments.readers:
            said = {run: ask(READERS[reader], Path(folder) / run) for run in labels}
            print(f"| {reader} | " + " | ".join(map(str, rates(labels, said))) + " |", flush=True)
            if arguments.wrong:
                _list_wrong(labels, said)
    return 0


def rates(labels: dict[str, Stranger], said: dict[str, Said]) -> tuple[Rate, Rate, Rate, Rate]:
    """False alarms; noticed, of all faulty runs and of clear ones; and the causes of those."""
    alarmed = {run for run, one in said.items() if one.alarms}
    faulty = [run for run, label in labels.items() if not label.healthy]
    healthy = [run for run, label in labels.items() if label.healthy]
    clear = [run for run in faulty if labels[run].clear]
    named = [run for run in clear if run in alarmed and said[run].cause in labels[run].acceptable]
    return (
        Rate(len(alarmed.intersection(healthy)), len(healthy)),
        Rate(len(alarmed.intersection(faulty)), len(faulty)),
        Rate(len(alarmed.intersection(clear)), len(clear)),
        Rate(len(named), len(clear)),
    )


def read_labels() -> dict[str, Stranger]:
    """The labels by the run's id."""
    found = json.loads(LABELS.read_text(encoding="utf-8"))
    return {
        run: Stranger(**about | {"acceptable": tuple(about["acceptable"])})
        for run, about in found.items()
    }


def unpack(out: Path) -> None:
    """Put the runs below `out`, a directory each."""
    with tarfile.open(ARCHIVE, "r:xz") as tar:
        for member in tar:
            file = tar.extractfile(member)
            if file is not None:
                path = out / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(records.whole(file.read()))


def _list_wrong(labels: dict[str, Stranger], said: dict[str, Said]) -> None:
    for run, label in labels.items():
        one = said[run]
        if label.healthy and not one.alarms:
            continue
        if not label.healthy and one.alarms and one.cause in label.acceptable:
            continue
        print(f"\n{run} ({label.program})\n  {label.fault or 'healthy'}; {label.visible}")
        print(f"  said: {', '.join(sorted(one.alarms)) or 'nothing'}; cause {one.cause}, where "
              f"{' or '.join(label.acceptable) or 'no name'} fits")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
