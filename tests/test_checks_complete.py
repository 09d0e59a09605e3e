"""A newcomer adds a check by adding one file and its twin in the tests, and nothing else."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tblogreport import checks
from tblogreport.checks import base
from tblogreport.checks.base import SECTIONS, Check, all_checks

PACKAGE = Path(checks.__file__).parent
TESTS = Path(__file__).parent / "checks"

NEW_CHECK = '''
"""Energy that is too low.

What it looks for
-----------------
Nothing.
"""

from tblogreport.checks.base import check


@check
def rule(signals):
    """Never fire."""
    return []
'''


@pytest.fixture(params=all_checks().values(), ids=list(all_checks()))
def check(request: pytest.FixtureRequest) -> Check:
    found: Check = request.param
    return found


def test_every_file_with_a_page_is_a_check_of_its_name() -> None:
    parsed = {
        path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.glob("*.py")
    }
    files = {
        name for name, tree in parsed.items() if SECTIONS[0] in (ast.get_docstring(tree) or "")
    }
    assert set(all_checks()) == {name.replace("_", "-") for name in files}
    assert list(all_checks()) == sorted(all_checks())


def test_the_first_checks_are_there() -> None:
    assert set(all_checks()) >= {
        "nan-or-inf",
        "diverging-loss",
        "non-converging-loss",
        "oscillating-loss",
        "overfitting",
        "dead-layer",
        "vanishing-gradients",
        "unchanged-weights",
    }


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_of_the_page_is_written(check: Check, section: str) -> None:
    assert len(check.section(section).split()) >= 8
    assert "----" not in check.section(section)


def test_the_page_begins_with_one_sentence(check: Check) -> None:
    assert 10 < len(check.summary) < 100
    assert "\n" not in check.summary
    assert not check.summary.endswith(".")


def test_the_sections_stand_in_their_order(check: Check) -> None:
    places = [check.doc.index(f"\n{section}\n") for section in SECTIONS]
    assert places == sorted(places)


def test_every_check_has_its_twin_with_cases_that_fire_and_that_do_not(check: Check) -> None:
    twin = TESTS / f"test_{check.name.replace('-', '_')}.py"
    text = twin.read_text(encoding="utf-8")
    tests = [
        ast.unparse(node)
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    assert f'CHECK = "{check.name}"' in text
    assert any("Status.FIRED" in test or ".finding" in test for test in tests)
    assert any("Status.CLEAN" in test for test in tests)
    assert any("Status.NOT_CHECKABLE" in test for test in tests)


def test_one_more_file_is_one_more_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "low_energy.py").write_text(NEW_CHECK, encoding="utf-8")
    monkeypatch.setattr(checks, "__path__", [*checks.__path__, str(tmp_path)])
    monkeypatch.setattr(base, "_registered", dict(base._registered))
    all_checks.cache_clear()
    try:
        found = all_checks()["low-energy"]
        assert found.summary == "Energy that is too low"
        assert found.section("What it looks for") == "Nothing."
        assert found.section("How to fix") == ""
    finally:
        all_checks.cache_clear()
        sys.modules.pop("tblogreport.checks.low_energy", None)
