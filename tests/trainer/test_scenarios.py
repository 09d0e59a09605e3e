"""Scenarios can be listed and asked for, wrongly too, without anything being trained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tblogreport.causes.table import HYPOTHESES
from tblogreport.checks.base import all_checks
from tblogreport.trainer import Scenario, TrainerError, all_scenarios, print_listing, train
from tests.outputs import File
from tests.processes import python_without_tensorflow

SCENARIOS = all_scenarios()
# Of issue 3: names that others rely on.
NAMES = {
    "circles-relu",
    "circles-tanh",
    "dead-relu",
    "digits-mlp",
    "learning-rate-too-high",
    "overfitting",
    "shuffled-labels",
}
# How many checks that do not exist yet are waited for, and how many scenarios wait for them.
AWAITED_CHECKS, AWAITING_SCENARIOS = 0, 0
KNOWN_WRONG = 0
each_scenario = pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=lambda s: s.name)


def test_the_first_scenarios_keep_their_names() -> None:
    assert set(SCENARIOS) >= NAMES


@each_scenario
def test_a_scenario_expects_what_the_tool_can_say(scenario: Scenario) -> None:
    assert set(scenario.expected_findings) <= set(all_checks())
    assert scenario.expected_cause in {None, *(h.cause for h in HYPOTHESES)}
    assert bool(scenario.expected_findings) == (scenario.expected_cause is not None)


@each_scenario
def test_every_broken_run_has_a_cause_that_is_named_or_awaited(scenario: Scenario) -> None:
    """A cause is awaited only with a check, and only where none can be named yet."""
    broken = bool(scenario.expected_findings or scenario.awaits)
    assert broken == ((scenario.expected_cause or scenario.awaited_cause) is not None)
    assert not (scenario.expected_cause and scenario.awaited_cause)


@each_scenario
def test_no_check_is_awaited_that_exists(scenario: Scenario) -> None:
    existing = set(scenario.awaits) & set(all_checks())
    assert not existing, f"{scenario.name}: move {existing} from `awaits` to `expects`"


def test_what_is_awaited_and_what_is_wrong_is_counted() -> None:
    awaiting = [scenario for scenario in SCENARIOS.values() if scenario.awaits]
    assert len({check for scenario in awaiting for check in scenario.awaits}) == AWAITED_CHECKS
    assert len(awaiting) == AWAITING_SCENARIOS
    assert len([s for s in SCENARIOS.values() if s.known_wrong]) == KNOWN_WRONG


@each_scenario
def test_a_repair_is_healthy_and_what_it_repairs_is_not(scenario: Scenario) -> None:
    for name in scenario.repairs:
        broken = SCENARIOS[name]
        assert broken.expected_findings or broken.awaits
    if scenario.repairs:
        assert not scenario.expected_findings
        assert not scenario.awaits


def test_every_broken_run_has_its_repair() -> None:
    broken = {s.name for s in SCENARIOS.values() if s.expected_findings or s.awaits}
    assert broken == {name for s in SCENARIOS.values() for name in s.repairs}


def test_a_scenario_stands_beside_its_repair() -> None:
    """In the list, as in the file: only scenarios of the same file repair each other."""
    for scenario in SCENARIOS.values():
        files = {SCENARIOS[name].make.__module__ for name in scenario.repairs}
        assert files <= {scenario.make.__module__}


def _listed(*, terminal: bool) -> str:
    file = File(terminal=terminal)
    print_listing(file)
    return file.getvalue()


@each_scenario
def test_the_listing_says_what_a_scenario_shows_and_expects(scenario: Scenario) -> None:
    (line,) = (e for e in _listed(terminal=False).splitlines() if e.split()[0] == scenario.name)
    assert scenario.shows.endswith(".")
    told = (
        scenario.shows,
        *scenario.expected_findings,
        *(f"{check} (awaited)" for check in scenario.awaits),
        *scenario.repairs,
        *scenario.data,
        scenario.known_wrong or "",
        scenario.expected_cause or f"{scenario.awaited_cause or '–'}",
    )
    assert all(words in line for words in told)
    assert line.endswith(f" {scenario.seconds}")
    assert ("none: healthy" in line) == (not scenario.expected_findings and not scenario.awaits)


def test_the_listing_is_plain_where_it_is_piped() -> None:
    listed = _listed(terminal=False)
    assert len(listed.splitlines()) == len(SCENARIOS) + 1
    assert "\x1b" not in listed
    assert not set(listed) & set("─━│")


def test_the_listing_fits_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm-256color")
    listed = _listed(terminal=True)
    assert "\x1b[1m" in listed
    plain = re.sub(r"\x1b\[[0-9;]*m", "", listed)
    assert max(len(line) for line in plain.splitlines()) <= 120
    assert all(name in plain for name in SCENARIOS)


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


@pytest.mark.parametrize(
    ("name", "data", "hint"),
    [("dead-relu", "mnist", "digits-mlp can"), ("digits-mlp", "cifar", "train --list")],
)
def test_data_that_a_scenario_is_not_made_for(
    name: str, data: str, hint: str, tmp_path: Path
) -> None:
    with pytest.raises(TrainerError, match=f"cannot be trained on the data '{data}'.*{hint}"):
        train([name], tmp_path / "logs", data=data)
    assert not (tmp_path / "logs").exists()


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
