"""Each reader from an event file to a pandas frame."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import google_crc32c
import numpy as np
import pandas as pd
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.data.server_ingester import (
    ServerBinary,
    SubprocessServerDataIngester,
    get_server_binary,
)
from tensorboard.util import grpc_util, tensor_util

import tblogreport
from tblogreport.reading.stub import quiet_tensorboard

_EVERYTHING = 10**9
_POLL = 0.02  # seconds


def ours(path: Path, last_step: int) -> pd.DataFrame:
    """`tblogreport.read`: checksums verified."""
    (run,) = tblogreport.read(path.parent)
    return run.histograms if len(run.histograms) else run.scalars


def accumulator(path: Path, last_step: int) -> pd.DataFrame:
    """TensorBoard's `EventAccumulator` with everything kept."""
    keep = event_accumulator.STORE_EVERYTHING_SIZE_GUIDANCE | {
        event_accumulator.COMPRESSED_HISTOGRAMS: 1  # nobody asks for those here
    }
    with quiet_tensorboard():
        found = event_accumulator.EventAccumulator(str(path), keep).Reload()
    tags = found.Tags()
    rows = [
        *((t, e.step, e.wall_time, e.value) for t in tags["scalars"] for e in found.Scalars(t)),
        *(
            (t, e.step, e.wall_time, tensor_util.make_ndarray(e.tensor_proto))
            for t in tags["tensors"]
            for e in found.Tensors(t)
        ),
        *(
            (t, e.step, e.wall_time, np.array([h.bucket_limit, h.bucket]))
            for t in tags["histograms"]
            for e in found.Histograms(t)
            for h in [e.histogram_value]
        ),
    ]
    return _frame(rows)


def data_server(path: Path, last_step: int) -> pd.DataFrame:
    """TensorBoard's data server, asked by the client that TensorBoard itself uses."""
    binary: ServerBinary = get_server_binary()
    ingester = SubprocessServerDataIngester(
        server_binary=binary,
        logdir=str(path.parent),
        reload_interval=0,
        channel_creds_type=grpc_util.ChannelCredsType.LOCAL,
        samples_per_plugin=dict.fromkeys(("scalars", "histograms", "images"), 0),
    )
    ingester.start()
    provider = ingester.data_provider
    return _frame(list(_served(provider, last_step)))


def _served(provider: Any, last_step: int) -> Iterator[tuple[Any, ...]]:
    plugin, lists = _loaded(provider, last_step)
    read = provider.read_scalars if plugin == "scalars" else provider.read_tensors
    for tag in lists:
        chosen = {"experiment_id": "", "plugin_name": plugin, "downsample": _EVERYTHING}
        from tensorboard.data import provider as data_provider

        only = data_provider.RunTagFilter(tags=[tag])
        for series in read(None, **chosen, run_tag_filter=only).values():
            for one in series.get(tag, ()):
                value = one.value if plugin == "scalars" else one.numpy
                yield tag, one.step, one.wall_time, value


def _loaded(provider: Any, last_step: int) -> tuple[str, list[str]]:
    """Wait until the server has read the last step of every tag that it will ever have."""
    while True:
        for plugin, listing in (
            ("scalars", provider.list_scalars),
            ("histograms", provider.list_tensors),
        ):
            for series in listing(None, experiment_id="", plugin_name=plugin).values():
                if series and all(one.max_step >= last_step for one in series.values()):
                    return plugin, list(series)
        time.sleep(_POLL)


def floor(path: Path, last_step: int) -> pd.DataFrame:
    """Reading the file and the checksum of all its bytes, and nothing else."""
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            google_crc32c.value(block)
    return pd.DataFrame()


def _frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["tag", "step", "wall_time", "value"])


READERS: dict[str, Callable[[Path, int], pd.DataFrame]] = {
    "tblogreport": ours,
    "accumulator": accumulator,
    "data-server": data_server,
    "floor": floor,
}
