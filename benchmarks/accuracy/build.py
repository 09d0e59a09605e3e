"""Make the runs of the corpus: cached, resumable, two at a time."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.types_pb2 import DT_DOUBLE

from benchmarks.accuracy import curves, labels, records, specials
from benchmarks.accuracy.corpus import Entry, entries
from benchmarks.accuracy.labels import Label
from benchmarks.accuracy.programs import PROGRAMS
from benchmarks.accuracy.recipe import Checkpoint, Record

WORKERS = 2
RESOLUTION = 1 / 64  # seconds; a power of two, so that rounded times end in zeros


def build(out: Path) -> None:
    """Make every run that is not in `out` yet: `out/runs/<half>/<id>`, `out/records/<id>.json`.

    A run that was interrupted is made again, as is one whose recipe changed; where the code
    that trains changed, remove `out` first. Raises `RuntimeError` when a worker failed.
    """
    shutil.rmtree(out / "claims", ignore_errors=True)  # of workers that were interrupted
    (out / "claims").mkdir(parents=True)
    workers = [
        subprocess.Popen([sys.executable, "-m", "benchmarks.accuracy.build", str(out), str(index)])
        for index in range(WORKERS)
    ]
    failed = [worker.wait() for worker in workers]  # all of them, before the first is judged
    if any(failed):
        raise RuntimeError("some runs could not be made; start again to go on with the others")


def log_dir_of(out: Path, entry: Entry) -> Path:
    """Where the event files of a run are."""
    return out / "runs" / entry.half / entry.id


def record_of(out: Path, run: str) -> Record:
    """Read back what happened in a run."""
    found = json.loads((out / "records" / f"{run}.json").read_text())["record"]
    return Record(**(found | {"checkpoints": [Checkpoint(**c) for c in found["checkpoints"]]}))


def labelled(out: Path) -> tuple[dict[str, Label], dict[str, dict[str, str]]]:
    """Return the labels of all archived runs whose fault showed itself, and what each is, by id."""
    found: dict[str, Label] = {}
    about: dict[str, dict[str, str]] = {}
    for run, entry in entries().items():
        label = _label(out, entry) if entry.archived else None
        if label is None:
            continue
        found[run] = label
        framework = PROGRAMS[entry.program].framework if entry.kind == "trained" else ""
        about[run] = {
            "half": entry.half,
            "kind": entry.kind,
            "program": entry.program,
            "framework": framework,
            "case": entry.case,
            "manner": entry.manner,
            "key": entry.key,
        }
    return found, about


def _label(out: Path, entry: Entry) -> Label | None:
    if entry.kind == "drawn":
        return labels.curve_label(curves.FAMILIES[entry.program].fault, entry.causes)
    record = record_of(out, entry.id)
    if entry.kind == "special":
        return labels.special_label(record.notes)
    twin = record_of(out, entry.twin) if entry.twin else None
    return labels.judge(entry.case, entry.causes, record, twin)


def _work(out: Path, share: Iterable[Entry]) -> None:
    for entry in share:
        done = out / "records" / f"{entry.id}.json"
        if _is_made(done, entry) or not _claimed(out, entry):
            continue
        log_dir = log_dir_of(out, entry)
        shutil.rmtree(log_dir, ignore_errors=True)
        begun = time.perf_counter()
        record = _make(entry, log_dir)
        if entry.kind != "drawn":  # those are tidy, and some are damaged on purpose
            tidy(log_dir)
        done.parent.mkdir(parents=True, exist_ok=True)
        unfinished = done.with_suffix(".part")
        unfinished.write_text(json.dumps({"entry": repr(entry), "record": asdict(record)}))
        unfinished.rename(done)
        print(f"{time.perf_counter() - begun:6.1f} s  {entry.id}  {entry.key}", flush=True)


def _is_made(done: Path, entry: Entry) -> bool:
    """Whether the run is there and was made from the same recipe."""
    return done.exists() and json.loads(done.read_text())["entry"] == repr(entry)


def _claimed(out: Path, entry: Entry) -> bool:
    """Whether this worker is the first to want the run: the two meet in the middle."""
    try:
        (out / "claims" / entry.id).open("x").close()
    except FileExistsError:
        return False
    return True


def _make(entry: Entry, log_dir: Path) -> Record:
    if entry.kind == "drawn":
        curves.draw(entry.program, entry.variant, log_dir)
        return Record([], [], [], [], [], "V")
    if entry.kind == "special":
        return Record([], [], [], [], [], "", specials.run(entry.program, entry.seed, log_dir))
    program = PROGRAMS[entry.program]
    if program.framework == "torch":
        from benchmarks.accuracy.torch_training import train
    else:
        from benchmarks.accuracy.keras_training import train
    if entry.recipe is None:
        raise ValueError(f"{entry.key} has no recipe")
    return train(
        program.data, program.architecture, entry.recipe, entry.seed, entry.manner, log_dir
    )


def tidy(log_dir: Path) -> None:
    """Take out of event files what would fill an archive, or tell where they were made.

    Files are named by time and number alone, without the host. Wall times are rounded, and
    numbers of histograms to the precision of the tensors that they were made of: their last
    digits are noise that cannot be compressed and that no reader minds.
    """
    for number, path in enumerate(sorted(log_dir.rglob("events.out.tfevents.*"))):
        begun = re.match(r"events\.out\.tfevents\.(\d+)", path.name)
        rounded = [_rounded(data) for data in records.split(path.read_bytes())]
        path.unlink()
        name = f"{begun[0]}.{number}" if begun else path.name
        path.with_name(name).write_bytes(records.join(rounded))


def _rounded(data: bytes) -> bytes:
    event = Event.FromString(data)
    event.wall_time = round(event.wall_time / RESOLUTION) * RESOLUTION
    for value in event.summary.value:
        if value.HasField("histo"):
            for name in ("min", "max", "sum", "sum_squares"):
                setattr(value.histo, name, float(_short(np.array(getattr(value.histo, name)))))
        elif value.tensor.dtype == DT_DOUBLE and value.tensor.tensor_content:
            doubles = np.frombuffer(value.tensor.tensor_content, np.float64)
            value.tensor.tensor_content = _short(doubles).tobytes()
    return bytes(event.SerializeToString())


def _short(doubles: NDArray[np.float64]) -> NDArray[np.float64]:
    """The numbers rounded to the digits of a float32, in the range of a float64."""
    fraction, exponent = np.frexp(doubles)
    return np.ldexp(np.round(fraction * 2.0**24) / 2.0**24, exponent)


def _share(index: int) -> list[Entry]:
    """Every second run of each framework: no worker loads both."""
    found = entries().values()
    keras = [e for e in found if e.program in PROGRAMS and PROGRAMS[e.program].framework == "keras"]
    others = [e for e in found if e not in keras]
    order = keras + others if index == 0 else others[::-1] + keras[::-1]
    return order


if __name__ == "__main__":
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    _work(Path(sys.argv[1]), _share(int(sys.argv[2])))
