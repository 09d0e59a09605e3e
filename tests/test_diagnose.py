"""How one run, and a directory of runs, come to their diagnosis."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import tblogreport
from tblogreport.analysis import analyze
from tblogreport.checks.base import Check, NotCheckable
from tblogreport.config import Config, ConfigError
from tblogreport.diagnose import diagnose_run, select_checks
from tblogreport.findings import Finding, Severity, Status, Verdict
from tblogreport.reading import LogDirError
from tblogreport.report.summary import do_first
from tblogreport.signals import Signals
from tests.eventfiles import write_run
from tests.families import time_of
from tests.runs import BEGUN, DURATION, Scalar, diagnose, make_run
from tests.tensors import bad_loss, good_loss, recorded, training

FALL = 0.2 + 2 * np.exp(-8 * time_of(60))
LOST = np.where(np.arange(60) > 30, np.nan, FALL)


def finding(severity: Severity, confidence: float = 0.9, name: str = "made-up") -> Finding:
    return Finding(
        name, severity, confidence, "It is so", "It is so.", "It matters.", ("Mend it.",)
    )


def check(*findings: Finding, name: str = "made-up") -> Check:
    return Check(name, lambda _: findings, "")


def crash(signals: Signals) -> Sequence[Finding]:
    raise RuntimeError("out of luck")


def abstain(signals: Signals) -> Sequence[Finding]:
    raise NotCheckable("log more")


@pytest.mark.parametrize(
    ("severities", "verdict"),
    [
        ([Severity.ERROR, Severity.INFO], Verdict.FAILING),
        ([Severity.WARNING, Severity.INFO], Verdict.SUSPECT),
        ([Severity.INFO], Verdict.HEALTHY),
        ([], Verdict.HEALTHY),
    ],
)
def test_the_worst_finding_makes_the_verdict(severities: list[Severity], verdict: Verdict) -> None:
    clean = check(name="clean")
    found = check(*map(finding, severities))
    run = make_run(Scalar("loss", FALL))
    assert diagnose_run(run, [found, clean], Config()).verdict == verdict


@pytest.mark.parametrize(
    "series",
    [[], [Scalar("energy", FALL)], [Scalar("loss", FALL[:3])], [Scalar("accuracy", FALL)]],
    ids=["nothing", "unknown tag", "three points", "metric only"],
)
def test_silence_is_never_health(series: list[Scalar]) -> None:
    diagnosis = diagnose(make_run(*series))
    assert diagnosis.verdict == Verdict.UNKNOWN
    assert "Too little was logged" in diagnosis.headline


def test_no_check_at_all_is_not_health() -> None:
    assert diagnose_run(make_run(Scalar("loss", FALL)), [], Config()).verdict == Verdict.UNKNOWN


def test_a_check_that_crashes_costs_its_own_answer_only() -> None:
    checks = [
        Check("broken", crash, ""),
        check(finding(Severity.ERROR)),
        Check("unsure", abstain, ""),
        check(name="clean"),
    ]
    diagnosis = diagnose_run(make_run(Scalar("loss", FALL)), checks, Config())
    assert [(r.check, r.status) for r in diagnosis.checks] == [
        ("broken", Status.CRASHED),
        ("made-up", Status.FIRED),
        ("unsure", Status.NOT_CHECKABLE),
        ("clean", Status.CLEAN),
    ]
    reasons = [r.reason for r in diagnosis.checks]
    assert reasons[0] is not None
    assert "RuntimeError: out of luck" in reasons[0]
    assert reasons[1:] == [None, "log more", None]
    assert len(diagnosis.findings) == 1


def test_findings_stand_worst_and_surest_first() -> None:
    found = [
        finding(Severity.INFO, 1.0),
        finding(Severity.WARNING, 0.5),
        finding(Severity.ERROR, 0.6),
        finding(Severity.ERROR, 0.9),
    ]
    diagnosis = diagnose_run(make_run(Scalar("loss", FALL)), [check(*found)], Config())
    assert [(f.severity, f.confidence) for f in diagnosis.findings] == [
        (Severity.ERROR, 0.9),
        (Severity.ERROR, 0.6),
        (Severity.WARNING, 0.5),
        (Severity.INFO, 1.0),
    ]


def test_every_check_ends_in_exactly_one_status() -> None:
    diagnosis = diagnose(make_run(bad_loss(), recorded("fc.weight", training(0))))
    fired = {result.check for result in diagnosis.checks if result.status == Status.FIRED}
    assert len({result.check for result in diagnosis.checks}) == len(diagnosis.checks)
    assert fired == {f.check for f in diagnosis.findings}
    assert all(bool(r.reason) == (r.status == Status.NOT_CHECKABLE) for r in diagnosis.checks)


def test_a_finding_holds_what_a_reader_needs() -> None:
    for series in ([Scalar("loss", LOST)], [bad_loss()], [Scalar("loss", FALL[::-1] * 9)]):
        (found,) = diagnose(make_run(*series)).findings
        assert 0 < found.confidence <= 1
        assert found.title
        assert not found.title.endswith(".")
        assert found.message.endswith(".")
        assert found.why
        assert found.fixes
        assert found.tags
        assert found.steps
        assert found.measured
        assert found.thresholds
        assert found.evidence


def test_what_is_told_of_a_run() -> None:
    diagnosis = diagnose(
        make_run(
            Scalar("epoch_loss", FALL, "train"),
            Scalar("epoch_loss", FALL + np.abs(np.arange(60) - 45) / 1e3, "validation"),
            Scalar("epoch_learning_rate", np.full(60, 0.1), "train"),
            recorded("dense/kernel/histogram", training(0)),
        )
    )
    assert diagnosis.verdict == Verdict.HEALTHY
    assert diagnosis.steps == (0, 59)
    assert diagnosis.axis == "epoch"
    assert diagnosis.splits == ("train", "validation")
    assert diagnosis.roles == {
        "train_loss": ("train", "epoch_loss"),
        "validation_loss": ("validation", "epoch_loss"),
        "learning_rate": ("train", "epoch_learning_rate"),
    }
    assert diagnosis.duration == pytest.approx(DURATION, abs=1)
    assert diagnosis.started == BEGUN
    assert diagnosis.best is not None
    assert (diagnosis.best.tag, diagnosis.best.step) == ("validation/epoch_loss", 45)
    assert (diagnosis.wasted_from, diagnosis.wasted_seconds) == (None, None)
    assert diagnosis.overview is not None
    assert len(diagnosis.layers) == 1


def test_what_came_after_the_loss_was_lost_was_wasted() -> None:
    diagnosis = diagnose(make_run(Scalar("loss", LOST, steps=10 * np.arange(60))))
    assert diagnosis.wasted_from == 310
    assert diagnosis.wasted_seconds == pytest.approx(DURATION * 28 / 59)
    assert diagnosis.overview is not None
    assert [mark.first for mark in diagnosis.overview.marks] == [310]


def test_roles_of_the_configuration_are_followed() -> None:
    run = make_run(Scalar("score_a", LOST), Scalar("loss", FALL))
    config = Config(roles={"train_loss": "score_a", "other": "loss"})
    assert diagnose(run).verdict == Verdict.HEALTHY
    assert diagnose(run, config).verdict == Verdict.FAILING


def test_checks_are_selected_and_ignored() -> None:
    assert [c.name for c in select_checks(Config(select=("overfitting", "dead-layer")))] == [
        "dead-layer",
        "overfitting",
    ]
    assert "overfitting" not in {c.name for c in select_checks(Config(ignore=("overfitting",)))}
    both = Config(select=("overfitting", "dead-layer"), ignore=("dead-layer",))
    assert [c.name for c in select_checks(both)] == ["overfitting"]


@pytest.mark.parametrize("field", ["select", "ignore"])
def test_a_check_that_does_not_exist_is_told_with_the_nearest_name(field: str) -> None:
    with pytest.raises(ConfigError, match=r"named 'overfiting'; did you mean overfitting\?"):
        select_checks(Config().override(**{field: ("overfiting",)}))
    with pytest.raises(ConfigError, match="known are adversarial-balance, "):
        select_checks(Config().override(**{field: ("xyz",)}))


def test_a_directory_of_runs_is_diagnosed_worst_first(tmp_path: Path) -> None:
    write_run(tmp_path / "a" / "train", {"epoch_loss": FALL.tolist()})
    write_run(tmp_path / "b" / "train", {"epoch_loss": LOST.tolist()})
    write_run(tmp_path / "c" / "train", {"energy": FALL.tolist()})
    told: list[tuple[str, int, int]] = []
    diagnosis = analyze(tmp_path, command="as typed", progress=lambda *said: told.append(said))
    assert [(run.name, run.verdict) for run in diagnosis.runs] == [
        ("b", Verdict.FAILING),
        ("c", Verdict.UNKNOWN),
        ("a", Verdict.HEALTHY),
    ]
    assert diagnosis.verdict == Verdict.FAILING
    assert (diagnosis.version, diagnosis.command) == (tblogreport.__version__, "as typed")
    assert Path(diagnosis.runs[0].path) == tmp_path / "b"
    assert told[0][0].startswith("Looking through")
    assert [said[1:] for said in told[1:]] == [(done, 3) for done in range(4)]
    assert set(diagnosis.to_frame()["run"]) == {"a", "b", "c"}


def test_several_directories_are_one_diagnosis(tmp_path: Path) -> None:
    for name in ("x", "y"):
        write_run(tmp_path / name, {"loss": FALL.tolist()})
    assert len(analyze(tmp_path / "x", str(tmp_path / "y")).runs) == 2


def test_what_cannot_be_analysed_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LogDirError):
        analyze(tmp_path)
    with pytest.raises(ConfigError, match="no role named 'los'; known are train_loss"):
        analyze(tmp_path, config=Config(roles={"los": "loss"}))


def test_a_good_run_with_its_tensors_is_healthy() -> None:
    tensors = [recorded(f"fc{i}.weight", training(i)) for i in range(4)]
    diagnosis = diagnose(make_run(good_loss(), *tensors))
    assert (diagnosis.verdict, diagnosis.findings) == (Verdict.HEALTHY, ())
    assert "Nothing is wrong that these logs can show" in diagnosis.headline


def test_a_role_for_a_tag_that_is_not_there_is_noted() -> None:
    config = Config(roles={"train_loss": "metrics/nll"})
    told = diagnose(make_run(Scalar("loss", np.linspace(2, 1, 20))), config).notes
    assert [note.kind for note in told] == ["unknown-role-tag"]
    assert "metrics/nll" in str(told[0])


def test_a_loss_that_was_never_finite_is_shown_by_one_that_was() -> None:
    steps = [*np.linspace(2.0, 1.0, 30), *[np.inf] * 30]
    run = make_run(Scalar("epoch_loss", [np.nan] * 5, "train"), Scalar("step_loss", steps, "train"))
    overview = diagnose(run).overview
    assert overview is not None
    assert np.isfinite(overview.curves[0].middle).any()


def test_what_was_logged_once_is_a_number_and_no_chart() -> None:
    run = make_run(
        Scalar("loss", np.linspace(2.0, 1.0, 30), "train"), Scalar("accuracy", [0.9], "test")
    )
    found = diagnose(run)
    assert [(one.split, one.tag, one.value) for one in found.singles] == [("test", "accuracy", 0.9)]
    assert not any("accuracy" in chart.title for chart in found.curves)


def test_an_error_that_nothing_explains_is_told_before_a_cause_of_a_warning() -> None:
    fall = np.linspace(2.0, 1.0, 60)
    lost = [*np.linspace(2.0, 1.0, 20), *[np.nan] * 40]
    found = diagnose(
        make_run(Scalar("loss/train", fall), Scalar("loss/val", lost), Scalar("lr", [1e-6] * 60))
    )
    assert found.findings[0].severity is Severity.ERROR
    assert "not a number" in found.headline or "NaN" in found.headline
    assert found.findings[0].fixes[0] == do_first(found) or do_first(found) in {
        fix for cause in found.causes if "nan-or-inf" in cause.explains for fix in cause.fixes
    }


def test_a_rate_stands_below_the_losses_whose_steps_it_shares_and_nowhere_else() -> None:
    fall, rate = np.linspace(2.0, 1.0, 30), np.geomspace(1e-2, 1e-4, 30)
    found = diagnose(
        make_run(
            Scalar("loss", fall, "train"),
            Scalar("loss", fall + 0.1, "validation"),
            Scalar("lr", rate, "train"),
        )
    )
    roles = [[curve.role for curve in chart.curves] for chart in found.curves]
    assert roles == [["train_loss", "validation_loss", "learning_rate"]]


def test_where_a_run_was_taken_up_again_is_marked_on_its_curves(tmp_path: Path) -> None:
    fall = list(np.linspace(2.0, 1.0, 60))
    write_run(tmp_path / "run", {"loss": fall[:40]})
    write_run(tmp_path / "run", {"loss": fall[30:]}, begun=BEGUN + 5_000, first_step=30)
    (found,) = analyze(tmp_path / "run").runs
    assert [(mark.label, mark.first) for mark in found.curves[0].marks] == [("resumed", 30.0)]
