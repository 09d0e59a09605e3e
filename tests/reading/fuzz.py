"""A fuzzer over the reader of event files: `python -m tests.reading.fuzz --seconds 600`.

Sound files of every writer are damaged in three ways: their bytes, as disks and networks do it; the
data of single records, framed anew with checksums that hold, as a hostile writer would; and lengths
that lie, with checksums that hold. Reading must neither fail nor hang, and what comes of damaged
bytes must have been written: the checksums hold for nothing else.
"""

from __future__ import annotations

import argparse
import random
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pandas as pd
from tensorboard.compat.proto import graph_pb2, summary_pb2

import tblogreport
from tblogreport.context.layers import Layers
from tblogreport.logged.model import model_of
from tblogreport.logged.pictures import pictures_of
from tblogreport.logged.precision_recall import precision_recall_of
from tblogreport.logged.sounds import sounds_of
from tblogreport.logged.texts import texts_of
from tblogreport.reading.run import Run
from tests.eventfiles import (
    Event,
    encode,
    event_file_name,
    file_version_event,
    graph_event,
    header,
    histogram_event,
    keras_model_event,
    record,
    record_starts,
    scalar_event,
    session_event,
    session_start_event,
    strings_event,
    tensor_event,
    tensor_histogram_event,
    tensor_scalar_event,
    value_event,
)
from tests.media import png, tone

SECONDS_A_FILE = 10  # a file of some kB that takes longer hangs
Point = tuple[str, int, float]


@dataclass
class Report:
    """What a run of the fuzzer did."""

    files: int = 0
    failures: int = 0
    slowest: float = 0.0
    peak: float = 0.0  # MB


def fuzz(seconds: float, seed: int, keep: Path | None = None) -> Report:
    """Read damaged files for so long. Files that fail are put into `keep`."""
    rng, report = random.Random(seed), Report()
    bases = [(content, _points(content)) for content in map(encode, _bases())]
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / event_file_name()
        while time.monotonic() < end:
            content, written = rng.choice(bases)
            damage = rng.choice((_damaged_bytes, _rewritten_record, _lying_length))
            damaged = damage(rng, content)
            path.write_bytes(damaged)
            begun = time.monotonic()
            problem = _problem(path, written if damage is _damaged_bytes else None)
            report.slowest = max(report.slowest, time.monotonic() - begun)
            report.files += 1
            if problem:
                report.failures += 1
                print(f"{damage.__name__}: {problem}", file=sys.stderr)
                if keep is not None:
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / f"{report.failures:04}.tfevents").write_bytes(damaged)
    report.peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    return report


def _problem(path: Path, written: Counter[Point] | None) -> str:
    """What is wrong with how a file was read; empty where nothing is."""
    signal.signal(signal.SIGALRM, _hangs)
    signal.alarm(SECONDS_A_FILE)
    try:
        (run,) = tblogreport.read(path.parent)
        found = Counter(_points_of(run.scalars))
        _look_at_the_rest(run)
    except Exception as error:  # the point of it all
        return f"{type(error).__name__}: {error}"
    finally:
        signal.alarm(0)
    if written is not None and (invented := set(found) - set(written)):
        return f"invented {sorted(invented)[:3]}"
    return ""


def _look_at_the_rest(run: Run) -> None:
    """Read all that is read when asked for, and reduce it as a report does."""
    if run.media:
        for frame in (run.images, run.audio, run.text, run.pr_curves):
            assert frame["step"].dtype == np.int64
    for reduced in (pictures_of, sounds_of, texts_of, precision_recall_of):
        reduced(run.media, [])
    model_of(run, Layers(), [])


def _hangs(_: int, __: FrameType | None) -> None:
    raise TimeoutError(f"more than {SECONDS_A_FILE} s")


def _points(content: bytes) -> Counter[Point]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / event_file_name()
        path.write_bytes(content)
        (run,) = tblogreport.read(folder)
    return Counter(_points_of(run.scalars))


def _points_of(scalars: pd.DataFrame) -> Iterator[Point]:
    return zip(scalars["tag"], scalars["step"].tolist(), scalars["value"].tolist(), strict=True)


def _bases() -> Iterator[list[Event]]:
    """The events of one sound file after the other."""
    head = file_version_event()
    steps = range(20)
    yield [head, *(scalar_event(tag, 1.0 / (1 + s), s) for s in steps for tag in ("loss", "acc"))]
    yield [head, *(tensor_scalar_event("epoch_loss", 1.0 / (1 + s), s) for s in steps)]
    yield [
        head,
        session_start_event(),
        *(scalar_event("loss", float(s), s) for s in range(8)),
        session_start_event(5),
        *(scalar_event("loss", float(s), s) for s in range(5, 12)),
    ]
    limits, counts = [-1.0, 0.0, 1.0, 2.0], [0.0, 3.0, 4.0, 1.0]
    yield [head, *(histogram_event("fc.weight", limits, counts, s) for s in steps)]
    edges, counts = [-1.0, 0.0, 1.0], [3.0, 5.0]
    yield [head, *(tensor_histogram_event("dense/kernel", edges, counts, s) for s in steps)]
    image = summary_pb2.Summary.Image(height=2, width=2, encoded_image_string=bytes(300))
    yield [
        head,
        *(strings_event("i", [b"12", b"8", png(seed=s)], s, plugin="images") for s in range(2)),
        *(
            strings_event("a", [tone(0.01), b"x"], s, plugin="audio", shape=[1, 2])
            for s in range(2)
        ),
        tensor_event("pr", np.full((6, 5), 0.5), 0, dtype=np.float32, plugin="pr_curves"),
        strings_event("t", [b"| a | b |\n|---|---|\n| 1 | 2 |"], plugin="text", shape=[]),
    ]
    yield [head, graph_event(_graph()), scalar_event("loss", 1.0)]
    yield [head, keras_model_event(_config()), scalar_event("loss", 1.0)]
    yield [
        head,
        *(value_event(summary_pb2.Summary.Value(tag="img", image=image), s) for s in range(3)),
        *(tensor_event("text", b"hello", s, plugin="text") for s in range(3)),
        session_event({"lr": 0.1, "optimizer": "adam", "nesterov": True}),
        tensor_event("args/text_summary", b'{"learning_rate": 5e-5, "seed": 42}', 0, plugin="text"),
        *(tensor_event("odd", np.arange(5.0), s) for s in range(6)),
        *(scalar_event("été/loss", float(s), s) for s in range(6)),
    ]


def _graph() -> graph_pb2.GraphDef:
    graph = graph_pb2.GraphDef()
    graph.node.add(name="input/x", op="IO Node")
    names = ("Net/Linear[a]/y", "Net/Block[b]/Linear[c]/y", "Net/Block[b]/z")
    for before, name in pairwise(("input/x", *names)):
        node = graph.node.add(name=name, op="aten::linear", input=[before])
        node.attr["_output_shapes"].list.shape.add().dim.add(size=4)
    return graph


def _config() -> dict[str, Any]:
    layers: list[dict[str, Any]] = [
        {"class_name": "InputLayer", "config": {"name": "in", "batch_shape": [None, 8, 8, 3]}},
        {"class_name": "Conv2D", "config": {"name": "c", "filters": 4, "kernel_size": [3, 3]}},
        {"class_name": "Dense", "config": {"name": "d", "units": 4, "activation": "relu"}},
    ]
    layers[1]["build_config"] = {"input_shape": [None, 8, 8, 3]}
    layers[2]["inbound_nodes"] = [[["c", 0, 0, {}]]]
    return {"class_name": "Functional", "config": {"layers": layers}}


def _damaged_bytes(rng: random.Random, content: bytes) -> bytes:
    """Bytes flipped, zeroed, lost, doubled, moved, or torn apart by others."""
    changed = bytearray(content)
    for _ in range(rng.randint(1, 4)):
        at, size = rng.randrange(len(changed) or 1), rng.randint(1, 200)
        piece = bytes(changed[at : at + size])
        way = rng.randrange(6)
        if way == 0 and changed:
            changed[at % len(changed)] ^= 1 << rng.randrange(8)
        elif way == 1:
            changed[at : at + size] = bytes(len(piece))
        elif way == 2:
            del changed[at : at + size]
        elif way == 3:
            changed[at:at] = piece
        elif way == 4:
            changed[at:at] = rng.randbytes(size)
        else:
            other = rng.randrange(len(changed) or 1)
            changed[other:other] = piece
    return bytes(changed)


def _rewritten_record(rng: random.Random, content: bytes) -> bytes:
    """Some records with other data, whose checksums hold; one of them several times."""
    records = list(_data_of(content))
    for _ in range(rng.randint(1, 3)):
        index = rng.randrange(len(records))
        data = bytearray(records[index])
        for _ in range(rng.randint(1, 5)):
            at = rng.randrange(len(data) or 1)
            if rng.random() < 0.5 and data:
                data[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
            elif rng.random() < 0.5:
                data[at:at] = rng.randbytes(rng.randint(1, 12))
            else:
                del data[at : at + rng.randint(1, 12)]
        records[index : index + 1] = [bytes(data)] * rng.choice((1, 1, 5, 40))
    return b"".join(map(record, records))


def _lying_length(rng: random.Random, content: bytes) -> bytes:
    """A header whose length is a lie and whose checksum holds, at the border of two records."""
    records = [record(data) for data in _data_of(content)]
    length = rng.choice((0, 1, 1 << 16, 1 << 31, 1 << 32, 1 << 60, (1 << 64) - 1))
    lie = header(length) + rng.randbytes(rng.randint(0, 40))
    records.insert(rng.randrange(len(records) + 1), lie)
    return b"".join(records)


def _data_of(content: bytes) -> Iterator[bytes]:
    starts = record_starts(content)
    for start, end in pairwise([*starts, len(content)]):
        yield content[start + 12 : end - 4]


def main() -> int:
    """Fuzz, and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.reading.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 2**32)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-failures"))
    arguments = parser.parse_args()
    report = fuzz(arguments.seconds, arguments.seed, arguments.keep)
    print(
        f"seed {arguments.seed}: {report.files} files, {report.failures} failures, slowest "
        f"{report.slowest:.2f} s, peak {report.peak:.0f} MB"
    )
    return 1 if report.failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
