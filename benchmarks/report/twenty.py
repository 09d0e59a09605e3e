"""A long run with twenty findings, each with a chart as large as charts become."""

from __future__ import annotations

import numpy as np

from tblogreport.findings import (
    BandChart,
    Cause,
    Curve,
    CurveChart,
    Diagnosis,
    Evidence,
    Finding,
    HeatMap,
    Mark,
    RunDiagnosis,
    Severity,
    Verdict,
)

FINDINGS = 20
STEPS = 1_000_000
BUCKETS, RECORDS, LAYERS = 200, 100, 40
MESSAGE = "The loss has risen from 0.31 (step 120 000) to 0.58 while its trend pointed down. "


def diagnosis() -> Diagnosis:
    """The same one at every call."""
    rng = np.random.default_rng(20)
    findings = tuple(_finding(rng, number) for number in range(FINDINGS))
    cause = Cause("learning-rate-too-high", 0.9, ("loss-spikes",), MESSAGE, (MESSAGE,))
    run = RunDiagnosis(
        name="twenty-findings",
        path="logs/twenty-findings",
        verdict=Verdict.FAILING,
        headline="The loss never settled: the learning rate (0.5) is too high for this model.",
        steps=(0, STEPS),
        axis="step",
        splits=("train", "validation"),
        roles={"train_loss": ("train", "loss")},
        notes=(),
        causes=(cause,),
        findings=findings,
        checks=(),
        overview=_curves(rng, "The loss over the whole run"),
        curves=tuple(_curves(rng, f"How metric {number} moved") for number in range(4)),
        layers=tuple(_bands(rng, f"Weights of layer {number}") for number in range(6)),
    )
    return Diagnosis(runs=(run,), version="0")


def _finding(rng: np.random.Generator, number: int) -> Finding:
    return Finding(
        check="loss-spikes",
        severity=Severity.ERROR,
        confidence=0.9,
        title=f"Finding {number + 1} of {FINDINGS}",
        message=MESSAGE * 2,
        why=MESSAGE,
        fixes=(MESSAGE, MESSAGE),
        tags=("train/loss",),
        steps=(120_000, STEPS),
        measured={"rise": float(rng.random()), "trend_p": float(rng.random())},
        thresholds={"rise": 0.15, "trend_p": 0.01},
        evidence=(_evidence(rng, number),),
        explained_by="learning-rate-too-high" if number < 3 else None,
    )


def _evidence(rng: np.random.Generator, number: int) -> Evidence:
    drawing = (_curves, _bands, _heat_map)[number % 3]
    return drawing(rng, f"Chart of finding {number + 1}")


def _curves(rng: np.random.Generator, title: str) -> CurveChart:
    curves = tuple(_curve(rng, split) for split in ("train", "validation"))
    return CurveChart(title, curves, (Mark("rises", 120_000, STEPS),), "loss")


def _curve(rng: np.random.Generator, split: str) -> Curve:
    steps = np.linspace(0, STEPS, BUCKETS).round()
    trend = 2.3 * np.exp(-steps / 200_000) + 0.3
    noise = np.sort(rng.lognormal(0.0, 0.2, (3, BUCKETS)), axis=0)
    return Curve(
        tag="loss",
        split=split,
        role=f"{split}_loss",
        axis="step",
        steps=steps,
        low=trend * noise[0],
        middle=trend * noise[1],
        high=trend * noise[2],
        smooth=trend,
        points=STEPS,
        nonfinite_steps=np.array([], np.int64),
    )


def _bands(rng: np.random.Generator, title: str) -> BandChart:
    steps = np.linspace(0, STEPS, RECORDS).round()
    offsets = np.array([-3.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 3.0])
    width = rng.lognormal(0.0, 0.1, (RECORDS, 1))
    return BandChart(title, "dense/kernel", "train", "dense", "kernel", steps, width * offsets)


def _heat_map(rng: np.random.Generator, title: str) -> HeatMap:
    return HeatMap(
        title=title,
        quantity="gradient RMS",
        layers=tuple(f"dense_{number}" for number in range(LAYERS)),
        steps=np.linspace(0, STEPS, RECORDS).round(),
        values=rng.lognormal(-4.0, 2.0, (LAYERS, RECORDS)),
        log=True,
    )
