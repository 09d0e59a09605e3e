"""Findings as a table for other programs."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pandas as pd
import pytest

from tblogreport.findings import Diagnosis
from tblogreport.report import ReportError, render, write
from tests.report import factory


def read(diagnosis: Diagnosis, suffix: str) -> pd.DataFrame:
    content = io.BytesIO(render(diagnosis, suffix))
    return pd.read_csv(content) if suffix == ".csv" else pd.read_parquet(content)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_there_is_one_row_a_finding_and_one_for_a_run_without_any(suffix: str) -> None:
    diagnosis = factory.several()
    frame = read(diagnosis, suffix)
    assert len(frame) == sum(max(len(run.findings), 1) for run in diagnosis.runs)
    healthy = frame[frame["run"] == "digits-mlp"]
    assert healthy["check"].isna().all()
    assert set(healthy["verdict"]) == {"healthy"}
    first = frame[frame["check"].notna()].iloc[0]
    assert {"cause", "severity", "first_step", "last_step", "path"} <= set(frame.columns)
    assert isinstance(json.loads(first["measured"]), dict)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_the_same_diagnosis_gives_the_same_bytes(suffix: str) -> None:
    assert render(factory.several(), suffix) == render(factory.several(), suffix)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_nothing_and_hostile_names_are_written(suffix: str) -> None:
    assert read(factory.nothing(), suffix).empty
    assert len(read(factory.hostile(), suffix))


@pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", "-2+3", "+4"])
def test_no_cell_of_a_csv_is_a_formula(name: str) -> None:
    diagnosis = factory.diagnosis(factory.healthy_run(name))
    assert read(diagnosis, ".csv")["run"].tolist() == [f"'{name}"]
    assert read(diagnosis, ".parquet")["run"].tolist() == [name]


def test_parquet_without_pyarrow_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object, **__: object) -> None:
        raise ImportError("no pyarrow")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", missing)
    with pytest.raises(ReportError, match=r"pip install 'tblogreport\[parquet\]'"):
        write(factory.healthy(), tmp_path / "findings.parquet")
    assert not list(tmp_path.iterdir())
