"""Measure how often the diagnosis is right: `python -m benchmarks.accuracy --help`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

from benchmarks.accuracy import archive, fresh, tables
from benchmarks.accuracy.labels import Label
from benchmarks.accuracy.readers import READERS, Said, ask

RESULTS = Path(__file__).parent.parent / "RESULTS.md"
CACHE = Path.home() / ".cache" / "tblogreport" / "accuracy"
WORKERS = 2
BEGIN, END = "<!-- accuracy -->", "<!-- end of accuracy -->"


def main() -> int:
    """Judge the archive, or build the corpus first; print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument(
        "--rebuild", action="store_true", help="train and draw all runs, judge those"
    )
    parser.add_argument(
        "--cache", type=Path, default=CACHE, help="where --rebuild keeps runs (%(default)s)"
    )
    parser.add_argument(
        "--replace-archive", action="store_true", help="commit to the runs that were rebuilt"
    )
    parser.add_argument(
        "--fresh", action="store_true", help="judge runs that are drawn now, instead of the archive"
    )
    parser.add_argument(
        "--half", choices=("calibrate", "heldout"), help="only these programs; default: both"
    )
    parser.add_argument(
        "--readers", nargs="+", choices=list(READERS), default=list(READERS), metavar="READER"
    )
    parser.add_argument("--write", action="store_true", help=f"put the tables into {RESULTS.name}")
    parser.add_argument("--json", type=Path, help="write what every reader said of every run")
    arguments = parser.parse_args()
    if arguments.write and (
        arguments.half or arguments.fresh or set(arguments.readers) != set(READERS)
    ):
        parser.error("--write needs the archive, both halves and all readers")
    with tempfile.TemporaryDirectory() as unpacked:
        if arguments.rebuild:
            root, labels, about = _rebuilt(arguments.cache, arguments.replace_archive)
        else:
            archive.unpack(Path(unpacked))
            root, (labels, about) = Path(unpacked), archive.read_labels()
        if arguments.fresh:
            labels, about = fresh.draw_all(root, WORKERS, arguments.half)
        if arguments.half:
            labels = {r: v for r, v in labels.items() if about[r]["half"] == arguments.half}
        paths = {run: root / about[run]["half"] / run for run in labels}
        said = {reader: _asked(reader, paths) for reader in arguments.readers}
    if arguments.json:
        found = {r: {run: asdict(s) for run, s in of.items()} for r, of in said.items()}
        arguments.json.write_text(json.dumps(found, indent=1))
    text = tables.render(labels, about, said)
    print(text)
    if arguments.write:
        _write(text)
    return 0


def _rebuilt(
    cache: Path, replace: bool
) -> tuple[Path, dict[str, Label], dict[str, dict[str, str]]]:
    from benchmarks.accuracy import build

    build.build(cache)
    labels, about = build.labelled(cache)
    if replace:
        print(f"archive: {archive.pack(cache, labels, about)} bytes", file=sys.stderr)
    return cache / "runs", labels, about


def _asked(reader: str, paths: dict[str, Path]) -> dict[str, Said]:
    """What a reader says of every run; a crash of it is kept, as a run that it cannot read."""
    with ProcessPoolExecutor(WORKERS) as pool:
        answers = pool.map(_ask, [reader] * len(paths), paths.values(), chunksize=8)
        return dict(zip(paths, _counted(reader, answers, len(paths)), strict=True))


def _ask(reader: str, path: Path) -> Said:
    return ask(READERS[reader], path)


def _counted(reader: str, answers: Iterable[Said], total: int) -> Iterable[Said]:
    for number, answer in enumerate(answers, 1):
        if sys.stderr.isatty():
            print(f"\r{reader}: {number} of {total}", end="", file=sys.stderr, flush=True)
        yield answer


def _write(text: str) -> None:
    before, _, rest = RESULTS.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    RESULTS.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}")


if __name__ == "__main__":
    raise SystemExit(main())
