"""What else a run logged, ready to be shown: model, pictures, sounds, texts, hyperparameters."""

from __future__ import annotations

from dataclasses import dataclass

from tblogreport import numbers
from tblogreport.findings import (
    Logged,
    LoggedText,
    Model,
    ModelLayer,
    Picture,
    Pictures,
    RunDiagnosis,
    Sound,
)
from tblogreport.report import words
from tblogreport.report.figures import ChartView, Gallery
from tblogreport.report.text import Label, Prose, label, plain, prose

_LEAST_SIDE = 64  # pixels of the longer side of an image on a page
_MOST_IN_CELL = 60


@dataclass(frozen=True)
class LayerRow:
    """One line of the table of layers."""

    name: Label
    kind: str
    shape: str
    parameters: str


@dataclass(frozen=True)
class ModelView:
    """The model: what is known of it, its layers, and how they hang together."""

    source: str
    facts: tuple[tuple[str, str], ...]
    rows: tuple[LayerRow, ...]
    has_kinds: bool  # whether there is more to say of layers than their parameters
    graph: ChartView | None
    has_structures: bool  # whether boxes of the graph have colours


@dataclass(frozen=True)
class PictureView:
    """One thumbnail: where it is, and how large it is shown (pixels)."""

    key: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True)
class PicturesView:
    """The images of one tag, those of its first step and those of its last."""

    tag: Label
    said: str
    groups: tuple[tuple[str, tuple[PictureView, ...]], ...]  # what step, and its images


@dataclass(frozen=True)
class SoundView:
    """One sound: where it can be played, if there was room for it, and its outline."""

    key: str
    tag: Label
    said: str
    playable: bool


@dataclass(frozen=True)
class TextView:
    """One text, or one table with its heading first."""

    tag: Label
    said: str
    text: str
    table: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class LoggedView:
    """All of it; parts that were not logged are empty."""

    model: ModelView | None
    hparams: tuple[tuple[Label, str], ...]
    pictures: tuple[PicturesView, ...]
    sounds: tuple[SoundView, ...]
    texts: tuple[TextView, ...]
    precision_recall: tuple[ChartView, ...]
    scalars: tuple[ChartView, ...]
    left_out: tuple[Prose, ...]
    present: bool  # whether there is anything to show

    def charts(self) -> tuple[ChartView, ...]:
        """Its charts, in their order."""
        graph = self.model.graph if self.model else None
        return (*([graph] if graph else []), *self.precision_recall, *self.scalars)

    def small_charts(self) -> tuple[ChartView, ...]:
        """Those of them that stand side by side."""
        return (*self.precision_recall, *self.scalars)


def logged_view(run: RunDiagnosis, gallery: Gallery) -> LoggedView:
    """Everything a report shows of what else was logged; pictures go into the gallery."""
    logged = run.logged
    return LoggedView(
        model=_model(logged.model, gallery) if logged.model else None,
        hparams=tuple(
            (label(name), label(numbers.setting(value), 120).shown)
            for name, value in run.hparams.items()
        ),
        pictures=tuple(_pictures(one, run, gallery) for one in logged.pictures),
        sounds=tuple(_sound(one, run, gallery) for one in logged.sounds),
        texts=tuple(_text(one, run) for one in logged.texts),
        precision_recall=tuple(gallery.add(chart) for chart in logged.precision_recall),
        scalars=tuple(gallery.add(chart) for chart in logged.scalars),
        left_out=tuple(map(prose, logged.left_out)),
        present=bool(run.hparams) or logged != Logged(),
    )


def _model(model: Model, gallery: Gallery) -> ModelView:
    return ModelView(
        source=model.source,
        facts=tuple((term, label(value).shown) for term, value in model.facts),
        rows=tuple(map(_layer, model.layers)),
        has_kinds=any(layer.kind for layer in model.layers),
        graph=gallery.add(model.graph) if model.graph else None,
        has_structures=any(
            node.structure is not None for node in (model.graph.nodes if model.graph else ())
        ),
    )


def _layer(layer: ModelLayer) -> LayerRow:
    kind = ", ".join(filter(None, [layer.kind, layer.activation]))
    frozen = "" if layer.trainable else " (frozen)"
    amount = layer.parameters
    return LayerRow(
        name=label(layer.name, _MOST_IN_CELL),
        kind=label(f"{kind}{frozen}".strip(), _MOST_IN_CELL).shown,
        shape=label(layer.shape, _MOST_IN_CELL).shown or "–",
        parameters="–" if amount is None else numbers.integer(amount),
    )


def _at(step: int, run: RunDiagnosis) -> str:
    return words.span((step, step), words.axis_of(step, run))


def _pictures(one: Pictures, run: RunDiagnosis, gallery: Gallery) -> PicturesView:
    groups = [(_at(group[0].step, run), group) for group in (one.first, one.last) if group]
    said = [_split(one.split), f"logged at {words.count(one.steps, 'step')}"]
    if one.left_out:
        said.append(f"{words.count(one.left_out, 'more image')} of each")
    return PicturesView(
        tag=label(one.tag),
        said=", ".join(filter(None, said)),
        groups=tuple(
            (when, tuple(_picture(picture, one, when, gallery) for picture in group))
            for when, group in groups
        ),
    )


def _picture(picture: Picture, one: Pictures, when: str, gallery: Gallery) -> PictureView:
    width, height = _fitted(picture)
    size = f"{numbers.integer(picture.width)} × {numbers.integer(picture.height)} pixels"
    alt = f"An image of {label(one.tag).shown} at {when}, {size}"
    return PictureView(gallery.add_picture(picture), alt, width, height)


def _fitted(picture: Picture) -> tuple[int, int]:
    """The size it is shown in: small images are made larger by a whole number."""
    longer = max(picture.width, picture.height, 1)
    most = 160
    scale = max(1, _LEAST_SIDE // longer) if longer <= most else most / longer
    return max(1, round(picture.width * scale)), max(1, round(picture.height * scale))


def _sound(one: Sound, run: RunDiagnosis, gallery: Gallery) -> SoundView:
    said = [
        _split(one.split),
        _at(one.step, run),
        words.duration(one.seconds),
        f"{numbers.integer(one.rate)} samples a second",
        label(one.label).shown,
    ]
    return SoundView(
        key=gallery.add_sound(one),
        tag=label(one.tag),
        said=", ".join(filter(None, said)),
        playable=bool(one.wav),
    )


def _text(one: LoggedText, run: RunDiagnosis) -> TextView:
    said = [_split(one.split), _at(one.step, run)]
    if one.steps > 1:
        said.append(f"the last of {numbers.integer(one.steps)}")
    return TextView(
        tag=label(one.tag),
        said=", ".join(filter(None, said)),
        text=plain(one.text),
        table=tuple(tuple(label(cell, 120).shown for cell in row) for row in one.table),
    )


def _split(split: str) -> str:
    return label(split).shown
