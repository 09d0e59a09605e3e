"""What a diagnosis is made of: plain frozen dataclasses.

This package imports nothing of ours. Everything to its right in the way of the data (the reports,
the notebook display, other programs) lives on `Diagnosis` alone: a report can be written long after
the event files are gone.
"""

from tblogreport.findings.diagnosis import Diagnosis, Shared
from tblogreport.findings.evidence import BandChart, Curve, CurveChart, Evidence, HeatMap, Mark
from tblogreport.findings.finding import Cause, CheckResult, Finding
from tblogreport.findings.run import Best, Event, Note, RunDiagnosis
from tblogreport.findings.states import Severity, Status, Verdict

__all__ = [
    "BandChart",
    "Best",
    "Cause",
    "CheckResult",
    "Curve",
    "CurveChart",
    "Diagnosis",
    "Event",
    "Evidence",
    "Finding",
    "HeatMap",
    "Mark",
    "Note",
    "RunDiagnosis",
    "Severity",
    "Shared",
    "Status",
    "Verdict",
]
