"""What reports weigh and take: `python -m benchmarks.report --help`.

Makes a report of every sample run, of all of them together, and of a run with twenty findings, each
with a large chart; needs Chromium, and axe-core by `npm ci --prefix tests/report`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import tblogreport
from benchmarks.report import axe, twenty
from benchmarks.report.measure import Weight, weigh
from tblogreport.findings import Diagnosis

RESULTS = axe.ROOT / "benchmarks" / "RESULTS.md"
BEGIN, END = "<!-- report -->", "<!-- end of report -->"
ALL, TWENTY = "all together", "twenty findings"
COLUMNS = (
    *("report", "kB of HTML", "kB of PDF", "charts, s", "HTML beside them, s"),
    *("PDF beside them, s", "axe, light", "axe, dark"),
)
HEAD = f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}"
BOUNDS = (
    "Bounds: 400 kB of HTML for a usual run, 1 000 kB of HTML and of PDF for twenty findings, "
    "0.5 s for a PDF beside its charts (of one run), and nothing that axe finds."
)


def main() -> int:
    """Print the table; the status says whether all bounds were kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"put the table into {RESULTS.name}")
    arguments = parser.parse_args()
    if not axe.AXE.exists():
        parser.error("axe-core is not installed: npm ci --prefix tests/report")
    lines, missed = [HEAD], []
    print(HEAD)
    with axe.chromium() as browser, tempfile.TemporaryDirectory() as folder:
        for name, diagnosis in _reports(axe.ROOT / "sample_runs"):
            weight = weigh(diagnosis, browser, Path(folder))
            lines.append(_row(name, weight))
            missed += [f"{name}: {bound}" for bound in bounds_missed(name, weight)]
            print(lines[-1], flush=True)
    lines += ["", BOUNDS, f"Missed: {'; '.join(missed)}." if missed else "All were kept."]
    print("\n".join(lines[-3:]))
    if arguments.write:
        _write("\n".join(lines))
    return 1 if missed else 0


def _reports(samples: Path) -> Iterator[tuple[str, Diagnosis]]:
    yield TWENTY, twenty.diagnosis()
    for run in sorted(path for path in samples.iterdir() if path.is_dir()):
        yield run.name, tblogreport.analyze(run)
    yield ALL, tblogreport.analyze(samples)


def _row(name: str, weight: Weight) -> str:
    sizes = f"{weight.html / 1e3:.0f} | {weight.pdf / 1e3:.0f}"
    seconds = f"{weight.chart_seconds:.2f} | {weight.html_seconds:.2f} | {weight.pdf_seconds:.2f}"
    return f"| {name} | {sizes} | {seconds} | {weight.light} | {weight.dark} |"


def bounds_missed(name: str, weight: Weight) -> list[str]:
    """The bounds that a report does not keep."""
    usual = name not in (ALL, TWENTY)
    kept = {
        "HTML of a usual run": not usual or weight.html <= 400_000,
        "HTML of twenty findings": name != TWENTY or weight.html <= 1_000_000,
        "PDF of twenty findings": name != TWENTY or weight.pdf <= 1_000_000,
        "PDF beside its charts": name == ALL or weight.pdf_seconds <= 0.5,
        "axe": not weight.light and not weight.dark,
    }
    return [bound for bound, is_kept in kept.items() if not is_kept]


def _write(text: str) -> None:
    before, _, rest = RESULTS.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    RESULTS.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")


if __name__ == "__main__":
    sys.exit(main())
