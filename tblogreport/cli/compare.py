"""`tblogreport compare`."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from tblogreport.cli.status import DONE, FOUND, fail, shown
from tblogreport.cli.working import ending_cleanly, write_all

DEFAULT_OUTPUT = "tblogreport-compare.html"
SUFFIX_OF = {"json": ".json", "markdown": ".md"}


def compare(options: argparse.Namespace) -> int:
    """Compare, write the reports, print a summary."""
    from tblogreport import comparison
    from tblogreport.config import ConfigError, load_config
    from tblogreport.progress import progress_bar
    from tblogreport.reading import LogDirError
    from tblogreport.report import COMPARISON_SUFFIXES, ReportError, check_output, render
    from tblogreport.report.terminal import encodable, print_comparison

    outputs = options.output or [Path(DEFAULT_OUTPUT)]
    try:
        for output in outputs:
            check_output(output, COMPARISON_SUFFIXES)
        config = load_config(options.config).override(select=options.select, ignore=options.ignore)
        with ending_cleanly(), progress_bar(shown) as progress:
            compared = comparison.compare(
                options.before,
                options.after,
                config=config,
                command=_command(options),
                progress=progress,
                jobs=options.jobs,
            )
            write_all(compared, outputs, len(compared.pairs), progress)
    except (ConfigError, LogDirError, ReportError) as error:
        return fail(str(error))
    if options.format == "text":
        print_comparison(compared, sys.stdout)
    else:
        text = render(compared, SUFFIX_OF[options.format]).decode()
        sys.stdout.write(encodable(text, sys.stdout.encoding))
    for output in outputs:
        print(f"Report written to {shown(str(output))}", file=sys.stderr)
    if options.fail_on_regression and not compared.pairs:
        return fail(
            f"nothing was compared, as no run of {options.before} has the name of one of "
            f"{options.after}"
        )
    return FOUND if options.fail_on_regression and compared.regressed else DONE


def _command(options: argparse.Namespace) -> str:
    """The command that reproduces the report."""
    words = ["tblogreport", "compare", str(options.before), str(options.after)]
    for output in options.output or []:
        words += ["-o", str(output)]
    for flag in ("select", "ignore"):
        if getattr(options, flag):
            words += [f"--{flag}", ",".join(getattr(options, flag))]
    if options.config:
        words += ["--config", str(options.config)]
    return shlex.join(words)
