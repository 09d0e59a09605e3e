from __future__ import annotations

import copy
import importlib.resources
import json
import math
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from syrupy.assertion import SnapshotAssertion

from tblogreport.findings import Finding, RunDiagnosis, Severity, Verdict
from tblogreport.report import json as report_json
from tests.outputs import strict_json

from . import factory


def schema() -> dict[str, Any]:
    source = importlib.resources.files("tblogreport.report") / "schema.json"
    return dict(json.loads(source.read_text(encoding="utf-8")))


def closed(node: Any) -> Any:
    """The schema with every object closed: a key that it does not describe is an error."""
    if isinstance(node, list):
        return [closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    shut = {key: closed(value) for key, value in node.items()}
    if "properties" in node and "additionalProperties" not in node:
        shut["additionalProperties"] = False
    return shut


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("name", factory.ALL)
def test_every_report_keeps_the_schema_and_holds_no_key_beyond_it(name: str) -> None:
    document = strict_json(report_json.render(factory.ALL[name]()))
    Draft202012Validator(closed(copy.deepcopy(schema()))).validate(document)


def test_names_are_exactly_as_logged_and_the_file_is_ascii() -> None:
    text = report_json.render(factory.hostile())
    assert text.isascii()
    assert "\x1b" not in text
    run = strict_json(text)["runs"][0]
    assert run["name"] == factory.HOSTILE_TAG
    assert run["findings"][0]["tags"] == [factory.HOSTILE_TAG, factory.LONG_TAG]
    assert run["notes"][1] == "x\udc80y"


def test_numbers_that_are_not_finite_are_words_and_numpys_are_numbers() -> None:
    finding = Finding(
        "c", Severity.INFO, float(np.float64(0.5)), "t", "m", "w", (),
        steps=(np.int64(3), np.int64(4)),  # type: ignore[arg-type]
        measured={"a": math.nan, "b": np.float32(0.5), "c": np.float64("inf"), "d": -math.inf},
    )  # fmt: skip
    run = RunDiagnosis("r", "p", Verdict.HEALTHY, "h", None, "step", (), {}, (), (), (finding,), ())
    shown = strict_json(report_json.render(factory.diagnosis(run)))["runs"][0]["findings"][0]
    assert shown["measured"] == {"a": "nan", "b": 0.5, "c": "inf", "d": "-inf"}
    assert shown["steps"] == [3, 4]


def test_the_published_form_of_a_failing_run(snapshot: SnapshotAssertion) -> None:
    assert report_json.render(factory.failing()) == snapshot
