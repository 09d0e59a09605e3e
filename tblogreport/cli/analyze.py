"""`tblogreport analyze`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tblogreport.cli.status import DONE, FOUND, fail, shown
from tblogreport.cli.working import command_line, ending_cleanly, write_all

if TYPE_CHECKING:
    from tblogreport.config import Config
    from tblogreport.findings import Diagnosis

DEFAULT_OUTPUT = "tblogreport.html"
SUFFIX_OF = {"json": ".json", "markdown": ".md"}
FORMATS = ("text", *SUFFIX_OF, "github")


def analyze(options: argparse.Namespace) -> int:
    """Diagnose, write the reports, print a summary."""
    from tblogreport import analysis
    from tblogreport.baseline import BaselineError, load_baseline
    from tblogreport.config import ConfigError, load_config
    from tblogreport.progress import progress_bar
    from tblogreport.reading import LogDirError
    from tblogreport.report import ReportError, check_output

    outputs = options.output or [Path(DEFAULT_OUTPUT)]
    try:
        for output in outputs:
            check_output(output)
        config = load_config(options.config).override(
            select=options.select, ignore=options.ignore, fail_on=options.fail_on
        )
        baseline = load_baseline(options.baseline) if options.baseline else None
        with ending_cleanly(), progress_bar(shown) as progress:
            diagnosis = analysis.analyze(
                *options.logdir,
                config=config,
                command=command_line("analyze", options.logdir, options, "config", "baseline"),
                progress=progress,
                jobs=options.jobs,
                dask=options.dask,
            )
            if baseline is not None:
                diagnosis = baseline.only_new(diagnosis)
            write_all(diagnosis, outputs, len(diagnosis.runs), progress)
        if options.format == "github":
            _add_to_step_summary(diagnosis)
    except (BaselineError, ConfigError, analysis.DaskError, LogDirError, ReportError) as error:
        return fail(str(error))
    _print(diagnosis, options.format)
    for output in outputs:
        print(f"Report written to {shown(str(output))}", file=sys.stderr)
    return FOUND if _fails(diagnosis, config) else DONE


def _add_to_step_summary(diagnosis: Diagnosis) -> None:
    """Appends the Markdown report to the summary of a GitHub job, where there is one."""
    from tblogreport.report import github

    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        github.add_to_step_summary(diagnosis, Path(path))


def _print(diagnosis: Diagnosis, form: str) -> None:
    from tblogreport.report import github, render
    from tblogreport.report.terminal import encodable, print_summary

    if form == "text":
        print_summary(diagnosis, sys.stdout)
    else:
        known = SUFFIX_OF.get(form)
        text = render(diagnosis, known).decode() if known else github.render(diagnosis)
        sys.stdout.write(encodable(text, sys.stdout.encoding))


def _fails(diagnosis: Diagnosis, config: Config) -> bool:
    if config.fail_on == "never":
        return False
    counted = {"error"} if config.fail_on == "error" else {"error", "warning"}
    return any(f.severity.value in counted for run in diagnosis.runs for f in run.findings)
