"""The layers of a run in model order, each with the tensors that were logged of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tblogreport.context.keras_model import KerasModel, LayerConfig
from tblogreport.context.layer_scalars import LayerScalar, Measure, parse_layer_scalar
from tblogreport.context.series import Series
from tblogreport.context.tensor_names import TensorKind, TensorName, parse_tensor_name
from tblogreport.reading.run import Run
from tblogreport.reading.splits import label

# Weights that were recorded this often show how they moved.
MIN_RECORDS = 4


@dataclass(frozen=True, eq=False)
class Tensor:
    """The histograms of one tensor over the run, as written.

    `steps` int64 [n]; `edges` and `counts` are n float64 arrays of k + 1 and k
    entries, where k may differ from record to record.
    """

    split: str
    tag: str
    layer: str
    kind: TensorKind
    parameter: TensorKind | None
    steps: NDArray[np.int64]
    wall_times: NDArray[np.float64]
    edges: tuple[NDArray[np.float64], ...]
    counts: tuple[NDArray[np.float64], ...]

    @property
    def label(self) -> str:
        """How the tensor is named to people: `train/dense/kernel/histogram`."""
        return label(self.split, self.tag)

    @property
    def size(self) -> float:
        """How many values the tensor has: the count of its fullest record."""
        return max((float(counts.sum()) for counts in self.counts), default=0.0)

    def before(self, wall_time: float) -> Tensor:
        """The same tensor with only the records written before `wall_time` (seconds)."""
        kept = np.flatnonzero(self.wall_times < wall_time)
        return replace(
            self,
            steps=self.steps[kept],
            wall_times=self.wall_times[kept],
            edges=tuple(self.edges[i] for i in kept),
            counts=tuple(self.counts[i] for i in kept),
        )

    def __len__(self) -> int:
        return len(self.steps)


@dataclass(frozen=True)
class Layers:
    """Layer names in model order, input first, and every tensor that was logged."""

    names: tuple[str, ...] = ()
    tensors: tuple[Tensor, ...] = ()
    model: KerasModel | None = None  # the model's own config, where it was logged
    scalars: tuple[LayerScalar, ...] = ()

    def before(self, wall_time: float) -> Layers:
        """The same layers with only the records written before `wall_time` (seconds)."""
        cut = (tensor.before(wall_time) for tensor in self.tensors)
        return replace(
            self,
            tensors=tuple(tensor for tensor in cut if len(tensor)),
            scalars=tuple(scalar.before(wall_time) for scalar in self.scalars),
        )

    def of(self, kind: TensorKind, parameter: TensorKind | None = None) -> tuple[Tensor, ...]:
        """All tensors of a kind in model order, the longest recording of each layer."""
        best: dict[str, Tensor] = {}
        for tensor in self.tensors:
            if tensor.kind == kind and (parameter is None or tensor.parameter == parameter):
                known = best.get(tensor.layer)
                if known is None or len(tensor) > len(known):
                    best[tensor.layer] = tensor
        return tuple(best[name] for name in self.names if name in best)

    def get(
        self, layer: str, kind: TensorKind, parameter: TensorKind | None = None
    ) -> Tensor | None:
        """One layer's tensor of a kind, or None where it was not logged."""
        return next((t for t in self.of(kind, parameter) if t.layer == layer), None)

    def scalar(
        self, layer: str, measure: Measure, parameter: TensorKind | None = None
    ) -> LayerScalar | None:
        """One layer's measure, or None where it was not logged."""
        found = (s for s in self.scalars if (s.layer, s.measure) == (layer, measure))
        return next((s for s in found if parameter is None or s.parameter == parameter), None)

    def config_of(self, layer: str) -> LayerConfig | None:
        """What the model's config says of a layer; None where it is not there."""
        return self.model.layer(layer) if self.model is not None else None

    def activation_of(self, layer: str) -> str | None:
        """The layer's activation function as the model's config names it."""
        config = self.config_of(layer)
        return config.activation if config is not None else None

    def is_frozen(self, layer: str) -> bool:
        """Whether the model's own config declares the layer not trainable."""
        config = self.config_of(layer)
        return config is not None and not config.trainable


def find_layers(run: Run, series: Sequence[Series] = (), model: KerasModel | None = None) -> Layers:
    """The layers of a run, from its histogram tags and the model's config where logged.

    Those of the scalar `series` that measure a layer are kept with it.
    """
    frame = run.histograms
    parsed = {str(tag): parse_tensor_name(str(tag)) for tag in pd.unique(frame["tag"])}
    measured = [(s, found) for s in series if len(s) and (found := parse_layer_scalar(s.tag))]
    names = _layer_names([*parsed.values(), *(name for _, (_, name) in measured)])
    tensors = [
        tensor
        for (tag, split), group in frame.groupby(["tag", "split"], sort=False, observed=True)
        for tensor in _tensors(str(split), str(tag), parsed[str(tag)], names, group)
    ]
    tensors.sort(key=lambda tensor: float(tensor.wall_times[0]))
    tensors = _one_recording([_corrected_scale(tensor, tensors) for tensor in tensors])
    scalars = [
        LayerScalar(_spoken(names[name.path] or s.tag), measure, name.parameter, s)
        for s, (measure, name) in measured
    ]
    scalars.sort(key=lambda scalar: float(scalar.series.wall_times[0]))
    owned: list[Tensor | LayerScalar] = [*tensors, *scalars]
    seen = _counted(tuple(dict.fromkeys(one.layer for one in owned)))
    return Layers(
        names=_model_order(seen, model),
        tensors=tuple(tensors),
        model=model,
        scalars=tuple(scalars),
    )


def _one_recording(tensors: list[Tensor]) -> list[Tensor]:
    """Of weights that two callbacks logged, keep those on the steps of the gradients.

    Those of `tblogreport.instrument` are: they begin with the initial weights, where Keras'
    own count epochs. The others are kept where they are clearly more.
    """
    ours = [t for t in tensors if t.tag.startswith("weights/")]
    known = {(t.layer, t.kind) for t in ours}
    others = [t for t in tensors if t not in ours and (t.layer, t.kind) in known]
    if not ours or not others:
        return tensors
    few = max(map(len, ours)) < min(MIN_RECORDS, max(map(len, others)))
    dropped = {id(t) for t in (ours if few else others)}
    return [t for t in tensors if id(t) not in dropped]


def _layer_names(parsed: list[TensorName]) -> dict[tuple[str, ...], str]:
    """A short name for every path: a path that ends as exactly one longer one is the same layer.

    Then what stands before it (`sequential`) is the model's name and left out everywhere.
    """
    paths = list(dict.fromkeys(name.path for name in parsed))
    separators = {name.path: name.separator for name in parsed}
    homes: dict[tuple[str, ...], tuple[str, ...]] = {}
    for path in paths:
        longer = [p for p in paths if path and len(p) > len(path) and p[-len(path) :] == path]
        homes[path] = longer[0] if len(longer) == 1 else path
    before = {home[: -len(path)] for path, home in homes.items() if home != path}
    own = [path for path in paths if homes[path] == path and path]
    shared = before.pop() if len(before) == 1 else _shared_prefix(own)
    names = {path: separators[home].join(home) for path, home in homes.items()}
    return {path: _shortened(name, shared, separators) for path, name in names.items()}


def _shared_prefix(paths: list[tuple[str, ...]]) -> tuple[str, ...]:
    """What all layers' paths begin with (`sequential`), and nothing a layer is known by."""
    if len(paths) < 2:
        return paths[0][:-1] if paths else ()
    shared: list[str] = []
    for parts in zip(*(path[:-1] for path in paths), strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return tuple(shared)


def _shortened(name: str, shared: tuple[str, ...], separators: dict[tuple[str, ...], str]) -> str:
    for separator in set(separators.values()):
        prefix = separator.join(shared) + separator
        if shared and name.startswith(prefix):
            return name[len(prefix) :]
    return name


def _tensors(
    split: str,
    tag: str,
    name: TensorName,
    layer_names: dict[tuple[str, ...], str],
    group: pd.DataFrame,
) -> Iterator[Tensor]:
    """One tensor, or several where unnamed layers share one tag (Keras 3).

    Then the same number of records follows one another at every step, in layer order; a
    run that was started again comes back to a step later.
    """
    layer = layer_names[name.path]
    steps = group["step"].to_numpy()
    begins = np.flatnonzero(np.diff(steps, prepend=steps[0] - 1))
    occurrence = np.arange(len(steps)) - np.repeat(begins, np.diff(begins, append=len(steps)))
    repeats = int(occurrence.max()) + 1
    shared_tag = repeats > 1 and len(steps) == repeats * len(begins)
    for index in range(repeats if shared_tag else 1):
        rows = group[occurrence == index] if shared_tag else group
        yield Tensor(
            split=split,
            tag=tag,
            layer=_spoken(f"{layer or 'layer'} {index + 1}" if shared_tag else layer or tag),
            kind=name.kind,
            parameter=name.parameter,
            steps=rows["step"].to_numpy(),
            wall_times=rows["wall_time"].to_numpy(),
            edges=tuple(rows["edges"]),
            counts=tuple(rows["counts"]),
        )


def _spoken(layer: str) -> str:
    """A layer that is only a number (PyTorch's Sequential) gets the word before it."""
    return layer if re.search(r"[^\W\d_]", layer) else f"layer {layer}"


def _corrected_scale(tensor: Tensor, tensors: list[Tensor]) -> Tensor:
    """PyTorch calls a normalisation's scale `weight`: its running statistics give it away."""
    normalised = {t.layer for t in tensors if t.kind == TensorKind.STATISTIC}
    if tensor.layer in normalised and tensor.kind in {TensorKind.KERNEL, TensorKind.BIAS}:
        return replace(tensor, kind=TensorKind.SCALE)
    return tensor


def _counted(seen: tuple[str, ...]) -> tuple[str, ...]:
    """Layers that differ in their numbers alone in the order of those: `layer 2`, `layer 10`.

    Else as they appeared: writers write one tensor after the other, in the model's order,
    but may write all gradients before all weights.
    """
    if len({re.sub(r"\d+", "#", name) for name in seen}) > 1:
        return seen
    return tuple(sorted(seen, key=lambda name: [int(n) for n in re.findall(r"\d+", name)]))


def _model_order(seen: tuple[str, ...], model: KerasModel | None) -> tuple[str, ...]:
    """The config's order where it knows every layer, else the order of appearance."""
    order = {id(layer): index for index, layer in enumerate(model.layers)} if model else {}
    known = [model.layer(name) if model else None for name in seen]
    place = {name: order[id(one)] for name, one in zip(seen, known, strict=True) if one}
    return seen if len(place) < len(seen) else tuple(sorted(seen, key=place.__getitem__))
