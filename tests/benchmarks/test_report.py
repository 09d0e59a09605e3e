from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.report import __main__ as report
from benchmarks.report import twenty
from benchmarks.report.measure import Weight
from tblogreport.report import html, pdf


@pytest.mark.slow
def test_twenty_findings_with_large_charts_stay_below_a_megabyte() -> None:
    diagnosis = twenty.diagnosis()
    (run,) = diagnosis.runs
    assert len(run.findings) == 20
    assert all(finding.evidence for finding in run.findings)
    assert len(html.render(diagnosis).encode()) <= 1_000_000
    assert len(pdf.render(diagnosis)) <= 1_000_000


def test_a_bound_that_is_not_kept_is_named() -> None:
    kept = Weight(400_000, 300_000, 1.0, 0.1, 0.5, 0, 0)
    assert report.bounds_missed("run", kept) == []
    assert report.bounds_missed("run", replace(kept, html=400_001)) == ["HTML of a usual run"]
    assert report.bounds_missed(report.TWENTY, replace(kept, html=400_001)) == []
    assert report.bounds_missed(report.TWENTY, replace(kept, pdf=1_000_001)) == [
        "PDF of twenty findings"
    ]
    slow = replace(kept, pdf_seconds=0.6, dark=1)
    assert report.bounds_missed("run", slow) == ["PDF beside its charts", "axe"]
    assert report.bounds_missed(report.ALL, slow) == ["axe"]
