"""The layers of a run: a heat map of each quantity, and the distributions of those that matter."""

from __future__ import annotations

from collections.abc import Sequence

from tblogreport.context.layer_scalars import Measure
from tblogreport.context.layers import Tensor
from tblogreport.context.tensor_names import TensorKind
from tblogreport.findings import BandChart, Finding, HeatMap, HistogramChart, Severity
from tblogreport.signals import Signals
from tblogreport.signals.charts import band_chart, heat_map, histogram_chart

_MAX_BAND_CHARTS = 6
_MAX_WITH_HISTOGRAMS = 4
_NOUNS = {
    TensorKind.KERNEL: "Weights",
    TensorKind.GRADIENT: "Gradients",
    TensorKind.ACTIVATION: "Outputs",
}


def layer_charts(
    signals: Signals, findings: Sequence[Finding]
) -> tuple[HeatMap | BandChart | HistogramChart, ...]:
    """Heat maps of all layers, then the distributions of the layers that matter."""
    marked = [f.layer for f in findings if f.layer and f.severity != Severity.INFO]
    maps = (
        _gradients(signals, marked),
        _zeros(signals, marked),
        _updates(signals, marked),
        _weights(signals, marked),
    )
    return (*(one for one in maps if one is not None), *_distributions(signals, marked))


def _gradients(signals: Signals, marked: Sequence[str]) -> HeatMap | None:
    tensors = signals.context.layers.of(TensorKind.GRADIENT, TensorKind.KERNEL)
    rms = [signals.tensor(t).rms for t in tensors]
    title = "How strong the gradient is in each layer"
    if len(tensors) > 1:
        return heat_map(
            signals, tensors, rms, title=title, quantity="gradient RMS", log=True, marked=marked
        )
    return _of_scalars(signals, Measure.GRADIENT_NORM, title, "gradient norm", marked)


def _zeros(signals: Signals, marked: Sequence[str]) -> HeatMap | None:
    title = "Share of outputs that are zero in each layer"
    exact = _of_scalars(signals, Measure.ZERO_SHARE, title, "share of zeros", marked)
    if exact is not None:
        return exact
    tensors = signals.context.layers.of(TensorKind.ACTIVATION)
    if len(tensors) < 2:
        return None
    return heat_map(
        signals,
        tensors,
        [signals.tensor(t).zero_share[:, 0] for t in tensors],
        title="Share of outputs that are certainly zero in each layer",
        quantity="share of zeros",
        limits=(0.0, 1.0),
        marked=marked,
    )


def _updates(signals: Signals, marked: Sequence[str]) -> HeatMap | None:
    title = "How far one update moves the weights of each layer"
    return _of_scalars(signals, Measure.UPDATE_RATIO, title, "update / weights", marked)


def _weights(signals: Signals, marked: Sequence[str]) -> HeatMap | None:
    kernels = signals.context.layers.of(TensorKind.KERNEL)
    if len(kernels) < 2:
        return None
    return heat_map(
        signals,
        kernels,
        [signals.tensor(t).spread for t in kernels],
        title="How widely the weights of each layer are spread",
        quantity="spread of the weights",
        log=True,
        marked=marked,
    )


def _of_scalars(
    signals: Signals, measure: Measure, title: str, quantity: str, marked: Sequence[str]
) -> HeatMap | None:
    """The map of a measure that was logged as scalars; shares lie between 0 and 1."""
    share = measure is Measure.ZERO_SHARE
    layers = signals.context.layers
    chosen = [
        scalar
        for scalar in layers.scalars
        if scalar.measure is measure
        and scalar.parameter in {None, TensorKind.KERNEL}
        and len(scalar.series)
    ]
    chosen.sort(key=lambda scalar: _place(layers.names, scalar.layer))
    if len({scalar.layer for scalar in chosen}) < 2:
        return None
    return heat_map(
        signals,
        chosen,
        [scalar.series.values for scalar in chosen],
        title=title,
        quantity=quantity,
        log=not share,
        limits=(0.0, 1.0) if share else None,
        marked=marked,
    )


def _place(names: Sequence[str], layer: str) -> int:
    return names.index(layer) if layer in names else len(names)


def _distributions(signals: Signals, marked: Sequence[str]) -> list[BandChart | HistogramChart]:
    """Bands over the run, and for layers with a finding the first and the last histogram."""
    tensors = _chosen(signals.context.layers.tensors, marked)
    distinct = list({(t.layer, t.kind, t.parameter): t for t in tensors}.values())
    charts: list[BandChart | HistogramChart] = []
    most = _MAX_WITH_HISTOGRAMS if marked else _MAX_BAND_CHARTS
    for tensor in distinct[:most]:
        what = f"{_NOUNS[tensor.kind]} of {tensor.layer}{_of_bias(tensor)}"
        charts.append(band_chart(signals, tensor, what))
        if tensor.layer in marked:
            both = histogram_chart(signals, tensor, f"{what}, first and last record")
            charts += [both] if both is not None else []
    return charts


def _chosen(tensors: Sequence[Tensor], marked: Sequence[str]) -> list[Tensor]:
    """Tensors of the layers with a finding, else the kernels; those with two records or more."""
    usable = [t for t in tensors if len(t) >= 2 and t.kind in _NOUNS]
    if marked:
        return [t for name in dict.fromkeys(marked) for t in usable if t.layer == name]
    return [t for t in usable if t.kind == TensorKind.KERNEL] or usable


def _of_bias(tensor: Tensor) -> str:
    return " (bias)" if tensor.parameter == TensorKind.BIAS else ""
