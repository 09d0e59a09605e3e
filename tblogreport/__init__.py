"""The post-mortem of a training run, from its TensorBoard event files.

`read` turns a log directory into runs, `analyze` into a `Diagnosis`. Names are
resolved on first use, so that importing the package (and `--help`) stays instant.
"""

from typing import TYPE_CHECKING, Any

from tblogreport.version import __version__

if TYPE_CHECKING:
    from tblogreport.analysis import analyze
    from tblogreport.comparison import compare
    from tblogreport.findings import Comparison, Diagnosis, Finding
    from tblogreport.reading import read
    from tblogreport.reading.run import Run

__all__ = [
    "Comparison",
    "Diagnosis",
    "Finding",
    "Run",
    "__version__",
    "analyze",
    "compare",
    "read",
]

_HOME = {
    "Comparison": "tblogreport.findings",
    "Diagnosis": "tblogreport.findings",
    "Finding": "tblogreport.findings",
    "Run": "tblogreport.reading.run",
    "analyze": "tblogreport.analysis",
    "compare": "tblogreport.comparison",
    "read": "tblogreport.reading",
    "load_ipython_extension": "tblogreport.notebook",  # what `%load_ext tblogreport` calls
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
