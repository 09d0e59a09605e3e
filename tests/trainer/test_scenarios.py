"""Scenarios can be listed and asked for, wrongly too, without anything being trained."""

from __future__ import annotations

from pathlib import Path

import pytest

from tblogreport.causes.table import HYPOTHESES
from tblogreport.checks.base import all_checks
from tblogreport.trainer import Scenario, TrainerError, all_scenarios, listing, train
from tests.trainer.processes import python_without_tensorflow

NAMES = {
    "circles-relu",
    "circles-tanh",
    "dead-relu",
    "digits-mlp",
    "learning-rate-too-high",
    "overfitting",
    "shuffled-labels",
}


def test_the_scenarios_keep_their_names() -> None:
    assert set(all_scenarios()) == NAMES


@pytest.mark.parametrize("scenario", all_scenarios().values(), ids=lambda s: s.name)
def test_a_scenario_expects_what_the_tool_can_say(scenario: Scenario) -> None:
    assert set(scenario.expected_findings) <= set(all_checks())
    assert scenario.expected_cause in {None, *(h.cause for h in HYPOTHESES)}
    assert bool(scenario.expected_findings) == (scenario.expected_cause is not None)


@pytest.mark.parametrize("scenario", all_scenarios().values(), ids=lambda s: s.name)
def test_the_listing_says_what_a_scenario_shows_and_expects(scenario: Scenario) -> None:
    (entry,) = (e for e in listing().split("\n\n") if e.startswith(f"{scenario.name} "))
    assert scenario.shows.endswith(".")
    assert all(word in entry for word in (scenario.shows, *scenario.expected_findings))
    assert (scenario.expected_cause or "Findings: none.") in entry


def test_listing_needs_no_tensorflow() -> None:
    listed = python_without_tensorflow(
        "from tblogreport.cli import main; sys.exit(main(['train', '--list']))"
    )
    assert listed.returncode == 0, listed.stderr
    assert all(name in listed.stdout for name in NAMES)


def test_training_without_tensorflow_says_how_to_install_it(tmp_path: Path) -> None:
    out = tmp_path / "logs"
    failed = python_without_tensorflow(
        "from tblogreport.cli import main\n"
        f"sys.exit(main(['train', 'digits-mlp', '--out', {str(out)!r}]))"
    )
    assert failed.returncode == 2
    assert failed.stderr.count("\n") == 1
    assert "pip install 'tblogreport[train]'" in failed.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    ("name", "hint"), [("circle-tanh", "did you mean circles-tanh?"), ("xyz", "train --list")]
)
def test_an_unknown_name_is_answered_with_a_hint(name: str, hint: str, tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match=hint):
        train([name], tmp_path / "logs")


def test_a_run_has_at_least_one_epoch(tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match="at least 1 epoch, not 0"):
        train(["digits-mlp"], tmp_path / "logs", epochs=0)


def test_a_second_run_does_not_go_into_the_same_directory(tmp_path: Path) -> None:
    kept = tmp_path / "digits-mlp" / "kept.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    with pytest.raises(TrainerError, match="holds something already"):
        train(["digits-mlp"], tmp_path)
    assert [path.name for path in kept.parent.iterdir()] == ["kept.txt"]


def test_a_file_in_the_way_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "digits-mlp").write_text("")
    with pytest.raises(TrainerError, match="cannot write to"):
        train(["digits-mlp"], tmp_path)
