"""What a diagnosis is made of: plain frozen dataclasses.

This package imports nothing of ours. Everything to its right in the way of the data (the reports,
the notebook display, other programs) lives on `Diagnosis` alone: a report can be written long after
the event files are gone.
"""

from tblogreport.findings.comparison import (
    Change,
    Comparison,
    FindingChange,
    RunComparison,
    Setting,
    ValueChange,
)
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
from tblogreport.findings.finding import Cause, CheckResult, Finding, leading_cause
from tblogreport.findings.logged import (
    Logged,
    LoggedText,
    Model,
    ModelLayer,
    Picture,
    Pictures,
    Sound,
)
from tblogreport.findings.run import Best, Event, Level, Note, RunDiagnosis, Single
from tblogreport.findings.states import Severity, Status, Verdict

__all__ = [
    "BandChart",
    "Best",
    "Cause",
    "Change",
    "CheckResult",
    "Comparison",
    "Curve",
    "CurveChart",
    "Density",
    "Diagnosis",
    "Event",
    "Evidence",
    "Finding",
    "FindingChange",
    "GraphChart",
    "GraphNode",
    "HeatMap",
    "HistogramChart",
    "Level",
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
    "RunComparison",
    "RunDiagnosis",
    "Setting",
    "Severity",
    "Shared",
    "Single",
    "Sound",
    "Status",
    "ValueChange",
    "Verdict",
    "leading_cause",
]
