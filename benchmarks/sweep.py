"""How fast a sweep becomes one report: `python -m benchmarks.sweep --help`.

Writes small runs as Keras does (two splits, 50 epochs, 4 scalars, 6 histogram tags,
hyperparameters), a fifth of which diverge, and analyses them into one HTML file in a process of its
own, twice: all of them and a quarter, so that it shows what grows with their number.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.compat.proto.types_pb2 import DT_DOUBLE, DT_FLOAT
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData
from tensorboard.summary.writer.record_writer import RecordWriter

BEGUN = 1_750_000_000.0
EPOCHS, LAYERS, BUCKETS = 50, 6, 30
HIGH = 0.1  # the rate from which on a run diverges
_MEBIBYTE = 1 << 20


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sweep", description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--keep", type=Path, help="where the logs and reports are kept")
    parser.add_argument("--alone", metavar="LOGDIR", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        print(json.dumps(_measure(options.alone, options.jobs)))
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        root = options.keep or Path(temporary)
        print("| runs | seconds | runs/s | MiB at most | MiB a worker | MB of HTML |")
        print("|---|---|---|---|---|---|")
        for count in (options.runs // 4, options.runs):
            logs = root / f"sweep-{count}"
            if not logs.exists():
                write(logs, count)
            command = ["--alone", str(logs), "--jobs", str(options.jobs)]
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.sweep", *command],
                check=True,
                capture_output=True,
                text=True,
            )
            told = json.loads(done.stdout)
            print(
                f"| {count:,} | {told['seconds']:.1f} | {count / told['seconds']:.0f} "
                f"| {told['memory']:.0f} | {told['largest_worker']:.0f} "
                f"| {told['size'] / 1e6:.2f} |"
            )
    return 0


def _measure(logs: Path, jobs: int) -> dict[str, float]:
    begun = time.perf_counter()
    from tblogreport.analysis import analyze

    output = logs.with_suffix(".html")
    analyze(logs, jobs=jobs).write(output)
    return {
        "seconds": time.perf_counter() - begun,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / _MEBIBYTE,
        "largest_worker": max(_peaks_of_children(), default=0.0),
        "size": output.stat().st_size,
    }


def _peaks_of_children() -> Iterator[float]:
    """The peak of memory, in MiB, of every process that this one started and that still runs."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        except OSError:  # it has ended
            continue
        if int(fields["PPid"]) == os.getpid() and "VmHWM" in fields:
            yield int(fields["VmHWM"].split()[0]) / 1024


def write(logs: Path, count: int) -> None:
    """Write so many runs below a directory."""
    rng = np.random.default_rng(0)
    for index in range(count):
        rate = float(rng.choice([1e-4, 3e-4, 1e-3, 3e-3, 1e-2, HIGH]))
        write_run(logs / f"run-{index:05d}", rng, rate, EPOCHS, LAYERS)


def write_run(run: Path, rng: np.random.Generator, rate: float, epochs: int, layers: int) -> None:
    """Write a run as Keras does, with both splits, histograms of kernels, and hyperparameters."""
    chosen = {"learning_rate": rate, "width": float(rng.choice([64, 128, 256]))}
    fall = 2.3 * np.exp(-np.arange(epochs) * rng.uniform(0.06, 0.12))
    train = (0.1 + fall) * rng.normal(1.0, 0.01, epochs)
    if rate >= HIGH:
        train[20:] = train[20] * 1.4 ** np.arange(epochs - 20)
    right = 1.0 - train.clip(0.1, 2.0) / 2.3
    _file(run / "train", _train(rng, train, right, rate, layers), chosen)
    _file(run / "validation", _validation(train * 1.05, right - 0.02))


def _train(
    rng: np.random.Generator, loss: np.ndarray, right: np.ndarray, rate: float, layers: int
) -> Iterator[tuple[int, Summary.Value]]:
    dims = [TensorShapeProto.Dim(size=BUCKETS), TensorShapeProto.Dim(size=3)]
    for epoch in range(len(loss)):
        norm = float(rng.lognormal(0.0, 0.2))
        numbers = (loss[epoch], right[epoch], rate, norm)
        names = ("epoch_loss", "epoch_accuracy", "epoch_learning_rate", "gradient_norm")
        for name, number in zip(names, numbers, strict=True):
            yield epoch, _scalar(name, float(number))
        for layer in range(layers):
            edges = np.linspace(-0.3, 0.3, BUCKETS + 1) * (1 + 0.01 * epoch)
            middle = (edges[:-1] + edges[1:]) / 2
            counts = np.round(1e4 * np.exp(-0.5 * (middle / 0.1 + 0.02 * rng.normal()) ** 2))
            rows = np.stack([edges[:-1], edges[1:], counts], axis=1).astype("<f8")
            tensor = TensorProto(
                dtype=DT_DOUBLE,
                tensor_shape=TensorShapeProto(dim=dims),
                tensor_content=rows.tobytes(),
            )
            yield epoch, _value("histograms", f"dense_{layer}/kernel/histogram", tensor)


def _validation(loss: np.ndarray, right: np.ndarray) -> Iterator[tuple[int, Summary.Value]]:
    for epoch in range(len(loss)):
        yield epoch, _scalar("epoch_loss", float(loss[epoch]))
        yield epoch, _scalar("epoch_accuracy", float(right[epoch]))


def _scalar(tag: str, number: float) -> Summary.Value:
    content = np.array(number, "<f4").tobytes()
    shape = TensorShapeProto()
    return _value(
        "scalars", tag, TensorProto(dtype=DT_FLOAT, tensor_shape=shape, tensor_content=content)
    )


def _value(plugin: str, tag: str, tensor: TensorProto) -> Summary.Value:
    data = SummaryMetadata.PluginData(plugin_name=plugin)
    return Summary.Value(tag=tag, metadata=SummaryMetadata(plugin_data=data), tensor=tensor)


def _hyperparameters(chosen: dict[str, float]) -> Summary.Value:
    content = HParamsPluginData(version=0)
    for name, number in chosen.items():
        content.session_start_info.hparams[name].number_value = number
    data = SummaryMetadata.PluginData(plugin_name="hparams", content=content.SerializeToString())
    return Summary.Value(
        tag="_hparams_/session_start_info", metadata=SummaryMetadata(plugin_data=data)
    )


def _file(
    directory: Path,
    values: Iterator[tuple[int, Summary.Value]],
    chosen: dict[str, float] | None = None,
) -> None:
    directory.mkdir(parents=True)
    with (directory / f"events.out.tfevents.{BEGUN:.0f}.0").open("wb") as file:
        writer = RecordWriter(file)
        writer.write(Event(wall_time=BEGUN, file_version="brain.Event:2").SerializeToString())
        if chosen:
            summary = Summary(value=[_hyperparameters(chosen)])
            writer.write(Event(wall_time=BEGUN, summary=summary).SerializeToString())
        for epoch, value in values:
            event = Event(wall_time=BEGUN + 3.0 * epoch, step=epoch, summary=Summary(value=[value]))
            writer.write(event.SerializeToString())


if __name__ == "__main__":
    sys.exit(main())
