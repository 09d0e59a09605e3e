from __future__ import annotations

from dataclasses import replace

from tblogreport.findings import Best, Event
from tblogreport.report import summary
from tblogreport.report.text import flat
from tblogreport.report.view import build

from . import factory


def _counts(run: summary.RunDiagnosis) -> str:
    return " · ".join(text for text, _ in summary.counts(run))


def test_the_first_screen_of_a_failing_run() -> None:
    run = build(factory.failing()).runs[0]
    assert run.verdict.word == "failing"
    assert flat(run.do_first).startswith("Lower the learning rate to about 0.02")
    assert "41 % of its level" in flat(run.because)
    assert (run.best_term, run.best) == ("Restore", "epoch 2 (validation loss 0.61, the best seen)")
    assert run.wasted == "47 of 50 epochs, 1 h 52 min"


def test_the_counts_say_what_the_cause_explains_and_what_stands_besides() -> None:
    assert _counts(factory.failing_run()) == (
        "2 findings explained by this cause · 1 warning besides · 3 checks clean · 2 not checkable"
    )
    assert _counts(factory.suspect_run()) == "1 warning · 7 checks clean"
    assert _counts(factory.healthy_run()) == "no finding · 7 checks clean · 1 not checkable"


def test_findings_stand_under_their_cause_and_once_only() -> None:
    run = build(factory.failing()).runs[0]
    assert [f.check for f in run.causes[0].findings] == ["dead-layer", "oscillating-loss"]
    assert [f.check for f in run.findings] == ["overfitting"]


def test_a_finding_of_an_unlisted_cause_is_not_lost() -> None:
    orphaned = replace(factory.failing_run(), causes=())
    run = build(factory.diagnosis(orphaned)).runs[0]
    assert len(run.findings) == 3


def test_health_names_what_could_not_be_checked() -> None:
    run = build(factory.healthy()).runs[0]
    assert flat(run.because) == "7 checks came out clean; 1 could not be made: vanishing-gradients."
    assert run.best_term == "Best"


def test_an_unknown_run_says_what_to_log() -> None:
    told = flat(build(factory.unknown()).runs[0].do_first)
    assert told == "Look at the log itself: events.out.tfevents.1 holds no events."


def test_several_runs_stand_worst_first_with_a_row_each() -> None:
    runs = tuple(reversed(factory.several().runs))
    view = build(factory.diagnosis(*runs))
    assert [row.verdict.word for row in view.rows] == ["failing", "suspect", "unknown", "healthy"]
    assert [row.anchor for row in view.rows] == [run.anchor for run in view.runs]
    assert view.rows[0].cause == "learning rate too high"


def test_a_best_value_that_is_no_number_is_not_recommended() -> None:
    run = replace(factory.failing_run(), best=Best("x", "validation_loss", 3, float("nan")))
    assert summary.best(run) == ""


def test_measured_numbers_stand_beside_their_thresholds() -> None:
    run = build(factory.failing()).runs[0]
    rows = {m.name: (m.measured, m.threshold) for m in run.causes[0].findings[1].measures}
    assert rows["swing"] == ("0.41", "0.15")
    assert rows["net progress"] == ("not a number", "–")
    assert rows["least points"] == ("–", "8")


def test_steps_beyond_the_epochs_are_not_called_epochs() -> None:
    """Keras logs the loss by epoch, and what an instrument sees by batch."""
    run = factory.failing_run()
    assert run.axis == "epoch"
    assert run.steps is not None
    late = (run.steps[1] + 1, 9_000)
    finding = replace(run.findings[0], steps=late)
    event = Event("saturated-activations", 9_000, 1e9, "a layer is saturated")
    late_run = replace(run, findings=(finding,), causes=(), timeline=(event,))
    view = build(factory.diagnosis(late_run)).runs[0]
    assert view.findings[0].where.startswith("steps ")
    assert view.timeline[0].where == "step 9\u202f000"


def test_checks_that_miss_the_same_stand_together_and_clean_ones_apart() -> None:
    run = build(factory.failing()).runs[0]
    missing = [one for one in run.checks if one.status.word == "not checkable"]
    assert [one.checks for one in missing] == [("unchanged-weights", "vanishing-gradients")]
    assert {name for one in run.checks for name in one.checks} | set(run.clean) == {
        result.check for result in factory.failing_run().checks
    }


def test_one_series_of_best_values_is_named_once_above_them() -> None:
    assert build(factory.several()).best_heading == "Best validation loss"
    mixed = replace(factory.healthy_run(), best=Best("acc", "validation_metric", 3, 0.9))
    view = build(factory.diagnosis(mixed, factory.failing_run()))
    assert view.best_heading == "Best"
    assert {row.best for row in view.rows} == {"acc 0.9", "validation loss 0.61"}


def test_who_wrote_the_log_and_what_was_configured_are_told() -> None:
    run = replace(factory.healthy_run(), writers=("tensorflow.core.util.events_writer",))
    settings = {"Checks left out": "overfitting"}
    view = build(replace(factory.diagnosis(run), configuration=settings))
    assert ("Logged by", "tensorflow.core.util.events_writer") in view.runs[0].facts
    assert view.configuration == (("Checks left out", "overfitting"),)
