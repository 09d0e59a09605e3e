"""Diagnoses to render: realistic ones, and hostile ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tblogreport.findings import (
    BandChart,
    Best,
    Cause,
    CheckResult,
    Curve,
    CurveChart,
    Diagnosis,
    Event,
    Finding,
    HeatMap,
    Mark,
    Note,
    RunDiagnosis,
    Severity,
    Status,
    Verdict,
)

from . import logged_factory

SCRIPT = "<script>alert(1)</script>"
HOSTILE_TAG = f"{SCRIPT}\x07\x1b[31m\u202egnp.exe\u202c $x_1^2$ #let `a` \\ 😀 @everyone | 100%"
LONG_TAG = "layer/" * 1_666 + "loss"


def curve(
    tag: str,
    split: str,
    role: str,
    values: np.ndarray | list[float],
    steps: np.ndarray | list[float] | None = None,
    axis: str = "epoch",
    spread: float = 0.0,
    smooth: np.ndarray | None = None,
) -> Curve:
    middle = np.asarray(values, float)
    at = np.arange(len(middle), dtype=float) if steps is None else np.asarray(steps, float)
    bad = ~np.isfinite(middle)
    return Curve(
        tag=tag,
        split=split,
        role=role,
        axis=axis,
        steps=at,
        low=np.where(bad, np.nan, middle - spread),
        middle=np.where(bad, np.nan, middle),
        high=np.where(bad, np.nan, middle + spread),
        smooth=smooth,
        points=len(middle),
        nonfinite_steps=at[bad].astype(np.int64),
    )


def bands(title: str, tag: str, layer: str, kind: str, scale: np.ndarray) -> BandChart:
    offsets = np.array([-3.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 3.0])
    return BandChart(
        title=title,
        tag=tag,
        split="train",
        layer=layer,
        kind=kind,
        steps=np.arange(len(scale), dtype=float),
        quantiles=scale[:, None] * offsets[None, :] + np.linspace(0, 0.1, len(scale))[:, None],
        axis="epoch",
        description=f"The values of {tag} as percentile bands over epochs.",
    )


def _losses() -> tuple[Curve, Curve]:
    rng = np.random.default_rng(3)
    epochs = np.arange(50)
    swing = np.where(epochs % 3 == 0, 0.9, 0.1) * (0.6 + 0.4 * rng.random(50))
    train = 1.4 * np.exp(-epochs / 1.5) + 0.55 + swing * (epochs > 2)
    valid = train + 0.15 + 0.25 * rng.random(50) * (epochs > 2)
    valid[2] = 0.61
    return (
        curve("epoch_loss", "train", "train_loss", train),
        curve("epoch_loss", "validation", "validation_loss", valid),
    )


def checks(fired: tuple[str, ...], unchecked: tuple[str, ...] = ()) -> tuple[CheckResult, ...]:
    names = (
        "dead-layer",
        "diverging-loss",
        "nan-or-inf",
        "non-converging-loss",
        "oscillating-loss",
        "overfitting",
        "unchanged-weights",
        "vanishing-gradients",
    )
    reason = "No gradients were logged; add `TensorHealth(log_dir, data)` to the callbacks."
    results = []
    for name in names:
        if name in fired:
            results.append(CheckResult(name, Status.FIRED))
        elif name in unchecked:
            results.append(CheckResult(name, Status.NOT_CHECKABLE, reason))
        else:
            results.append(CheckResult(name, Status.CLEAN))
    return tuple(results)


def failing_run(name: str = "20260101-120000") -> RunDiagnosis:
    train, valid = _losses()
    rate = curve("epoch_learning_rate", "train", "learning_rate", [0.5] * 50)
    accuracy = curve("epoch_accuracy", "train", "metric", np.linspace(0.3, 0.4, 50))
    layers = ("dense", "dense_1", "dense_2", "dense_3")
    shares = np.tile(np.array([[0.3], [0.5], [0.98], [0.4]]), (1, 50))
    shares[2, :3] = 0.6
    overview = CurveChart(
        title="Train and validation loss over the whole run",
        curves=(train, valid, rate),
        marks=(Mark("best", 2, 2), Mark("oscillates", 3, 49), Mark("dense_2 dies", 3, 3)),
        y_label="loss",
        description="Both losses fall for three epochs and swing without a trend after that.",
    )
    oscillating = Finding(
        check="oscillating-loss",
        severity=Severity.ERROR,
        confidence=0.93,
        title="The loss swings without settling",
        message="Train loss swings by 0.9 (41 % of its level) every 2–3 epochs from epoch 3 on, "
        "without a downward trend: each step is too long for the valley it is in.",
        why="A loss that jumps across its minimum cannot reach it, however long training goes on.",
        fixes=(
            "Lower the learning rate from 0.5 to 0.02: `keras.optimizers.SGD(0.02)`, "
            "`torch.optim.SGD(model.parameters(), lr=0.02)`; the swings should be gone "
            "within two epochs.",
            "Or warm up to 0.5 over the first 500 steps.",
        ),
        tags=("train/epoch_loss", "validation/epoch_loss"),
        steps=(3, 49),
        measured={"swing": 0.41, "lag_1_autocorrelation": -0.63, "net_progress": float("nan")},
        thresholds={"swing": 0.15, "lag_1_autocorrelation": -0.3, "least_points": 8},
        references=("https://arxiv.org/abs/1506.01186", "Bengio 2012, section 3.1"),
        evidence=(
            CurveChart(
                title="Train loss crosses its level again and again",
                curves=(train,),
                marks=(Mark("oscillates", 3, 49),),
                y_label="train loss",
            ),
        ),
        explained_by="learning-rate-too-high",
    )
    dead = Finding(
        check="dead-layer",
        severity=Severity.ERROR,
        confidence=0.99,
        title="dense_2 is dead",
        message="98 % of the units of dense_2 have put out zero since epoch 3.",
        why="A unit that puts out zero for every input gets no gradient and never recovers.",
        fixes=("Lower the learning rate.", "Use He initialisation and Leaky ReLU."),
        tags=("train/activations/dense_2",),
        layer="dense_2",
        steps=(3, 49),
        measured={"zero_share": 0.981, "epochs": 47},
        thresholds={"zero_share": 0.98},
        evidence=(
            HeatMap(
                title="dense_2 puts out zero from epoch 3 on",
                quantity="share of zero activations",
                layers=layers,
                steps=np.arange(50.0),
                values=shares,
                log=False,
                marked_layers=("dense_2",),
                axis="epoch",
            ),
        ),
        explained_by="learning-rate-too-high",
    )
    schedule = Finding(
        check="overfitting",
        severity=Severity.WARNING,
        confidence=0.62,
        title="Validation loss has been rising since epoch 2",
        message="Validation loss rose from 0.61 (epoch 2) to 1.4 (epoch 49).",
        why="What is learned after the turn does not hold on new data.",
        fixes=("Restore epoch 2.",),
        tags=("validation/epoch_loss",),
        steps=(2, 49),
        measured={"rebound": 1.3},
        thresholds={"rebound": 0.05},
        evidence=(
            CurveChart(
                "Validation loss turned at epoch 2", (train, valid), (Mark("best", 2, 2),), "loss"
            ),
        ),
    )
    decay = np.geomspace(1.0, 0.2, 50)
    return RunDiagnosis(
        name=name,
        path=f"logs/fit/{name}",
        verdict=Verdict.FAILING,
        headline="The loss never settled: the learning rate (0.5) is too high for this model.",
        steps=(0, 49),
        axis="epoch",
        splits=("train", "validation"),
        roles={
            "train_loss": ("train", "epoch_loss"),
            "validation_loss": ("validation", "epoch_loss"),
            "learning_rate": ("train", "epoch_learning_rate"),
        },
        notes=(
            Note(
                "truncated-file",
                "events.out.tfevents.1767268800.v2 ends in the middle of a record: "
                "412 records before it were read.",
                Path("logs/fit") / name / "train" / "events.out.tfevents.1767268800.v2",
            ),
        ),
        causes=(
            Cause(
                cause="learning-rate-too-high",
                confidence=0.9,
                explains=("oscillating-loss", "dead-layer"),
                summary="The learning rate (0.5) is too high for this model.",
                fixes=(
                    "Lower the learning rate to about 0.02, or warm up to 0.5 over the first "
                    "500 steps.",
                ),
                evidence_for=(
                    "Loss swings by 0.9 (41 % of its level) every 2–3 epochs without a downward "
                    "trend",
                    "dense_2 has been dead since epoch 3 (98 % of its units output zero)",
                ),
                evidence_against=("Train loss fell by half in the first two epochs",),
            ),
        ),
        findings=(dead, oscillating, schedule),
        timeline=(
            Event("best", 2, 1_767_269_100.0, "`validation/epoch_loss` is at its best, 0.61"),
            Event("dead-layer", 3, 1_767_269_250.0, "dense_2 is dead"),
        ),
        to_log="Log next time the norm of the gradient, so that 1 more check can be made.",
        checks=checks(
            ("oscillating-loss", "dead-layer", "overfitting"),
            ("vanishing-gradients", "unchanged-weights"),
        ),
        duration=6_912.0,
        started=1_767_268_800.0,
        best=Best("epoch_loss", "validation_loss", 2, 0.6104),
        wasted_from=2,
        wasted_seconds=6_720.0,
        overview=overview,
        curves=(
            CurveChart("Loss of train and validation", (train, valid), (), "loss"),
            CurveChart("Accuracy on the training data", (accuracy,), (), "accuracy"),
        ),
        layers=(
            bands("Weights of dense", "dense/kernel/histogram", "dense", "kernel", decay),
            bands("Weights of dense_2", "dense_2/kernel/histogram", "dense_2", "kernel", decay / 2),
            bands("Activations of dense_2", "activations/dense_2", "dense_2", "activation", decay),
        ),
    )


def healthy_run(name: str = "digits-mlp") -> RunDiagnosis:
    steps = np.linspace(0, 60_000, 200)
    rng = np.random.default_rng(5)
    trend = 2.3 * np.exp(-steps / 6_000) + 0.004
    noisy = trend * np.exp(0.25 * rng.standard_normal(200))
    train = Curve(
        "train/loss",
        "train",
        "train_loss",
        "step",
        steps,
        noisy * 0.7,
        noisy,
        noisy * 1.5,
        trend,
        60_000,
        np.array([], np.int64),
    )
    valid = curve(
        "eval/loss", "validation", "validation_loss", trend[::10] + 0.08, steps[::10], "step"
    )
    rate = curve(
        "lr", "train", "learning_rate", np.linspace(1e-3, 0, 200), steps=steps, axis="step"
    )
    return RunDiagnosis(
        name=name,
        path=f"logs/{name}",
        verdict=Verdict.HEALTHY,
        headline="Nothing is wrong that these logs can show.",
        steps=(0, 60_000),
        axis="step",
        splits=("train", "validation"),
        roles={"train_loss": ("train", "train/loss")},
        notes=(),
        causes=(),
        findings=(),
        checks=checks((), ("vanishing-gradients",)),
        duration=3_725.0,
        started=1_767_268_800.0,
        best=Best("eval/loss", "validation_loss", 60_000, 0.0841),
        overview=CurveChart(
            "Train and validation loss over the whole run", (train, valid, rate), (), "loss"
        ),
        curves=(CurveChart("Loss of train and validation", (train, valid), (), "loss"),),
    )


def unknown_run(name: str = "short") -> RunDiagnosis:
    return RunDiagnosis(
        name=name,
        path=f"logs/{name}",
        verdict=Verdict.UNKNOWN,
        headline="Too little was logged to say whether this run is healthy.",
        steps=None,
        axis="step",
        splits=("",),
        roles={},
        notes=(Note("no-events", "events.out.tfevents.1 holds no events."),),
        causes=(),
        findings=(),
        checks=tuple(
            CheckResult(c.check, Status.NOT_CHECKABLE, "No loss was logged.") for c in checks(())
        ),
    )


def suspect_run(name: str = "épreuve n° 2/läufe") -> RunDiagnosis:
    finding = Finding(
        check="overfitting",
        severity=Severity.WARNING,
        confidence=0.88,
        title="Validation loss has been rising since step 1 200",
        message="Validation loss rose from 0.31 (step 1 200) to 0.58 while train loss fell.",
        why="The model is memorising.",
        fixes=("Stop at step 1 200.",),
        steps=(1_200, 5_000),
    )
    steps = np.linspace(0, 5_000, 40)
    falling = curve("loss", "train", "train_loss", 2 * np.exp(-steps / 900), steps, "step")
    return RunDiagnosis(
        name=name,
        path=f"logs/{name}",
        verdict=Verdict.SUSPECT,
        headline="The model memorises: validation loss rises while train loss falls.",
        steps=(0, 5_000),
        axis="step",
        splits=("train", "validation"),
        roles={"train_loss": ("train", "loss")},
        notes=(),
        causes=(),
        findings=(finding,),
        checks=checks(("overfitting",)),
        duration=95.0,
        best=Best("val_loss", "validation_loss", 1_200, 0.31),
        wasted_from=1_200,
        wasted_seconds=72.0,
        overview=CurveChart("Train loss over the whole run", (falling,), (), "loss"),
    )


def hostile_run() -> RunDiagnosis:
    empty = np.array([], float)
    nothing = Curve(
        HOSTILE_TAG, "train", "train_loss", "step", empty, empty, empty, empty, None, 0,
        np.array([], np.int64),
    )  # fmt: skip
    nan = curve(LONG_TAG, "validation", "validation_loss", [np.nan] * 5, axis="step")
    one = curve("$\\frac{", "", "other", [1e300], axis="step")
    chart = CurveChart(
        f"{HOSTILE_TAG} rises", (nothing, nan, one), (Mark(HOSTILE_TAG, 0, 3),), HOSTILE_TAG
    )
    heat = HeatMap(
        "Gradients of " + HOSTILE_TAG,
        HOSTILE_TAG,
        (HOSTILE_TAG, LONG_TAG),
        np.array([0.0, 1.0, 10.0]),
        np.array([[np.nan, np.inf, 0.0], [1e-300, 1.0, 1e300]]),
        log=True,
        marked_layers=(HOSTILE_TAG,),
    )
    band = BandChart(
        HOSTILE_TAG, HOSTILE_TAG, "", HOSTILE_TAG, "other", np.array([0.0, 1.0]),
        np.full((2, 9), np.nan),
    )  # fmt: skip
    finding = Finding(
        check="nan-or-inf",
        severity=Severity.ERROR,
        confidence=1.0,
        title=f"{HOSTILE_TAG} is not a number",
        message=f"{HOSTILE_TAG} and {LONG_TAG} are NaN; a ` stands alone.",
        why=HOSTILE_TAG,
        fixes=(HOSTILE_TAG, f"`{HOSTILE_TAG}`"),
        tags=(HOSTILE_TAG, LONG_TAG),
        layer=HOSTILE_TAG,
        steps=(0, 4),
        measured={HOSTILE_TAG: float("inf"), "note": HOSTILE_TAG},
        thresholds={"value": float("-inf")},
        references=("javascript:alert(1)", f"https://example.org/{SCRIPT}"),
        evidence=(chart, heat, band),
        explained_by="numerical-error",
    )
    return RunDiagnosis(
        name=HOSTILE_TAG,
        path=f"logs/{HOSTILE_TAG}",
        verdict=Verdict.FAILING,
        headline=HOSTILE_TAG,
        steps=(0, 4),
        axis="step",
        splits=("train", "validation"),
        roles={"train_loss": ("train", HOSTILE_TAG)},
        timeline=(Event("best", 10**15, 1e18, f"`{HOSTILE_TAG}` is at its best"),),
        to_log=f"Log {HOSTILE_TAG} next time.",
        notes=(Note("damaged-file", HOSTILE_TAG, Path("x\udc80y")), Note("unreadable", "x\udc80y")),
        causes=(
            Cause("numerical-error", 0.5, ("nan-or-inf",), HOSTILE_TAG, (HOSTILE_TAG,), (SCRIPT,)),
        ),
        findings=(finding,),
        checks=(
            CheckResult("nan-or-inf", Status.FIRED),
            CheckResult("overfitting", Status.NOT_CHECKABLE, HOSTILE_TAG),
            CheckResult("dead-layer", Status.CRASHED, HOSTILE_TAG),
        ),
        duration=float("nan"),
        started=1e300,
        best=Best(HOSTILE_TAG, "validation_loss", 3, float("inf")),
        overview=chart,
        curves=(chart,),
        layers=(band, heat),
    )


def diagnosis(*runs: RunDiagnosis, command: str | None = None) -> Diagnosis:
    return Diagnosis(runs=runs, version="0.1.0", command=command)


def failing() -> Diagnosis:
    return diagnosis(failing_run(), command="tblogreport analyze logs/fit -o report.html")


def healthy() -> Diagnosis:
    return diagnosis(healthy_run(), command="tblogreport analyze logs/digits-mlp")


def unknown() -> Diagnosis:
    return diagnosis(unknown_run())


def several() -> Diagnosis:
    return diagnosis(failing_run(), suspect_run(), unknown_run(), healthy_run())


def hostile() -> Diagnosis:
    return Diagnosis(
        runs=(hostile_run(),),
        version="0.1.0",
        command=f"tblogreport analyze '{SCRIPT}'",
        notes=(Note("unreadable", f"{HOSTILE_TAG} cannot be read."),),
    )


def rich() -> Diagnosis:
    return diagnosis(logged_factory.rich(healthy_run()))


def rich_hostile() -> Diagnosis:
    return diagnosis(logged_factory.rich(healthy_run(), text=HOSTILE_TAG))


def nothing() -> Diagnosis:
    return diagnosis()


ALL = {
    "failing": failing,
    "healthy": healthy,
    "unknown": unknown,
    "several": several,
    "hostile": hostile,
    "rich": rich,
    "rich-hostile": rich_hostile,
    "nothing": nothing,
}
