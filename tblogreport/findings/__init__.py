"""What a diagnosis is made of: plain frozen dataclasses.

This package imports nothing of ours. Everything to its right in the way of the data (the reports,
the notebook display, other programs) lives on `Diagnosis` alone: a report can be written long after
the event files are gone.
"""

from tblogreport.findings.diagnosis import Diagnosis, Shared
from tblogreport.findings.evidence import (
    BandChart,
    Curve,
    CurveChart,
    Density,
    Evidence,
    GraphChart,
    GraphNode,
    HeatMap,
    HistogramChart,
    Mark,
    PrecisionRecall,
    PrecisionRecallChart,
)
from tblogreport.findings.finding import Cause, CheckResult, Finding
from tblogreport.findings.logged import (
    Logged,
    LoggedText,
    Model,
    ModelLayer,
    Picture,
    Pictures,
    Sound,
)
from tblogreport.findings.run import Best, Event, Note, RunDiagnosis
from tblogreport.findings.states import Severity, Status, Verdict

__all__ = [
    "BandChart",
    "Best",
    "Cause",
    "CheckResult",
    "Curve",
    "CurveChart",
    "Density",
    "Diagnosis",
    "Event",
    "Evidence",
    "Finding",
    "GraphChart",
    "GraphNode",
    "HeatMap",
    "HistogramChart",
    "Logged",
    "LoggedText",
    "Mark",
    "Model",
    "ModelLayer",
    "Note",
    "Picture",
    "Pictures",
    "PrecisionRecall",
    "PrecisionRecallChart",
    "RunDiagnosis",
    "Severity",
    "Shared",
    "Sound",
    "Status",
    "Verdict",
]
